"""The hub: tells those who follow in this process that something changed.

A wake-up says only that: which run, and whether lists show it. What changed is read from the
store, so that losing, doubling or reordering wake-ups loses and doubles nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from uuid import UUID

#: Changed runs that a follower of lists is told of one by one. One that is behind with more is told
#: to begin anew instead, which costs it less.
MAX_PENDING_RUNS = 10_000


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


class Hub:
    """All followers of this process. Everything runs on one event loop, so nothing is locked."""

    def __init__(self) -> None:
        self._by_run: dict[UUID, set[Follower]] = {}
        self._lists: set[ListFollower] = set()
        self._attending = 0
        self._closed = False
        self._left = asyncio.Event()

    def publish(self, run_id: UUID, *, listed: bool) -> None:
        """A commit of this process changed the run. Call it after the commit, never before.

        `listed`: something changed that lists show, so not just log lines and signs of life.
        """
        self.wake(run_id, listed=listed)

    def wake(self, run_id: UUID, *, listed: bool) -> None:
        """The run changed, in this process or in another."""
        for follower in self._by_run.get(run_id, ()):
            follower.wake()
        if listed:
            for follower in self._lists:
                follower.note(run_id)

    def overflow_lists(self) -> None:
        """Changes may have been missed: every follower of lists has to begin anew."""
        for follower in self._lists:
            follower.overflow()

    @contextmanager
    def follow_run(self, run_id: UUID) -> Iterator[Follower]:
        """Hear of one run's changes for the length of the block."""
        follower = Follower()
        followers = self._by_run.setdefault(run_id, set())
        followers.add(follower)
        if self._closed:
            follower.close()
        try:
            yield follower
        finally:
            followers.discard(follower)
            self._left.set()
            if not followers and self._by_run.get(run_id) is followers:
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
        return len(self._lists) + sum(map(len, self._by_run.values()))

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
        for followers in self._by_run.values():
            for follower in followers:
                follower.close()
        for follower in self._lists:
            follower.close()
