"""Telling a service of a recorded run over its public API, while others follow."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import cycle

from tests.end_to_end.client import Client, Json, Stream, client_of, following
from tests.end_to_end.trajectory import Line, Step, Trajectory

LINE = "sequence at level stream stepKey attempt source message truncatedBytes"
LOG_LINES = f"""
subscription($run: ID!, $after: String) {{
  logLines(runId: $run, after: $after) {{ lines {{ {LINE} }} endCursor end }}
}}"""
STEP_TRANSITIONS = """
subscription($run: ID!, $after: String) {
  stepTransitions(runId: $run, after: $after) {
    transitions { step { key name } from to at attempt } run { status } endCursor end
  }
}"""
RUN_UPDATES = """
subscription($filter: RunFilter) {
  runUpdates(filter: $filter) { kind run { id status } deletedRunId }
}"""

#: Lines of one call: reporters send what there is, so that chunks begin and end anywhere.
BATCHES = (1, 40, 3, 100, 2, 17)
AGENT, CLUSTER, TRIGGER = "swe-agent", "docker", "replay"


@dataclass
class Followed:
    """What followers of one run were sent, batch by batch, by when they joined."""

    lines: dict[str, list[Json]] = field(default_factory=dict)
    transitions: dict[str, list[Json]] = field(default_factory=dict)


@dataclass(frozen=True)
class Replayed:
    """A run that was told of, and what was seen of it meanwhile."""

    trajectory: Trajectory
    run_id: str
    #: None where the trajectory has no times.
    started_at: datetime | None
    followed: Followed
    #: The events of `runUpdates`, subscribed before the run began, up to its end.
    updates: list[Json]


async def replay(url: str, trajectory: Trajectory) -> Replayed:
    """Replay a trajectory; followers join before it begins, in its middle and after its end."""
    mine = {"triggeredBy": [_trigger(trajectory)["name"]]}
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(client_of(url))
        updates = await stack.enter_async_context(following(url, RUN_UPDATES, filter=mine))
        assert await anext(updates) == {"kind": "RESET", "run": None, "deletedRunId": None}
        followers = _Followers(url, stack)
        reporter = Reporter(client, trajectory)
        await reporter.begin()
        await followers.join("before", reporter.run_id)
        middle = len(trajectory.steps) // 2
        for step in trajectory.steps[:middle]:
            await reporter.tell_step(step)
        # Not waited for: what is tried is to come while lines are being written.
        joining = asyncio.create_task(followers.join("in the middle", reporter.run_id))
        for step in trajectory.steps[middle:]:
            await reporter.tell_step(step)
        await joining
        await reporter.end()
        await followers.join("after", reporter.run_id)
        return Replayed(
            trajectory,
            reporter.run_id,
            reporter.started_at,
            await followers.gathered(),
            await _until_ended(updates),
        )


class _Followers:
    """Followers of one run, each on a socket of its own."""

    def __init__(self, url: str, stack: AsyncExitStack) -> None:
        self._url = url
        self._stack = stack
        self._lines: dict[str, asyncio.Task[list[Json]]] = {}
        self._transitions: dict[str, asyncio.Task[list[Json]]] = {}

    async def join(self, when: str, run_id: str) -> None:
        """Begin to follow the log and the transitions of a run."""
        for document, tasks in (
            (LOG_LINES, self._lines),
            (STEP_TRANSITIONS, self._transitions),
        ):
            stream = await self._stack.enter_async_context(
                following(self._url, document, run=run_id)
            )
            tasks[when] = asyncio.create_task(stream.rest())

    async def gathered(self) -> Followed:
        """What all were sent; waits for their ends."""
        return Followed(
            {when: await task for when, task in self._lines.items()},
            {when: await task for when, task in self._transitions.items()},
        )


async def _until_ended(updates: Stream) -> list[Json]:
    seen = []
    async for event in updates:
        seen.append(event)
        if event["run"] is not None and event["run"]["status"] in ("COMPLETED", "FAILED"):
            break
    return seen


def _trigger(trajectory: Trajectory) -> Json:
    return {"source": "MANUAL", "name": f"{TRIGGER} of {trajectory.name}"}


class Reporter:
    """What an agent would tell of the run, call by call."""

    def __init__(self, client: Client, trajectory: Trajectory) -> None:
        self._client = client
        self._trajectory = trajectory
        self._batches = cycle(BATCHES)
        self._offset = 0
        self.run_id = ""
        took = trajectory.took
        #: Where times were recorded the run lies in the past, and ends now.
        self.started_at = None if took is None else datetime.now(UTC) - took
        self._now = self.started_at

    async def begin(self) -> None:
        trajectory = self._trajectory
        self.run_id = await self._client.begin(
            agent={"name": AGENT, "kind": "WORKFLOW"},
            cluster=CLUSTER,
            trigger=_trigger(trajectory),
            inputs=trajectory.inputs,
            labels=[{"name": "environment", "value": trajectory.environment}],
            startedAt=_text(self._now),
            idempotencyKey=trajectory.name,
        )

    async def tell_step(self, step: Step) -> None:
        await self._tell_status(step, "RUNNING")
        await self._append(step.before)
        if self._now is not None and step.took is not None:
            self._now += step.took
        await self._append(step.after)
        await self._tell_status(step, "COMPLETED")

    async def end(self) -> None:
        trajectory = self._trajectory
        told: Json = {
            "runId": self.run_id,
            "completedAt": _text(self._now),
            "logEnds": [{"source": "main", "nextOffset": self._offset}],
        }
        if trajectory.is_completed:
            await self._client.tell("completeRun", report=report_of(trajectory), **told)
            return
        error = {"message": trajectory.exit_status, "stepKey": trajectory.steps[-1].key}
        await self._client.tell("failRun", error=error, **told)

    async def _tell_status(self, step: Step, status: str) -> None:
        if status == "COMPLETED" and self._is_last_of_failed(step):
            return
        update = {"key": step.key, "name": step.name, "status": status, "at": _text(self._now)}
        await self._client.tell("updateSteps", runId=self.run_id, steps=[update])

    def _is_last_of_failed(self, step: Step) -> bool:
        return not self._trajectory.is_completed and step is self._trajectory.steps[-1]

    async def _append(self, lines: Sequence[Line]) -> None:
        for batch in self._batched(lines):
            payload = await self._client.tell(
                "appendLogs",
                "nextOffset",
                runId=self.run_id,
                offset=self._offset,
                lines=[self._told(line) for line in batch],
            )
            self._offset += len(batch)
            assert payload["nextOffset"] == self._offset

    def _batched(self, lines: Sequence[Line]) -> Iterator[Sequence[Line]]:
        while lines:
            size = next(self._batches)
            yield lines[:size]
            lines = lines[size:]

    def _told(self, line: Line) -> Json:
        return {
            "message": line.message,
            "level": line.level,
            "stream": line.stream,
            "stepKey": line.step_key,
            "at": _text(self._now),
        }


def report_of(trajectory: Trajectory) -> Json:
    """The report as it is told."""
    metrics = [{"name": name, "value": value} for name, value in trajectory.model_stats.items()]
    return {
        "title": f"Submission of {trajectory.name}",
        "summary": f"The agent *{trajectory.exit_status}* its work.",
        "sections": [
            {"text": {"heading": "Submission", "markdown": trajectory.body}},
            {"metrics": {"heading": "Model", "metrics": metrics}},
        ],
    }


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()
