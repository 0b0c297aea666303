"""What other processes are still to be told."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from uuid import UUID

from live.wakeups.message import MAX_RUNS, Reached, Wakeup

#: Runs that wait to be told of while the broker is slow or away, about 200 bytes each. With more,
#: others are told to look at everything: their poll then costs one query.
MAX_PENDING = 10_000


class Outbox:
    """Runs that changed and were not told yet, each once. Noting never waits and never fails."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        #: By run: the highest revision, and whether one of the changes is listed.
        self._pending: dict[UUID, Reached] = {}
        self._overflowed = False
        self._noted = asyncio.Event()
        #: Everything was told, and its sending is over.
        self._told = asyncio.Event()
        self._told.set()

    def __len__(self) -> int:
        return len(self._pending)

    def note(self, run_id: UUID, *, revision: int | None, listed: bool) -> None:
        """The run reached the revision."""
        known = self._pending.get(run_id)
        if known is not None:
            # None is unknown, and of one that is unknown the highest is as well.
            revision = revision and known.revision and max(revision, known.revision)
            listed = listed or known.listed
        elif len(self._pending) >= MAX_PENDING:
            self._overflowed = True
        if self._overflowed:
            self._pending.clear()
        else:
            self._pending[run_id] = Reached(run_id, revision, listed)
        self._noted.set()
        self._told.clear()

    async def wait(self, timeout: float) -> None:
        """Wait for something to tell, for `timeout` seconds at most."""
        await _within(timeout, self._noted)

    async def told(self, timeout: float) -> None:
        """Wait until all was told, for `timeout` seconds at most."""
        await _within(timeout, self._told)

    def take(self) -> Wakeup | None:
        """The next message; None where nothing is to be told, and the last was sent."""
        if not (self._pending or self._overflowed):
            self._noted.clear()
            self._told.set()
            return None
        keys = list(self._pending)[:MAX_RUNS]
        reached = [self._pending.pop(key) for key in keys]
        look, self._overflowed = self._overflowed, False
        return Wakeup(self._origin, reached, look)

    def put_back(self, wakeup: Wakeup) -> None:
        """The message may not have arrived. Telling it twice does no harm."""
        self._overflowed |= wakeup.look
        for run_id, revision, listed in wakeup.reached:
            self.note(run_id, revision=revision, listed=listed)
        self._noted.set()


async def _within(timeout: float, event: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(timeout):
            await event.wait()
