"""The poll: hears what other processes committed, within a second.

One query for all followed runs together, one for the lists. A commit that comes late, with an
earlier time of change than others that were seen, is looked for again for OVERLAP.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from live.hub import Hub
from models.instants import utc_now
from models.run import Run
from models.transactions import is_passing

log = structlog.get_logger(__name__)

#: How late, at most, a follower hears of another process's commit.
POLL_SECONDS = 1.0
#: How long after its time of change a commit may become visible: a transaction's longest life.
OVERLAP = timedelta(seconds=30)
#: Ids in one query.
BATCH = 1_000
#: Changed runs that one round reads: the latest of OVERLAP. Where more changed, lists begin anew.
MAX_CHANGED = 5_000


class Poller:
    """Compares what followed runs are with what they were, and wakes their followers."""

    def __init__(self, hub: Hub, clock: Callable[[], datetime] = utc_now) -> None:
        self._hub = hub
        self._clock = clock
        #: Of followed runs: the revision that was seen last.
        self._revisions: dict[UUID, int | None] = {}
        #: Of lists: the changes of the last OVERLAP that were told.
        self._told: dict[UUID, datetime] = {}
        self._since: datetime | None = None
        #: When lists were last made to begin anew for want of room.
        self._reset_at: datetime | None = None
        self._is_away = False

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until told to stop. An outage of the database is waited out."""
        while not stop.is_set():
            await self._attempt()
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await stop.wait()

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
        seen: dict[UUID, int | None] = {}
        for batch in _batches(followed):
            rows = await Run.filter(id__in=batch).values_list("id", "revision")
            revisions: dict[UUID, int] = dict(rows)
            seen |= {run_id: revisions.get(run_id) for run_id in batch}
        for run_id, revision in seen.items():
            # A run that is followed since the last round was read by its follower after it
            # registered, or will be; once more does no harm.
            if self._revisions.get(run_id, -1) != revision:
                self._hub.wake(run_id, listed=False)
        self._revisions = seen

    async def _poll_lists(self) -> None:
        if not self._hub.follows_lists:
            self._since, self._told = None, {}
            return
        now = self._clock()
        changed = await _changed_after((self._since or now) - OVERLAP)
        self._since = now
        fresh = [run_id for run_id, at in changed.items() if self._told.get(run_id) != at]
        self._told = changed
        for run_id in reversed(fresh):
            self._hub.wake(run_id, listed=True)
        if len(changed) >= MAX_CHANGED and self._owes_reset(now, len(fresh)):
            self._hub.overflow_lists()
            self._reset_at = now

    def _owes_reset(self, now: datetime, fresh: int) -> bool:
        """Whether lists may have missed something in a round that could not read everything.

        More than it could read changed since the last round, or at least a commit that came late
        may have been among what was left out: for that, once in OVERLAP is enough.
        """
        return fresh >= MAX_CHANGED or self._reset_at is None or now - self._reset_at >= OVERLAP


async def _changed_after(since: datetime) -> dict[UUID, datetime]:
    """The runs that changed last, at most MAX_CHANGED, and when; the latest first."""
    rows = Run.filter(changed_at__gt=since).order_by("-changed_at").limit(MAX_CHANGED)
    return dict(await rows.values_list("id", "changed_at"))


def _batches(run_ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(run_ids), BATCH):
        yield run_ids[start : start + BATCH]
