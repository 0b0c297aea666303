"""Wake-ups by Valkey's or Redis's PUBLISH and SUBSCRIBE."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from valkey.asyncio import ConnectionPool

from live.wakeups.link import Link, Receive


@asynccontextmanager
async def valkey_link(url: str, channel: str, receive: Receive) -> AsyncIterator[Link]:
    """See `live.wakeups.link.OpenLink`.

    Two connections, since one that listens takes no PUBLISH in the protocol that every version
    speaks. They are used bare: the library's own client would reconnect without telling.
    """
    # The relay bounds every wait.
    pool: Any = ConnectionPool.from_url(url, socket_timeout=None)
    listening, sending = pool.make_connection(), pool.make_connection()
    reading: asyncio.Task[None] | None = None
    try:
        await listening.connect()
        await listening.send_command("SUBSCRIBE", channel)
        await listening.read_response()
        await sending.connect()
        reading = asyncio.create_task(_read(listening, receive))
        yield _ValkeyLink(sending, channel, reading)
    finally:
        if reading is not None:
            reading.cancel()
            await asyncio.wait({reading})
        for connection in (listening, sending):
            with suppress(Exception):
                await connection.disconnect(nowait=True)


async def _read(connection: Any, receive: Receive) -> None:
    """Receive until the connection breaks."""
    with suppress(Exception):
        while True:
            kind, *_, payload = await connection.read_response(disable_decoding=True)
            if kind == b"message":
                receive(payload)


class _ValkeyLink:
    def __init__(self, connection: Any, channel: str, reading: asyncio.Task[None]) -> None:
        self._connection = connection
        self._channel = channel
        self._reading = reading

    async def send(self, payload: bytes) -> None:
        await self._connection.send_command("PUBLISH", self._channel, payload)
        await self._connection.read_response()

    async def lost(self) -> None:
        await asyncio.wait({self._reading})
