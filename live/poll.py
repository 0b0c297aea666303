"""The poll: hears what other processes committed, within a second, whatever wake-ups were lost.

One query for all followed runs together, one for the lists. A commit that comes late, with an
earlier time of change than others that were seen, is looked for again for OVERLAP.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import orjson
import structlog

from live.hub import Hub
from models.database import connection, dialect
from models.instants import utc_now
from models.run import Run
from models.transactions import is_passing

log = structlog.get_logger(__name__)

#: How late, at most, a follower hears of another process's commit.
POLL_SECONDS = 1.0
#: How long after its time of change a commit may become visible: a transaction's longest life.
OVERLAP = timedelta(seconds=30)
#: Followed runs in one query: more than one process has sockets for, so it is one query.
BATCH = 20_000
#: Pause after a round that `look` may not cut short, however many ask for the next.
LEAST_PAUSE = 0.05
#: Changed runs that one round reads: the latest of OVERLAP. Where more changed, lists begin anew.
MAX_CHANGED = 5_000


class Poller:
    """Compares what followed runs are with what they were, and wakes their followers."""

    def __init__(self, hub: Hub, clock: Callable[[], datetime] = utc_now) -> None:
        self._hub = hub
        self._clock = clock
        #: Followed runs that are not there any more.
        self._gone: set[UUID] = set()
        self._looking = asyncio.Event()
        #: Of lists: the changes of the last OVERLAP that were told.
        self._told: dict[UUID, datetime] = {}
        self._since: datetime | None = None
        #: When lists were last made to begin anew for want of room.
        self._reset_at: datetime | None = None
        self._is_away = False

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until told to stop. An outage of the database is waited out."""
        stopping = asyncio.create_task(_then(stop, self.look))
        try:
            while not stop.is_set():
                await self._attempt()
                await _pause(stop, LEAST_PAUSE)
                await _pause(self._looking, POLL_SECONDS - LEAST_PAUSE)
                self._looking.clear()
        finally:
            stopping.cancel()

    def look(self) -> None:
        """Something may have been missed: begin the next round now."""
        self._looking.set()

    async def _attempt(self) -> None:
        try:
            await self.poll()
        except Exception as error:
            if not self._is_away:
                log.warning("poll failed", error=repr(error), passing=is_passing(error))
            self._is_away = True
            return
        if self._is_away:
            log.info("poll works again")
            self._is_away = False
            # Lists are state: what happened meanwhile is not told one by one.
            self._hub.overflow_lists()

    async def poll(self) -> None:
        """One round. Without followers it asks the database nothing."""
        await self._poll_runs()
        await self._poll_lists()

    async def _poll_runs(self) -> None:
        followed = self._hub.followed_runs()
        gone: set[UUID] = set()
        for batch in _batches(followed):
            revisions = await _revisions(batch)
            gone |= set(batch) - revisions.keys()
            for run_id, revision in revisions.items():
                # A run that is followed since the last round was read by its follower after it
                # registered, or will be; once more does no harm.
                self._hub.wake_run(run_id, revision=revision)
        for run_id in gone - self._gone:
            self._hub.wake_run(run_id, revision=None)
        self._gone = gone

    async def _poll_lists(self) -> None:
        if not self._hub.follows_lists:
            self._since, self._told = None, {}
            return
        now = self._clock()
        changed = await _changed_after((self._since or now) - OVERLAP)
        self._since = now
        fresh = [one for one in changed if self._told.get(one.run_id) != one.changed_at]
        self._told = {one.run_id: one.changed_at for one in changed}
        for one in reversed(fresh):
            self._hub.wake(one.run_id, revision=one.revision, listed=True)
        if len(changed) >= MAX_CHANGED and self._owes_reset(now, len(fresh)):
            self._hub.overflow_lists()
            self._reset_at = now

    def _owes_reset(self, now: datetime, fresh: int) -> bool:
        """Whether lists may have missed something in a round that could not read everything.

        More than it could read changed since the last round, or at least a commit that came late
        may have been among what was left out: for that, once in OVERLAP is enough.
        """
        return fresh >= MAX_CHANGED or self._reset_at is None or now - self._reset_at >= OVERLAP


class _Changed(NamedTuple):
    run_id: UUID
    changed_at: datetime
    revision: int


async def _changed_after(since: datetime) -> list[_Changed]:
    """The runs that changed last, at most MAX_CHANGED; the latest first."""
    rows = Run.filter(changed_at__gt=since).order_by("-changed_at").limit(MAX_CHANGED)
    return [_Changed(*row) for row in await rows.values_list("id", "changed_at", "revision")]


#: One parameter, however many ids: the ORM writes one for each, and PostgreSQL takes 32,767.
_REVISIONS = {
    "postgres": "SELECT id, revision FROM run WHERE id = ANY($1::uuid[])",
    "sqlite": "SELECT id, revision FROM run WHERE id IN (SELECT value FROM json_each(?))",
}


async def _revisions(run_ids: Sequence[UUID]) -> dict[UUID, int]:
    """The revisions of the runs that are there."""
    ids = list(map(str, run_ids))
    told = ids if dialect() == "postgres" else orjson.dumps(ids).decode()
    rows = await connection().execute_query_dict(_REVISIONS[dialect()], [told])
    return {UUID(str(row["id"])): row["revision"] for row in rows}


async def _then(event: asyncio.Event, act: Callable[[], None]) -> None:
    await event.wait()
    act()


async def _pause(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, `seconds` at most."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


def _batches(run_ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(run_ids), BATCH):
        yield run_ids[start : start + BATCH]
