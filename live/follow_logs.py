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
from live.log_lines import LogLines
from live.log_looks import Looks
from live.log_news import LogNews, read_news
from live.log_store import LogPage, read_forward
from live.stretch import Stretch

#: Lines of one batch: as many as a page has at most, in a message that no client chokes on.
MAX_BATCH_LINES = 1_000
#: Bytes of text in one batch, beyond its last line: what each of a thousand followers may hold.
MAX_BATCH_BYTES = 256 * 1024
#: A filtered follower that gets no lines gets its cursor this often, so that after a reconnection
#: it does not begin too far back.
CURSOR_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class LogBatch:
    lines: LogLines
    #: Everything up to here of the unfiltered log was looked at.
    end_sequence: int
    #: On the last batch only.
    end: StreamEnd | None = None


async def follow_logs(
    hub: Hub,
    run_id: UUID,
    after: int,
    log_filter: LogFilter | None,
    stretch: Stretch | None = None,
    looks: Looks | None = None,
) -> AsyncGenerator[LogBatch, None]:
    """Batches of all matching lines after `after`, each line once and in order.

    Ends behind a batch that carries `end`, or with its stretch. Raises ShuttingDown where the
    process goes down, and DatabaseUnavailable after a long outage: then the stream broke off, and
    resumes by its cursor. Followers with the same `looks` share statements.
    """
    stretch = stretch or Stretch()
    looks = looks or Looks()
    with hub.follow_run(run_id) as follower:
        # The hub first, then the store: what is committed in between wakes us, and is read then.
        told = _Teller(stretch, after)
        while True:
            # Before each batch: from a deletion's commit on nobody is sent a line any more.
            look = partial(_look, looks, run_id, told.position, stretch.until, log_filter)
            head = await patiently(look, follower)
            if head is None:
                yield told.end(StreamEnd.RUN_DELETED)
                return
            last = stretch.bound(head.last_sequence)
            if told.position < last:
                page = head.page
                if page is None:
                    read = partial(_read, run_id, told.position, last, log_filter)
                    page = await patiently(read, follower)
                has_moved = told.move(page.last_examined)
                if page.lines or told.owes_cursor:
                    yield told.batch(page.lines)
                else:
                    stretch.pass_over(told.position)
                if has_moved and told.position < last:
                    continue
            if not head.is_active and told.position >= head.last_sequence:
                yield told.end(StreamEnd.RUN_ENDED)
                return
            if not stretch.is_live:
                if told.is_ahead:
                    yield told.batch(LogLines())
                return
            if follower.closed:
                raise ShuttingDown
            await follower.wait(told.patience)
            if told.owes_cursor:
                yield told.batch(LogLines())
            await told.gather()


class _Teller:
    """Where a follower stands, what it was told of that, and when."""

    def __init__(self, stretch: Stretch, after: int) -> None:
        self._stretch = stretch
        self.position = stretch.begin(after)
        self._told_at = asyncio.get_running_loop().time()

    def move(self, position: int) -> bool:
        """Go on to a position; False where that is no step: then the lines were purged."""
        has_moved = position > self.position
        self.position = position
        return has_moved

    def batch(self, lines: LogLines, end: StreamEnd | None = None) -> LogBatch:
        """A batch to send, which tells the follower where it stands."""
        self._stretch.send(self.position, end)
        self._told_at = asyncio.get_running_loop().time()
        return LogBatch(lines, self.position, end)

    def end(self, end: StreamEnd) -> LogBatch:
        """The last batch."""
        return self.batch(LogLines(), end)

    @property
    def is_ahead(self) -> bool:
        """Whether the position moved since the follower was last told of it."""
        return self.position > self._stretch.position

    @property
    def owes_cursor(self) -> bool:
        """Whether the follower has not heard for a while of a position that moved."""
        waited = asyncio.get_running_loop().time() - self._told_at
        return self.is_ahead and waited >= CURSOR_SECONDS

    @property
    def patience(self) -> float:
        """Seconds to wait for news before looking, or telling, by ourselves."""
        return CURSOR_SECONDS if self.is_ahead else FALLBACK_SECONDS

    async def gather(self) -> None:
        """Wait out the window behind the last batch. A line that comes alone finds it over."""
        due = self._told_at + self._stretch.window
        if (pause := due - asyncio.get_running_loop().time()) > 0:
            await asyncio.sleep(pause)


async def _look(
    looks: Looks, run_id: UUID, after: int, until: int | None, log_filter: LogFilter | None
) -> LogNews | None:
    return await read_news(
        looks, run_id, after, until, MAX_BATCH_LINES, MAX_BATCH_BYTES, log_filter
    )


async def _read(run_id: UUID, after: int, until: int, log_filter: LogFilter | None) -> LogPage:
    return await read_forward(run_id, after, until, MAX_BATCH_LINES, log_filter, MAX_BATCH_BYTES)
