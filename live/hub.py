"""The hub: tells those who follow in this process that something changed.

A wake-up says only that: which run, and whether lists show it. What changed is read from the
store, so that losing, doubling or reordering wake-ups loses and doubles nothing.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

#: Changed runs that a follower of lists is told of one by one. One that is behind with more is told
#: to begin anew instead, which costs it less.
MAX_PENDING_RUNS = 10_000
#: Runs of which is remembered what lists were told last. A change of one that was forgotten may
#: wake followers of lists once more.
MAX_LISTED = 10_000


class Announce(Protocol):
    """Tells other processes of a commit of this one. It neither waits nor fails."""

    def __call__(self, run_id: UUID, *, revision: int | None, listed: bool) -> None: ...


class Follower:
    """Waits for changes of one run. Its memory is one bit, however many there are."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()
        #: The hub closes: nothing will change any more, as far as this process tells.
        self.closed = False

    def wake(self) -> None:
        self._changed.set()

    def close(self) -> None:
        self.closed = True
        self._changed.set()

    async def wait(self, timeout: float | None = None) -> bool:
        """Wait for a change since the last call; False where `timeout` seconds went by without.

        A change between reading the store and waiting is not missed: the call returns at once.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._changed.wait()
        changed = self._changed.is_set()
        if not self.closed:
            self._changed.clear()
        return changed


class ListFollower(Follower):
    """Waits for changes that lists show, and knows of which runs."""

    def __init__(self) -> None:
        super().__init__()
        self._pending: dict[UUID, None] = {}
        self._overflowed = False

    def note(self, run_id: UUID) -> None:
        if run_id in self._pending or len(self._pending) < MAX_PENDING_RUNS:
            self._pending[run_id] = None
        else:
            self._overflowed = True
        self.wake()

    def overflow(self) -> None:
        """Changes were missed: this follower has to begin anew."""
        self._overflowed = True
        self.wake()

    def take(self) -> tuple[list[UUID], bool]:
        """The runs that changed since the last call, and whether more did than are told."""
        taken = list(self._pending), self._overflowed
        self._pending = {}
        self._overflowed = False
        return taken


@dataclass(slots=True)
class _Followed:
    """A run that somebody follows."""

    followers: set[Follower] = field(default_factory=set)
    #: The revision that its followers were told of last. One that registers later reads the store
    #: after that, and so sees it.
    revision: int = 0


class Hub:
    """All followers of this process. Everything runs on one event loop, so nothing is locked.

    It is told of the same change by its own process, by a wake-up and by the poll: a revision
    wakes followers once.
    """

    def __init__(self) -> None:
        self._by_run: dict[UUID, _Followed] = {}
        self._lists: set[ListFollower] = set()
        self._attending = 0
        #: By run: the revision of the change that lists were told of last, the latest last.
        self._listed: OrderedDict[UUID, int] = OrderedDict()
        self._announce: Announce | None = None
        self._closed = False
        self._left = asyncio.Event()

    def publish(self, run_id: UUID, *, revision: int | None, listed: bool) -> None:
        """A commit of this process brought the run to `revision`. Call it after the commit only.

        None: one UPDATE changed many runs, and nobody knows each one's; it wakes in any case.
        `listed`: something changed that lists show, so not just log lines and signs of life.
        """
        self.wake(run_id, revision=revision, listed=listed)
        if self._announce is not None:
            self._announce(run_id, revision=revision, listed=listed)

    @contextmanager
    def announced_by(self, announce: Announce) -> Iterator[None]:
        """Let other processes hear of this one's commits for the length of the block."""
        self._announce = announce
        try:
            yield
        finally:
            self._announce = None

    def wake(self, run_id: UUID, *, revision: int | None, listed: bool) -> None:
        """The run reached `revision`, in this process or in another."""
        self.wake_run(run_id, revision=revision)
        if listed and self._lists and self._is_news(run_id, revision):
            for lists in self._lists:
                lists.note(run_id)

    def wake_run(self, run_id: UUID, *, revision: int | None) -> None:
        """The same for those who follow the run, where nobody knows whether lists show it."""
        followed = self._by_run.get(run_id)
        if followed is None or (revision is not None and revision <= followed.revision):
            return
        followed.revision = revision or followed.revision
        for follower in followed.followers:
            follower.wake()

    def _is_news(self, run_id: UUID, revision: int | None) -> bool:
        """Whether lists have to be told, and a note that they are."""
        if revision is None:
            return True
        if revision <= self._listed.get(run_id, 0):
            return False
        self._listed[run_id] = revision
        self._listed.move_to_end(run_id)
        if len(self._listed) > MAX_LISTED:
            self._listed.popitem(last=False)
        return True

    def overflow_lists(self) -> None:
        """Changes may have been missed: every follower of lists has to begin anew."""
        for lists in self._lists:
            lists.overflow()

    @contextmanager
    def follow_run(self, run_id: UUID) -> Iterator[Follower]:
        """Hear of one run's changes for the length of the block."""
        follower = Follower()
        followed = self._by_run.setdefault(run_id, _Followed())
        followed.followers.add(follower)
        if self._closed:
            follower.close()
        try:
            yield follower
        finally:
            followed.followers.discard(follower)
            self._left.set()
            if not followed.followers and self._by_run.get(run_id) is followed:
                del self._by_run[run_id]

    @contextmanager
    def follow_list(self) -> Iterator[ListFollower]:
        """Hear of all changes that lists show for the length of the block."""
        follower = ListFollower()
        self._lists.add(follower)
        if self._closed:
            follower.close()
        try:
            yield follower
        finally:
            self._lists.discard(follower)
            self._left.set()
            if not self._lists:
                self._listed.clear()

    @contextmanager
    def attending(self) -> Iterator[None]:
        """Be waited for at a shutdown for the length of the block: not everything was sent yet."""
        self._attending += 1
        try:
            yield
        finally:
            self._attending -= 1
            self._left.set()

    def followed_runs(self) -> list[UUID]:
        """The runs that somebody follows."""
        return list(self._by_run)

    @property
    def follows_lists(self) -> bool:
        return bool(self._lists)

    @property
    def follower_count(self) -> int:
        """How many follow anything: zero once everybody has gone."""
        by_run = sum(len(followed.followers) for followed in self._by_run.values())
        return len(self._lists) + by_run

    @property
    def attendance(self) -> int:
        """How many take what followers hear: several may share one."""
        return self._attending

    async def deserted(self) -> None:
        """Wait until nobody follows anything, and everything was sent."""
        while self.follower_count or self._attending:
            self._left.clear()
            await self._left.wait()

    def close(self) -> None:
        """The process shuts down: every follower is woken and told so."""
        self._closed = True
        for followed in self._by_run.values():
            for follower in followed.followers:
                follower.close()
        for lists in self._lists:
            lists.close()
