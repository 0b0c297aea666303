"""Wake-ups by PostgreSQL's LISTEN and NOTIFY."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg

from live.wakeups.link import LEAVE_SECONDS, Link, Receive


@asynccontextmanager
async def postgres_link(url: str, channel: str, receive: Receive) -> AsyncIterator[Link]:
    """See `live.wakeups.link.OpenLink`.

    A connection of its own: a listening one cannot go back to the pool, and NOTIFY must not stand
    in a transaction that writes data, since it locks all others that notify until it has committed.
    """
    connection = await asyncpg.connect(url, server_settings={"application_name": "agent-runs"})
    link = _PostgresLink(connection, channel)
    try:
        await connection.add_listener(channel, lambda *told: receive(told[3].encode()))
        yield link
    finally:
        with suppress(Exception):
            await connection.close(timeout=LEAVE_SECONDS)
        connection.terminate()


class _PostgresLink:
    def __init__(self, connection: Any, channel: str) -> None:
        self._connection = connection
        self._channel = channel
        self._lost = asyncio.Event()
        connection.add_termination_listener(lambda _: self._lost.set())

    async def send(self, payload: bytes) -> None:
        await self._connection.execute("SELECT pg_notify($1, $2)", self._channel, payload.decode())

    async def lost(self) -> None:
        await self._lost.wait()
