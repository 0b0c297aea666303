"""What is to be told and not yet acknowledged: bounded, in order, and kept until it is."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

import orjson

from server.cli.step_marks import StepChange

#: Of one call. 500 lines make the cost of a round trip negligible, and 512 KiB of JSON stay well
#: below the body that the service accepts.
MAX_CALL_ITEMS = 500
MAX_CALL_BYTES = 512 * 1024

#: Of everything that waits. Enough for the seconds of a restart at full speed, and little beside
#: the command itself. Once it is full the command's output is no longer read, so that the command
#: waits: nothing is dropped.
MAX_ITEMS = 20_000
MAX_BYTES = 8 * 1024 * 1024


#: Of an item's other fields, as JSON: a time, names and keys.
FIELD_BYTES = 200


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the log, as it will be told. `at` is RFC 3339."""

    message: str
    at: str
    stream: str
    level: str = "INFO"
    step_key: str | None = None


Item = Line | StepChange


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of an outbox; bytes are those of the items as JSON."""

    items: int = MAX_ITEMS
    bytes: int = MAX_BYTES
    call_items: int = MAX_CALL_ITEMS
    call_bytes: int = MAX_CALL_BYTES


class Outbox:
    """A queue whose head stays until `acknowledge`: what was sent can be sent again, unchanged.

    One task puts for each stream, one takes. It grows over its bounds by one item at most.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._items: deque[tuple[Item, int]] = deque()
        self._bytes = 0
        self._closed = False
        self._discarding = False
        self._filled = asyncio.Event()
        self._drained = asyncio.Event()

    def __len__(self) -> int:
        return len(self._items)

    @property
    def full(self) -> bool:
        return len(self._items) >= self.limits.items or self._bytes >= self.limits.bytes

    @property
    def finished(self) -> bool:
        """Nothing is left and nothing will come."""
        return self._closed and not self._items

    async def put(self, items: Iterable[Item]) -> None:
        """Adds the items in their order, waiting for room wherever there is none."""
        for item in items:
            while self.full and not self._discarding:
                self._drained.clear()
                await self._drained.wait()
            if not self._discarding:
                size = _size(item)
                self._items.append((item, size))
                self._bytes += size
                self._filled.set()

    async def wait(self, timeout: float) -> bool:
        """True once there is something to tell or `close` was called, False after `timeout` s."""
        try:
            async with asyncio.timeout(timeout):
                await self._filled.wait()
        except TimeoutError:
            return False
        return True

    def head(self) -> list[Item]:
        """The oldest items, as many as fit into one call, and one at least where there is any."""
        taken: list[Item] = []
        total = 0
        for item, size in islice(self._items, self.limits.call_items):
            total += size
            if taken and total > self.limits.call_bytes:
                break
            taken.append(item)
        return taken

    def acknowledge(self, count: int) -> None:
        """Forgets the `count` oldest items."""
        for _ in range(count):
            self._bytes -= self._items.popleft()[1]
        if not self._items and not self._closed:
            self._filled.clear()
        self._drained.set()

    def close(self) -> None:
        """Nothing will be put any more."""
        self._closed = True
        self._filled.set()

    def discard(self) -> int:
        """Forgets everything, now and from now on: nobody is there to be told. Says how many."""
        self._discarding = True
        count = len(self._items)
        self.acknowledge(count)
        return count


def _size(item: Item) -> int:
    """Bytes of the item as JSON: escapes make a message up to six times longer."""
    if isinstance(item, Line):
        return len(orjson.dumps(item.message)) + FIELD_BYTES
    return 4 * len(item.name or "") + FIELD_BYTES
