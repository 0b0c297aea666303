"""Wake-ups by NATS."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from nats.aio.client import Client
from nats.aio.msg import Msg

from live.wakeups.link import LEAVE_SECONDS, Receive

#: Messages that may wait in this process. With more the link breaks: what was missed is looked for.
MAX_WAITING = 1_000


@asynccontextmanager
async def nats_link(url: str, channel: str, receive: Receive) -> AsyncIterator[NatsLink]:
    """See `live.wakeups.link.OpenLink`. The library's own reconnection is off: it does not tell
    what was missed meanwhile.
    """
    link = NatsLink(channel)

    async def hear(message: Msg) -> None:
        receive(message.data)

    try:
        await link.client.connect(
            url,
            allow_reconnect=False,
            # 0 would try for ever; the relay tries again by itself.
            max_reconnect_attempts=1,
            reconnect_time_wait=0,
            error_cb=link.note_error,
            closed_cb=link.note_closed,
        )
        await link.client.subscribe(channel, cb=hear, pending_msgs_limit=MAX_WAITING)
        yield link
    finally:
        with suppress(Exception):
            async with asyncio.timeout(LEAVE_SECONDS):
                await link.client.close()
        await link.stop_flushing()


class _Client(Client):
    """The library's client (2.16), which can always be closed.

    It writes what is pending before it closes, also where the connection is what broke. On uvloop
    that raises once the socket is gone: `closed_cb` would not be called, and the read loop would
    log an error. There is nothing to lose: each message was flushed, or is told again.
    """

    async def _close(self, status: int, do_cbs: bool = True) -> None:
        self._pending: list[bytes] = []
        self._pending_data_size = 0
        await super()._close(status, do_cbs)


class NatsLink:
    def __init__(self, channel: str) -> None:
        self.client = _Client()
        self._channel = channel
        self._lost = asyncio.Event()
        self._flushing: asyncio.Task[None] | None = None

    async def send(self, payload: bytes) -> None:
        await self.client.publish(self._channel, payload)
        # Shielded from whoever is tired of waiting: the library (2.16) keeps the future of a flush
        # that was cancelled, and its read loop ends with an error where the answer comes after all.
        self._flushing = asyncio.create_task(self.client.flush())
        await asyncio.shield(self._flushing)

    async def stop_flushing(self) -> None:
        """End a flush that nobody waits for any more, once nothing is read."""
        if self._flushing is not None:
            self._flushing.cancel()
            await asyncio.gather(self._flushing, return_exceptions=True)

    async def lost(self) -> None:
        await self._lost.wait()

    async def note_closed(self) -> None:
        self._lost.set()

    async def note_error(self, _: Exception) -> None:
        """A dropped message, a refused permission, a broken socket."""
        self._lost.set()
