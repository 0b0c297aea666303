"""What a transport of wake-ups is to the relay: one connection to a broker, for its life."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

#: Called on the event loop with each message of the channel, this process's own included.
Receive = Callable[[bytes], None]


class Link(Protocol):
    """A connection to the broker that listens to the channel. It does not reconnect by itself."""

    async def send(self, payload: bytes) -> None:
        """Send to all who listen, this process included; returns once the broker has it."""

    async def lost(self) -> None:
        """Returns once the connection is known to be broken."""


class OpenLink(Protocol):
    """Connects and listens for the length of the block. Leaving it takes LEAVE_SECONDS at most."""

    def __call__(self, channel: str, receive: Receive) -> AbstractAsyncContextManager[Link]: ...


#: Seconds for an orderly good-bye; a frozen broker does not answer one.
LEAVE_SECONDS = 0.3
