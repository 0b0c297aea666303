"""The list of runs, live: which enter a filter, change in it, leave it, are deleted."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import NamedTuple
from uuid import UUID

from live.ends import FALLBACK_SECONDS, ShuttingDown, patiently
from live.hub import MAX_PENDING_RUNS, Follower, Hub
from live.newcomers import Newcomers
from models.run import Run
from models.visibility import is_visible

#: Seconds between two updates of the same run.
INTERVAL = 1.0
#: Runs that changed and are read in one statement.
MAX_READ = 500
#: Runs of which is remembered what was told last, so that a doubled wake-up tells nothing twice.
MAX_TOLD = 20_000
#: Active runs in the filter that are remembered. With more, a run that was not looked at yet counts
#: as having been in it: clients pass over what leaves a list that does not hold it.
MAX_MEMBERS = 50_000


class RunUpdateKind(StrEnum):
    RESET = "RESET"
    ENTERED = "ENTERED"
    CHANGED = "CHANGED"
    LEFT = "LEFT"
    DELETED = "DELETED"


@dataclass(frozen=True, slots=True)
class RunUpdate:
    kind: RunUpdateKind
    #: None for RESET.
    run: Run | None = None


#: Whether a run is in the filter, or in a scope, its deletion aside.
Matches = Callable[[Run], Awaitable[bool]]
#: The ids of the active runs in the filter; None for more than MAX_MEMBERS.
ActiveMembers = Callable[[], Awaitable[set[UUID] | None]]


async def follow_runs(
    hub: Hub,
    matches: Matches,
    active_members: ActiveMembers,
    newcomers: Newcomers | None = None,
    shows: Matches | None = None,
) -> AsyncGenerator[RunUpdate, None]:
    """RESET, then updates, coalesced for each run; RESET again where changes were missed.

    This is state, not history. The hub is registered with before RESET is told: a client that
    reads the list after RESET misses nothing; nor does a newcomer that reads it once it was
    admitted. What `shows` denies is never told of, not even that it left; None: it denies nothing.
    Raises ShuttingDown, DatabaseUnavailable.
    """
    newcomers = newcomers or Newcomers()
    with hub.follow_list() as follower, newcomers.arriving(follower.wake):
        view = await _begin(active_members, follower)
        yield RunUpdate(RunUpdateKind.RESET)
        due = _Due()
        while True:
            if arrived := newcomers.take():
                view.may_be_held(await patiently(active_members, follower))
                arrived.admit()
            changed, overflowed = follower.take()
            due.add(changed)
            wanted = due.take()
            runs = await _read(wanted, follower)
            if overflowed or due.is_overfull or view.misses(wanted, runs):
                view, due = await _begin(active_members, follower), _Due()
                yield RunUpdate(RunUpdateKind.RESET)
                continue
            for run in runs:
                if shows is not None and not await patiently(partial(shows, run), follower):
                    continue
                in_filter = await patiently(partial(matches, run), follower)
                kind = view.judge(run, in_filter=in_filter)
                if kind is not None:
                    due.told(run.id)
                    yield RunUpdate(kind, run)
            if follower.closed:
                raise ShuttingDown
            await follower.wait(due.seconds_to_next())


async def _begin(active_members: ActiveMembers, follower: Follower) -> _View:
    members = await patiently(active_members, follower)
    return _View(set() if members is None else members, knows_all=members is not None)


async def _read(run_ids: Sequence[UUID], follower: Follower) -> list[Run]:
    """The rows in the order of their ids, those of deleted runs too; purged ones are missing."""
    if not run_ids:
        return []
    rows = await patiently(partial(Run.in_bulk, run_ids, "id"), follower)
    return [rows[run_id] for run_id in run_ids if run_id in rows]


class _Seen(NamedTuple):
    """What was told of a run last."""

    changed_at: datetime
    is_in: bool


@dataclass(slots=True)
class _View:
    """What the client knows: which runs are in its list.

    Ended runs do not change any more but by deletion and restoration, so that only the active ones
    in the filter need to be remembered.
    """

    members: set[UUID]
    knows_all: bool
    #: By run, the latest last.
    _seen: OrderedDict[UUID, _Seen] = field(default_factory=OrderedDict)
    #: Runs that newcomers may hold besides; None: any.
    _perhaps: set[UUID] | None = field(default_factory=set)

    def may_be_held(self, members: set[UUID] | None) -> None:
        """Newcomers read the list now: these active runs are in it, None for too many to tell.

        Among them may be one that the others were not told of yet. Where it leaves before they
        are, the newcomers have to hear of it; whom it does not concern passes over it.
        """
        if members is None or self._perhaps is None or len(self._perhaps) > MAX_MEMBERS:
            self._perhaps = None
        else:
            self._perhaps |= {run_id for run_id in members if not self._holds(run_id)}

    def judge(self, run: Run, *, in_filter: bool) -> RunUpdateKind | None:
        """What to tell of a run that changed; None where that is nothing."""
        seen = self._seen.get(run.id)
        if seen is not None and seen.changed_at >= run.changed_at:
            return None
        was_in = self._holds(run.id)
        perhaps_in = was_in or self._perhaps is None or run.id in self._perhaps
        is_in = in_filter and is_visible(run)
        self._remember(run, is_in=is_in)
        if is_in:
            return RunUpdateKind.CHANGED if was_in else RunUpdateKind.ENTERED
        if is_visible(run):
            return RunUpdateKind.LEFT if perhaps_in else None
        return RunUpdateKind.DELETED if perhaps_in or in_filter else None

    def misses(self, wanted: Sequence[UUID], found: Sequence[Run]) -> bool:
        """Whether a run was purged before its deletion was told: nobody can say of which list."""
        gone = set(wanted) - {run.id for run in found}
        return any(run_id not in self._seen or self._seen[run_id].is_in for run_id in gone)

    def _holds(self, run_id: UUID) -> bool:
        seen = self._seen.get(run_id)
        if seen is not None:
            return seen.is_in
        return run_id in self.members or not self.knows_all

    def _remember(self, run: Run, *, is_in: bool) -> None:
        self._seen[run.id] = _Seen(run.changed_at, is_in)
        self._seen.move_to_end(run.id)
        if self._perhaps is not None:
            self._perhaps.discard(run.id)
        if len(self._seen) > MAX_TOLD:
            self._seen.popitem(last=False)
        if not (is_in and run.is_active):
            self.members.discard(run.id)
        elif len(self.members) < MAX_MEMBERS:
            self.members.add(run.id)
        else:
            self.knows_all = False


class _Due:
    """Runs that changed and are to be told of: at once, or once INTERVAL is over for them."""

    def __init__(self) -> None:
        #: By run, when it may be told of. In the order in which they changed.
        self._waiting: dict[UUID, float] = {}
        #: By run, when it was told of last; only of late ones.
        self._told: OrderedDict[UUID, float] = OrderedDict()

    def add(self, run_ids: Sequence[UUID]) -> None:
        now = _now()
        for run_id in run_ids:
            told = self._told.get(run_id)
            self._waiting.setdefault(run_id, now if told is None else told + INTERVAL)

    def take(self) -> list[UUID]:
        """Up to MAX_READ runs that may be told of now."""
        now = _now()
        ready = [run_id for run_id, at in self._waiting.items() if at <= now][:MAX_READ]
        for run_id in ready:
            del self._waiting[run_id]
        return ready

    @property
    def is_overfull(self) -> bool:
        """Whether so many wait that to begin anew costs less: the reader is slow, or all change."""
        return len(self._waiting) > MAX_PENDING_RUNS

    def told(self, run_id: UUID) -> None:
        now = _now()
        self._told[run_id] = now
        self._told.move_to_end(run_id)
        while self._told and next(iter(self._told.values())) <= now - INTERVAL:
            self._told.popitem(last=False)

    def seconds_to_next(self) -> float:
        """Seconds until a waiting run may be told of."""
        if not self._waiting:
            return FALLBACK_SECONDS
        return max(0.0, min(self._waiting.values()) - _now())


def _now() -> float:
    return asyncio.get_running_loop().time()
