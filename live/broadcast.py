"""A broadcast: what one execution sends to all who asked for the same.

It keeps the latest messages, once for all. A subscriber is a number into them: memory per
subscriber is constant, and whoever takes its messages slowly falls behind alone. One that is
behind further than what is kept reads the rest from the store, and joins again where that ends.

To subscribers that have taken every message a new one is sent on the spot, without a task, a
future, a coroutine or a turn of the event loop for each: with a thousand of them that is most of
the cost.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Any, Protocol

#: Messages that are kept for subscribers that are slower than the fastest: some seconds of a chatty
#: run. Whoever falls further behind reads larger batches from the store instead, which is cheaper.
MAX_MESSAGES = 64
#: Bytes of these, beyond the latest message: what one broadcast may hold, whoever listens.
MAX_BYTES = 1024 * 1024
#: Messages that are sent without letting anybody else run (some 5 ms).
MAX_STRIDE = 200


@dataclass(frozen=True, slots=True)
class Message:
    """One message, and what it stands for in its stream; see `live.stretch`."""

    #: The result as JSON in UTF-8, ready to be sent.
    payload: bytes
    #: Where clients go on behind it; None where the stream has no cursor.
    cursor: str | None
    #: It is for those whose position is from `start` to `seen`, and brings them to `end`.
    start: int
    seen: int
    end: int
    #: Nothing comes after it.
    is_last: bool = False


class Outlet(Protocol):
    """Where the messages of one client go."""

    def try_send(self, message: Message) -> bool:
        """Send a message if there is room for it right now; whether it was sent."""

    async def send(self, message: Message) -> None:
        """Send a message once there is room for it."""


class BrokenOff(Exception):
    """The stream ended without an end. `reason` is what the execution said of it."""

    def __init__(self, reason: Any) -> None:
        super().__init__(reason)
        self.reason = reason


class Broadcast:
    """The latest messages of one execution, and who takes them."""

    def __init__(self, position: int) -> None:
        #: Where whoever has taken every message stands.
        self.position = position
        self._kept: deque[Message] = deque()
        #: The number of the first message that is kept.
        self._first = 0
        self._bytes = 0
        #: The first message of all: how a stream of states begins for whoever joins.
        self._opening: Message | None = None
        self._failure: Any = None
        #: Subscribers that have taken every message.
        self._resting: dict[_Subscriber, None] = {}
        #: Others who wait for the next message.
        self._waiting: set[asyncio.Future[None]] = set()
        self._demand = asyncio.Event()

    @property
    def next_number(self) -> int:
        """Of the message that is to come."""
        return self._first + len(self._kept)

    @property
    def resting(self) -> int:
        """How many have taken every message."""
        return len(self._resting)

    def number_at(self, position: int, seen: int) -> int | None:
        """The number of the message for who stands at `position`; None where none is.

        `seen`: up to there, from where the broadcast stands, there was nothing to send.
        """
        if self.position <= position <= seen and not self._is_over:
            return self.next_number
        for index, message in enumerate(self._kept):
            if message.start <= position <= message.seen:
                return self._first + index
        return None

    # ------------------------------------------------------------ for the execution

    async def add(self, message: Message) -> None:
        """Keep one more message, and send it to all who have taken every other."""
        number = self.next_number
        self._keep(message)
        self._wake()
        self._demand.clear()
        for count, subscriber in enumerate(tuple(self._resting), 1):
            if not subscriber.take(number, message):
                self._resting.pop(subscriber, None)
            if count % MAX_STRIDE == 0:
                await asyncio.sleep(0)
        if self._resting:
            self.ask()

    def break_off(self, reason: Any) -> None:
        """Nothing more will come, and this is why; whoever has taken every message is told."""
        self._failure = reason
        self._wake()
        for subscriber in self._resting:
            subscriber.rouse()

    async def demand(self) -> None:
        """Wait until somebody has taken every message: the fastest reader sets the pace.

        What comes meanwhile is gathered in the next message, instead of pushing out others that
        nobody has taken yet.
        """
        await self._demand.wait()

    # ------------------------------------------------------------ for subscribers

    async def opening(self) -> Message:
        """The first message of all. Raises BrokenOff."""
        while self._opening is None:
            await self._next()
        return self._opening

    async def reached(self, position: int) -> None:
        """Wait until the broadcast has come to a position that is ahead of it. Raises BrokenOff."""
        while self.position < position:
            await self._next()

    async def send(self, number: int, outlet: Outlet) -> Message | None:
        """Send the messages from this number on, up to the last one; the last that was sent.

        Ends early where the next one is not kept any more. Raises BrokenOff, and what the outlet
        raises.
        """
        subscriber = _Subscriber(number, outlet)
        while (index := subscriber.number - self._first) >= 0 and not subscriber.is_done:
            if index < len(self._kept):
                message = self._kept[index]
                await outlet.send(message)
                subscriber.note(message)
            elif self._failure is not None:
                raise BrokenOff(self._failure)
            else:
                await self._rest(subscriber)
        return subscriber.last

    def ask(self) -> None:
        """Somebody needs the execution to go on."""
        self._demand.set()

    # ------------------------------------------------------------ within

    @property
    def _is_over(self) -> bool:
        return bool(self._kept) and self._kept[-1].is_last

    def _keep(self, message: Message) -> None:
        self._opening = self._opening or message
        self._kept.append(message)
        self._bytes += len(message.payload)
        while len(self._kept) > MAX_MESSAGES or self._is_overfull():
            self._bytes -= len(self._kept.popleft().payload)
            self._first += 1
        self.position = message.end

    def _is_overfull(self) -> bool:
        return self._bytes > MAX_BYTES and len(self._kept) > 1

    async def _rest(self, subscriber: _Subscriber) -> None:
        """Let `add` send to a subscriber that has taken every message.

        Returns where one could not be sent on the spot, and at the end.
        """
        self._resting[subscriber] = None
        self.ask()
        try:
            await subscriber.roused()
        finally:
            self._resting.pop(subscriber, None)

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
        for future in waiting:
            if not future.done():
                future.set_result(None)


class _Subscriber:
    """Where one subscriber stands."""

    __slots__ = ("_outlet", "_rouse", "last", "number")

    def __init__(self, number: int, outlet: Outlet) -> None:
        #: Of the message that it gets next.
        self.number = number
        #: The message that it got last.
        self.last: Message | None = None
        self._outlet = outlet
        #: While it rests: what ends that.
        self._rouse: asyncio.Future[None] | None = None

    @property
    def is_done(self) -> bool:
        """Whether it got the last message of all."""
        return self.last is not None and self.last.is_last

    def note(self, message: Message) -> None:
        """It got a message."""
        self.number += 1
        self.last = message

    def take(self, number: int, message: Message) -> bool:
        """Send a message to a subscriber at rest; whether it stays there."""
        rouse = self._rouse
        if rouse is None or rouse.done() or number != self.number:
            return False
        try:
            was_sent = self._outlet.try_send(message)
        except Exception as error:
            rouse.set_exception(error)
            return False
        if was_sent:
            self.note(message)
        if not was_sent or message.is_last:
            rouse.set_result(None)
            return False
        return True

    def rouse(self) -> None:
        """There is news other than a message."""
        if self._rouse is not None and not self._rouse.done():
            self._rouse.set_result(None)

    async def roused(self) -> None:
        """Rest."""
        self._rouse = asyncio.get_running_loop().create_future()
        try:
            await self._rouse
        finally:
            self._rouse = None
