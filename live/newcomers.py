"""Those who join a stream of states that is under way for others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Arrived:
    """Newcomers that wait to be admitted."""

    def __init__(self, waiting: list[asyncio.Future[None]]) -> None:
        self._waiting = waiting

    def admit(self) -> None:
        """The stream has taken note of what they are about to read."""
        for future in self._waiting:
            if not future.done():
                future.set_result(None)


class Newcomers:
    """The door between a stream and those who join it."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] = []
        self._ring: Callable[[], None] | None = None

    @contextmanager
    def arriving(self, ring: Callable[[], None]) -> Iterator[None]:
        """Let newcomers ring for the length of the block; at its end all are let in."""
        self._ring = ring
        try:
            yield
        finally:
            self._ring = None
            if arrived := self.take():
                arrived.admit()

    async def join(self) -> None:
        """Wait until the stream has taken note of a newcomer, or has ended."""
        if self._ring is None:
            return
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        self._ring()
        await future

    def take(self) -> Arrived | None:
        """Those who arrived since the last call; None for nobody."""
        if not self._waiting:
            return None
        waiting, self._waiting = self._waiting, []
        return Arrived(waiting)
