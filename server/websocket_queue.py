"""What a WebSocket at rest waits with, in a tenth of the memory that asyncio's own classes take.

A queue of asyncio holds three deques, an event and a deque for that one: 3 KiB for each socket,
where next to nothing ever stands in line.
"""

from __future__ import annotations

import asyncio

from uvicorn._types import ASGIReceiveEvent


class Inbox:
    """Events that the app has not received yet; what uvicorn uses of `asyncio.Queue`.

    One receiver, as an app of ASGI is. It holds few: uvicorn reads no more from a client until the
    app has received what came.
    """

    __slots__ = ("_events", "_receiver")

    def __init__(self) -> None:
        self._events: list[ASGIReceiveEvent] = []
        self._receiver: asyncio.Future[None] | None = None

    def empty(self) -> bool:
        return not self._events

    def put_nowait(self, event: ASGIReceiveEvent) -> None:
        self._events.append(event)
        if self._receiver is not None and not self._receiver.done():
            self._receiver.set_result(None)

    async def get(self) -> ASGIReceiveEvent:
        """The next event, once there is one."""
        while not self._events:
            assert self._receiver is None, "expected one receiver, got another"
            self._receiver = asyncio.get_running_loop().create_future()
            try:
                await self._receiver
            finally:
                self._receiver = None
        return self._events.pop(0)


class Room:
    """Whether the transport takes more; what uvicorn uses of `asyncio.Event`.

    The event is there only while there is no room.
    """

    __slots__ = ("_event",)

    def __init__(self) -> None:
        self._event: asyncio.Event | None = None

    def is_set(self) -> bool:
        return self._event is None

    def clear(self) -> None:
        self._event = self._event or asyncio.Event()

    def set(self) -> None:
        event, self._event = self._event, None
        if event is not None:
            event.set()

    async def wait(self) -> None:
        """Returns once there was room; there may be none again."""
        if self._event is not None:
            await self._event.wait()
