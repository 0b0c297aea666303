"""A broadcast: what one execution sends to all who asked for the same.

It keeps the latest messages, once for all. A subscriber is a number into them: memory per
subscriber is constant, and whoever takes its messages slowly falls behind alone. One that is
behind further than what is kept reads the rest from the store, and joins again where that ends.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

#: Messages that are kept for subscribers that are slower than the fastest: some seconds of a chatty
#: run. Whoever falls further behind reads larger batches from the store instead, which is cheaper.
MAX_MESSAGES = 64
#: Characters of these, beyond the latest message: what one broadcast may hold, whoever listens.
MAX_CHARACTERS = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Message:
    """One message, and what it stands for in its stream; see `live.stretch`."""

    #: The result as JSON, ready to be sent.
    text: str
    #: Where clients go on behind it; None where the stream has no cursor.
    cursor: str | None
    #: It is for those whose position is from `start` to `seen`, and brings them to `end`.
    start: int
    seen: int
    end: int
    #: Nothing comes after it.
    is_last: bool = False


class BrokenOff(Exception):
    """The stream ended without an end. `reason` is what the execution said of it."""

    def __init__(self, reason: Any) -> None:
        super().__init__(reason)
        self.reason = reason


class Broadcast:
    """The latest messages of one execution, and who waits for the next."""

    def __init__(self, position: int) -> None:
        #: Where whoever has taken every message stands.
        self.position = position
        self._kept: deque[Message] = deque()
        #: The number of the first message that is kept.
        self._first = 0
        self._characters = 0
        #: The first message of all: how a stream of states begins for whoever joins.
        self._opening: Message | None = None
        self._failure: Any = None
        self._waiting: set[asyncio.Future[None]] = set()
        self._demand = asyncio.Event()

    @property
    def next_number(self) -> int:
        """Of the message that is to come."""
        return self._first + len(self._kept)

    @property
    def waiting(self) -> int:
        """How many have taken every message."""
        return len(self._waiting)

    def add(self, message: Message) -> None:
        """Send one more message."""
        self._opening = self._opening or message
        self._kept.append(message)
        self._characters += len(message.text)
        while len(self._kept) > MAX_MESSAGES or self._is_overfull():
            self._characters -= len(self._kept.popleft().text)
            self._first += 1
        self.position = message.end
        self._wake()

    def break_off(self, reason: Any) -> None:
        """Nothing more will come, and this is why; whoever has taken every message is told."""
        self._failure = reason
        self._wake()

    async def opening(self) -> Message:
        """The first message of all. Raises BrokenOff."""
        while self._opening is None:
            await self._next()
        return self._opening

    async def reached(self, position: int) -> None:
        """Wait until the broadcast has come to a position that is ahead of it. Raises BrokenOff."""
        while self.position < position:
            await self._next()

    def number_at(self, position: int, seen: int) -> int | None:
        """The number of the message for who stands at `position`; None where none is.

        `seen`: up to there, from where the broadcast stands, there was nothing to send.
        """
        if self.position <= position <= seen:
            return self.next_number
        for index, message in enumerate(self._kept):
            if message.start <= position <= message.seen:
                return self._first + index
        return None

    async def follow(self, number: int) -> AsyncGenerator[Message, None]:
        """The messages from this number on, up to the last one.

        Ends early where the next one is not kept any more. Raises BrokenOff.
        """
        while (index := number - self._first) >= 0:
            if index < len(self._kept):
                message = self._kept[index]
                number += 1
                yield message
                if message.is_last:
                    return
            else:
                await self._next()

    async def demand(self) -> None:
        """Wait until somebody has taken every message: the fastest reader sets the pace.

        What comes meanwhile is gathered in the next message, instead of pushing out others that
        nobody has taken yet.
        """
        await self._demand.wait()

    def ask(self) -> None:
        """Somebody needs the execution to go on."""
        self._demand.set()

    async def _next(self) -> None:
        """Wait for the next message. Raises BrokenOff where none will come.

        Each who waits has a future of its own, since whoever is cancelled cancels what it awaits.
        """
        if self._failure is not None:
            raise BrokenOff(self._failure)
        future = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        self.ask()
        try:
            await future
        finally:
            self._waiting.discard(future)

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, set()
        self._demand.clear()
        for future in waiting:
            if not future.done():
                future.set_result(None)

    def _is_overfull(self) -> bool:
        return self._characters > MAX_CHARACTERS and len(self._kept) > 1
