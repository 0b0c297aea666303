"""WebSockets: a subscription by graphql-transport-ws, and a bare one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from benchmarks.http_client import GRAPHQL, BadAnswer

_PROTOCOL = Subprotocol("graphql-transport-ws")


@asynccontextmanager
async def bare_socket(port: int) -> AsyncIterator[ClientConnection]:
    """A WebSocket to a floor. No compression, on either: it would be most of what is measured."""
    async with connect(f"ws://127.0.0.1:{port}/", compression=None, proxy=None) as socket:
        yield socket


@asynccontextmanager
async def subscribed_socket(
    port: int, document: str, **variables: Any
) -> AsyncIterator[ClientConnection]:
    """A WebSocket to the service, with one subscription under way."""
    async with connect(
        f"ws://127.0.0.1:{port}{GRAPHQL}",
        subprotocols=[_PROTOCOL],
        compression=None,
        proxy=None,
        max_size=None,
    ) as socket:
        await socket.send('{"type":"connection_init"}')
        await socket.recv()
        payload = {"query": document, "variables": variables}
        told = {"id": "1", "type": "subscribe", "payload": payload}
        await socket.send(orjson.dumps(told).decode())
        yield socket


def result_of(text: str | bytes) -> dict[str, Any] | None:
    """The data in a message of a subscription; None for `complete`. Raises BadAnswer."""
    message = orjson.loads(text)
    match message:
        case {"type": "next", "payload": {"data": dict(data)}}:
            return data
        case {"type": "complete"}:
            return None
    raise BadAnswer(str(message)[:500])
