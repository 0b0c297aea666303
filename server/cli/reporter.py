"""The API's side of `exec`: one run, told by one reporter, exactly once.

Every call is idempotent, so a call that was not answered is made again, unchanged, until it is
(design.md, Data). Calls are made one after the other: the service sees them in the order in
which things happened.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from server.cli.client import Json, Refused, Unreachable, until_answered
from server.cli.outbox import Line, Outbox
from server.cli.step_marks import StepChange
from server.cli.terminal import counted
from server.cli.times import rfc3339

#: The name under which our lines are counted. One process, one source.
SOURCE = "main"

#: Seconds between signs of life until the service has said its own interval.
FIRST_INTERVAL_S = 5.0
#: And at least, whatever it says: a reporter must not become a load.
LEAST_INTERVAL_S = 0.1

#: In every payload: how the run stands, which is how a reporter hears that it is to end.
RUN = "run { id url status error { code message } cancellation { by } }"

ENDED = frozenset({"COMPLETED", "FAILED", "CANCELLED"})

#: userErrors after which nothing that this reporter tells will be taken any more.
FINAL_CODES = frozenset({"RUN_ENDED", "NOT_FOUND", "STALE_ATTEMPT"})


class RunOver(Exception):
    """The run has ended, was deleted, or is another reporter's now. Its text says which."""


class Mutations(Protocol):
    """What a reporter needs of a client."""

    async def mutate(self, name: str, given: Json, selection: str = "") -> Json: ...


