"""Following a run's log: what is stored after a cursor, then what is still to come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from live.ends import FALLBACK_SECONDS, ShuttingDown, StreamEnd, patiently
from live.hub import Hub
from live.log_filter import LogFilter
from live.log_line import LogLine
from live.log_store import read_forward
from models.visibility import visible_runs

#: Lines of one batch: some screens of text, and a message that no client chokes on.
MAX_BATCH_LINES = 500
#: Bytes of text in one batch, beyond its last line: what each of a thousand followers may hold.
MAX_BATCH_BYTES = 256 * 1024
#: A filtered follower that gets no lines gets its cursor this often, so that after a reconnection
#: it does not begin too far back.
CURSOR_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class LogBatch:
    lines: list[LogLine]
    #: Everything up to here of the unfiltered log was looked at.
    end_sequence: int
    #: On the last batch only.
    end: StreamEnd | None = None


@dataclass(frozen=True, slots=True)
class _Head:
    """Where a run's log stands."""

    last_sequence: int
    is_active: bool


async def follow_logs(
    hub: Hub, run_id: UUID, after: int, log_filter: LogFilter | None
) -> AsyncGenerator[LogBatch, None]:
    """Batches of all matching lines after `after`, each line once and in order.

    Ends behind a batch that carries `end`. Raises ShuttingDown where the process goes down, and
    DatabaseUnavailable after a long outage: then the stream broke off, and resumes by its cursor.
    """
    with hub.follow_run(run_id) as follower:
        # The hub first, then the store: what is committed in between wakes us, and is read then.
        told = _Teller(after)
        while True:
            # Before each batch: from a deletion's commit on nobody is sent a line any more.
            head = await patiently(partial(_head, run_id), follower)
            if head is None:
                yield LogBatch([], told.position, StreamEnd.RUN_DELETED)
                return
            if told.position < head.last_sequence:
                read = partial(_read, run_id, told.position, head.last_sequence, log_filter)
                batch = await patiently(read, follower)
                has_moved = told.move(batch.end_sequence)
                if batch.lines or told.owes_cursor:
                    told.note()
                    yield batch
                if has_moved and told.position < head.last_sequence:
                    continue
            if not head.is_active and told.position >= head.last_sequence:
                yield LogBatch([], told.position, StreamEnd.RUN_ENDED)
                return
            if follower.closed:
                raise ShuttingDown
            await follower.wait(told.patience)
            if told.owes_cursor:
                told.note()
                yield LogBatch([], told.position)


class _Teller:
    """Where a follower stands, and when it was last told so."""

    def __init__(self, position: int) -> None:
        self.position = position
        self._told = position
        self._told_at = asyncio.get_running_loop().time()

    def move(self, position: int) -> bool:
        """Go on to a position; False where that is no step: then the lines were purged."""
        has_moved = position > self.position
        self.position = position
        return has_moved

    def note(self) -> None:
        """The follower is being told its position."""
        self._told = self.position
        self._told_at = asyncio.get_running_loop().time()

    @property
    def owes_cursor(self) -> bool:
        """Whether the follower has not heard for a while of a position that moved."""
        waited = asyncio.get_running_loop().time() - self._told_at
        return self.position > self._told and waited >= CURSOR_SECONDS

    @property
    def patience(self) -> float:
        """Seconds to wait for news before looking, or telling, by ourselves."""
        return CURSOR_SECONDS if self.position > self._told else FALLBACK_SECONDS


async def _head(run_id: UUID) -> _Head | None:
    """Where the log stands; None where the run is deleted or gone."""
    run = await visible_runs().filter(id=run_id).only("id", "status", "last_sequence").first()
    return None if run is None else _Head(run.last_sequence, run.is_active)


async def _read(run_id: UUID, after: int, until: int, log_filter: LogFilter | None) -> LogBatch:
    page = await read_forward(run_id, after, until, MAX_BATCH_LINES, log_filter, MAX_BATCH_BYTES)
    return LogBatch(page.lines, page.last_examined)
