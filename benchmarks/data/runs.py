"""Runs as rows of the real schema.

Pages must be alike where they are compared, so each block of a page's size holds the same kinds of
runs in another order: half of them of workflows, with STEPS each, and most of them with a report.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from benchmarks.data.names import Draw, Named, agents, clusters, draw_trigger
from benchmarks.size import PAGE_RUNS
from models.ids import new_id
from models.instants import ENDLESS, FOREVER, MICROSECOND, to_micros
from models.run import encode_labels, search_text_of
from models.states import AgentKind, RunErrorCode, RunStatus, StepStatus

#: Steps of each run of a workflow.
STEPS = 5
#: One of so many runs was deleted lately and waits for the purge.
DELETED_ONE_OF = 101
#: Of the latest blocks, one of so many holds a run that is still active.
_ACTIVE_ONE_OF = 10
_SPAN = timedelta(days=180)

Row = tuple[Any, ...]

#: The columns that are told; the others are null.
RUN_COLUMNS = (
    *("id", "agent_id", "cluster_id", "status", "revision", "changed_at"),
    *("trigger_source", "trigger_name", "inputs", "labels", "search_text"),
    *("started_at", "completed_at", "duration", "last_heard_at", "attempt"),
    *("error_code", "error_message", "last_sequence", "last_event", "log_sources", "deleted_at"),
)
STEP_COLUMNS = (
    *("id", "run_id", "key", "name", "position", "attempt", "status"),
    *("started_at", "completed_at"),
)
REPORT_COLUMNS = ("id", "run_id", "title", "summary", "sections", "created_at")
AGENT_COLUMNS = ("id", "name", "folded_name", "description", "created_at", "kind")
CLUSTER_COLUMNS = AGENT_COLUMNS[:-1]


@dataclass(slots=True)
class Rows:
    """Rows by table, in the order of the columns above."""

    agent: list[Row] = field(default_factory=list)
    cluster: list[Row] = field(default_factory=list)
    run: list[Row] = field(default_factory=list)
    step: list[Row] = field(default_factory=list)
    report: list[Row] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a run of a block is."""

    status: RunStatus
    is_workflow: bool


def _block(random: Random, *, is_late: bool) -> list[_Kind]:
    """The kinds of a page's runs, shuffled."""
    statuses = [RunStatus.COMPLETED] * 40 + [RunStatus.FAILED] * 7 + [RunStatus.CANCELLED] * 3
    assert len(statuses) == PAGE_RUNS
    if is_late:
        statuses[-1] = random.choice((*[RunStatus.RUNNING] * 4, RunStatus.RETRYING))
    kinds = [_Kind(status, index % 2 == 0) for index, status in enumerate(statuses)]
    random.shuffle(kinds)
    return kinds


def make_rows(count: int, now: datetime) -> Rows:
    """`count` runs that began within _SPAN before `now`, with what belongs to them."""
    return _Making(count, now).rows()


class _Making:
    def __init__(self, count: int, now: datetime) -> None:
        self._count, self._now = count, now
        self._random = Random(count)
        self._agents, self._clusters = agents(), clusters()
        by_kind = {
            kind: Draw(self._random, [agent for agent in self._agents if agent.kind is kind])
            for kind in AgentKind
        }
        self._draw_agent = by_kind
        self._draw_cluster = Draw(self._random, self._clusters)
        self._rows = Rows()

    def rows(self) -> Rows:
        began = to_micros(self._now - _SPAN)
        for agent in self._agents:
            self._rows.agent.append((*_named(agent, began), agent.kind.value))
        self._rows.cluster.extend(_named(cluster, began) for cluster in self._clusters)
        for index, kind in enumerate(self._kinds()):
            self._add(index, kind)
        return self._rows

    def _kinds(self) -> Iterator[_Kind]:
        blocks = -(-self._count // PAGE_RUNS)
        for block in range(blocks):
            is_late = block >= blocks - max(1, blocks // _ACTIVE_ONE_OF)
            yield from _block(self._random, is_late=is_late)

    def _add(self, index: int, kind: _Kind) -> None:
        run_id = new_id()
        agent = self._draw_agent[AgentKind.WORKFLOW if kind.is_workflow else AgentKind.TASK]()
        cluster = self._draw_cluster()
        source, trigger = draw_trigger(self._random)
        started = self._started(index)
        completed, duration = self._end(kind.status, started)
        failed = kind.status is RunStatus.FAILED
        message = f"exit status {self._random.randrange(1, 5)} in batch {index}" if failed else None
        is_deleted = kind.status is RunStatus.COMPLETED and index % DELETED_ONE_OF == 0
        now = to_micros(self._now)
        self._rows.run.append(
            (
                *(run_id, agent.id, cluster.id, kind.status.value, 3),
                min(completed, now),
                *(source.value, trigger, f'{{"batch":{index},"dryRun":false}}'),
                encode_labels(self._labels()),
                search_text_of(run_id, agent.name, cluster.name, trigger, None, message),
                *(started, completed, duration, now, 1),
                *(RunErrorCode.AGENT_ERROR.value if failed else None, message),
                *(0, 2, "[]", now if is_deleted else None),
            )
        )
        if kind.is_workflow:
            self._add_steps(run_id, kind.status, started, min(completed, now))
        if kind.status is RunStatus.COMPLETED:
            self._add_report(run_id, agent.name, index, completed)

    def _started(self, index: int) -> int:
        """Evenly over the span with some jitter, so that ids and times sort nearly alike."""
        gap = _SPAN / self._count
        at = self._now - _SPAN + gap * (index + self._random.random())
        return to_micros(at)

    def _end(self, status: RunStatus, started: int) -> tuple[int, int]:
        """(completed_at, duration) as they are stored."""
        if status in (RunStatus.RUNNING, RunStatus.RETRYING):
            return to_micros(FOREVER), ENDLESS
        seconds = self._random.lognormvariate(4, 1.2)
        duration = timedelta(seconds=seconds) // MICROSECOND
        return started + duration, duration

    def _labels(self) -> list[tuple[str, str]]:
        team = ("team", f"team-{self._random.randrange(8)}")
        return [team, ("env", self._random.choice(("prod", "prod", "prod", "test")))]

    def _add_steps(self, run_id: UUID, status: RunStatus, started: int, until: int) -> None:
        part = (until - started) // STEPS
        for position in range(1, STEPS + 1):
            begins = started + part * (position - 1)
            key, name = f"step-{position}", f"Step {position} of the work"
            is_last = position == STEPS
            step_status = StepStatus.COMPLETED
            if is_last and status is not RunStatus.COMPLETED:
                step_status = _LAST_STEP[status]
            ends = None if step_status in _OPEN else begins + part
            row = (new_id(), run_id, key, name, position, 1, step_status.value, begins, ends)
            self._rows.step.append(row)

    def _add_report(self, run_id: UUID, agent: str, index: int, at: int) -> None:
        title = f"{agent}: batch {index}"
        summary = f"Read **{index}** records, wrote {index // 2}. Nothing needs attention."
        self._rows.report.append((new_id(), run_id, title, summary, "[]", at))


#: What the last step of a run is, where not all went well.
_LAST_STEP = {
    RunStatus.FAILED: StepStatus.FAILED,
    RunStatus.CANCELLED: StepStatus.CANCELLED,
    RunStatus.RUNNING: StepStatus.RUNNING,
    RunStatus.RETRYING: StepStatus.PENDING,
}
_OPEN = (StepStatus.RUNNING, StepStatus.PENDING)


def _named(row: Named, created_at: int) -> Row:
    return (row.id, row.name, row.name, "", created_at)