class RunReporter:
    """Tells of one run. `say` gets sentences for the user.

    Each method raises RunOver where the run is no longer ours, Refused where the service takes
    exception to what it was told, and Unreachable once `give_up_at` has passed.
    """

    def __init__(self, client: Mutations, say: Callable[[str], None]) -> None:
        self._client = client
        self._say = say
        #: The last call was not answered.
        self.lost = False
        self._interval = FIRST_INTERVAL_S
        self._next_beat = 0.0
        self.run_id = ""
        self.url = ""
        self.attempt = 1
        #: How many of this attempt's lines the service has acknowledged: the next line's offset.
        self.offset = 0
        #: The event loop's time up to which unanswered calls are repeated; None: for ever.
        self.give_up_at: float | None = None
        #: Set once the service asks for the run's end; `cancelled_by` is who wants it.
        self.cancel_asked = asyncio.Event()
        self.cancelled_by = ""

    # ------------------------------------------------------------- the run and its attempts

    async def start(self, given: Json) -> None:
        """Makes the run. `given` is a StartRunInput with an idempotency key."""
        payload = await self._call("startRun", given, "created")
        self.run_id, self.url = payload["run"]["id"], payload["run"]["url"]
        await self.heartbeat()

    async def schedule_retry(self, reason: str, pause_s: float) -> None:
        """The attempt has failed for `reason`; the next one will be made in `pause_s` seconds."""
        at = rfc3339(datetime.now(UTC) + timedelta(seconds=pause_s))
        await self._tell("scheduleRetry", {"reason": reason, "nextAttemptAt": at})

    async def start_attempt(self) -> None:
        """Begins the next attempt, whose lines count from 0 again."""
        number = self.attempt + 1
        await self._call("startAttempt", {"runId": self.run_id, "number": number})
        self.attempt, self.offset = number, 0

    async def heartbeat(self) -> None:
        """A sign of life, which also says how often one is wanted."""
        payload = await self._tell("heartbeat", {}, "intervalSeconds")
        self._interval = max(LEAST_INTERVAL_S, payload["intervalSeconds"])
        self._beat_later()

    async def idle(self, seconds: float) -> None:
        """Waits, with signs of life, for so long or until the run is to end."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while not self.cancel_asked.is_set() and (now := loop.time()) < until:
            await asyncio.sleep(max(0.0, min(until, self._next_beat) - now))
            if loop.time() >= self._next_beat:
                await self.heartbeat()

    # ------------------------------------------------------------------- lines and steps

    async def deliver(self, outbox: Outbox) -> None:
        """Tells what the outbox holds, as it comes, until it is finished.

        What comes while a call is under way goes with the next one; an idle reporter sends at once.
        """
        loop = asyncio.get_running_loop()
        while not outbox.finished:
            if await outbox.wait(max(0.0, self._next_beat - loop.time())):
                await self._send_head(outbox)
            else:
                await self.heartbeat()

    async def _send_head(self, outbox: Outbox) -> None:
        """One round: steps that begin, then the lines, then steps that end.

        So a step is known before its lines and ended after them, and a round is three calls at
        most, however many steps are in it.
        """
        items = outbox.head()
        changes = [item for item in items if isinstance(item, StepChange)]
        await self._update([change for change in changes if change.status == "RUNNING"])
        await self._append([item for item in items if isinstance(item, Line)])
        await self._update([change for change in changes if change.status != "RUNNING"])
        outbox.acknowledge(len(items))

    async def _update(self, changes: list[StepChange]) -> None:
        if changes:
            await self._tell("updateSteps", {"steps": [_step_update(change) for change in changes]})

    async def _append(self, lines: list[Line]) -> None:
        """Tells `lines` from our offset on, and again what of them the service says it lacks."""
        while lines:
            given = {"source": SOURCE, "offset": self.offset, "lines": list(map(_log_line, lines))}
            try:
                payload = await self._tell("appendLogs", given, "nextOffset")
            except Refused as error:
                expected = error.payload.get("nextOffset")
                if error.code != "OFFSET_GAP" or expected is None:
                    raise
                lines = self._go_on_from(expected, lines)
            else:
                lines = self._go_on_from(payload["nextOffset"], lines)

    def _go_on_from(self, expected: int, lines: list[Line]) -> list[Line]:
        """Moves our offset to the one the service expects; what is left of `lines` from there."""
        stored = expected - self.offset
        if stored < 0:
            # Acknowledged is forgotten here. A database set back to an older state has lost them.
            self._say(
                f"the service no longer has {counted(-stored, 'line')} that it had acknowledged"
            )
        self.offset = expected
        return lines[max(0, stored) :]

    # --------------------------------------------------------------------------- the end

    async def complete(self, report: Json | None) -> None:
        """Ends the run as COMPLETED. `report` is a ReportInput; where None, one is drawn up."""
        given = {"logEnds": self._log_ends()} | ({"report": report} if report else {})
        await self._tell("completeRun", given, ending=True)

    async def fail(self, error: Json) -> None:
        """Ends the run as FAILED with `error`, a RunErrorInput."""
        await self._tell("failRun", {"error": error, "logEnds": self._log_ends()}, ending=True)

    async def confirm_cancel(self) -> None:
        """Ends the run as CANCELLED, as it was asked to."""
        await self._tell("confirmCancel", {"logEnds": self._log_ends()}, ending=True)

    def _log_ends(self) -> list[Json]:
        return [{"source": SOURCE, "nextOffset": self.offset}]

    # ------------------------------------------------------------------------- the calls

    async def _tell(
        self, name: str, given: Json, selection: str = "", *, ending: bool = False
    ) -> Json:
        """A call that speaks for our attempt."""
        own = {"runId": self.run_id, "attempt": self.attempt}
        return await self._call(name, own | given, selection, ending=ending)

    async def _call(
        self, name: str, given: Json, selection: str = "", *, ending: bool = False
    ) -> Json:
        try:
            payload = await until_answered(
                lambda: self._client.mutate(name, given, f"{selection} {RUN}"),
                may_wait=self._may_wait,
                on_lost=self._on_lost,
            )
        except Refused as error:
            self._on_answer(error.payload.get("run"), ending=ending)
            if error.code in FINAL_CODES:
                raise RunOver(str(error)) from error
            raise
        self._beat_later()
        self._on_answer(payload["run"], ending=ending)
        return payload

    def _may_wait(self, pause_s: float) -> bool:
        now = asyncio.get_running_loop().time()
        return self.give_up_at is None or now + pause_s < self.give_up_at

    def _on_lost(self, error: Unreachable) -> None:
        if not self.lost:
            self.lost = True
            self._say(f"{error}. Trying again")

    def _on_answer(self, run: Json | None, *, ending: bool) -> None:
        if self.lost:
            self.lost = False
            self._say("the service answers again")
        if run is None:
            return
        if run["cancellation"] is not None and not self.cancel_asked.is_set():
            self.cancelled_by = run["cancellation"]["by"]
            self.cancel_asked.set()
        if run["status"] in ENDED and not ending:
            raise RunOver(_how_it_ended(run))

    def _beat_later(self) -> None:
        self._next_beat = asyncio.get_running_loop().time() + self._interval


def _how_it_ended(run: Json) -> str:
    error = run["error"]
    reason = f": {error['code']}, {error['message']}" if error else ""
    return f"the run has ended as {run['status']}{reason}"


def _log_line(line: Line) -> Json:
    """A LogLineInput without what the API takes for granted: each field costs it some time."""
    told: Json = {"message": line.message, "at": line.at}
    if line.stream != "STDOUT":
        told["stream"] = line.stream
    if line.level != "INFO":
        told["level"] = line.level
    if line.step_key is not None:
        told["stepKey"] = line.step_key
    return told


def _step_update(change: StepChange) -> Json:
    """Absent is unchanged for the API, null is cleared: only what is meant is there."""
    update: Json = {"key": change.key, "status": change.status, "at": change.at}
    if change.status == "RUNNING":
        update |= {"name": change.name}
        update |= {"parentKey": change.parent_key} if change.parent_key else {}
    if change.error_message is not None:
        update["errorMessage"] = change.error_message
    return update
