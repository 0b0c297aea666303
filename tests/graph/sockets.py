"""A real server, and clients that speak graphql-transport-ws in whole frames."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.graph.support import PATH

PROTOCOL = Subprotocol("graphql-transport-ws")
#: Seconds that anything may take in a test.
PATIENCE = 20.0


@asynccontextmanager
async def serving(
    app: ASGIApp, ws: Any = "websockets-sansio", http: Any = "auto"
) -> AsyncIterator[str]:
    """Serve the app on a port of its own, by these protocols; the address of its sockets."""
    config = uvicorn.Config(
        app, port=0, lifespan="off", log_config=None, http=http, ws=ws, ws_ping_interval=None
    )
    server = uvicorn.Server(config)
    serve = asyncio.create_task(server.serve())
    async with asyncio.timeout(PATIENCE):
        while not server.started:  # noqa: ASYNC110 - uvicorn tells it nowhere else
            await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"ws://127.0.0.1:{port}{PATH}"
    finally:
        server.should_exit = True
        await serve


class Socket:
    """One connection."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def send(self, message: Any) -> None:
        await self.send_text(json.dumps(message))

    async def send_text(self, text: str) -> None:
        await self.connection.send(text)

    async def receive(self) -> Any:
        async with asyncio.timeout(PATIENCE):
            frame = await self.connection.recv()
        assert isinstance(frame, str), "browsers' clients take text only"
        return json.loads(frame)

    async def init(self) -> None:
        await self.send({"type": "connection_init"})
        assert await self.receive() == {"type": "connection_ack"}

    async def subscribe(self, operation_id: str, query: str, **variables: Any) -> None:
        payload = {"query": query, "variables": variables}
        await self.send({"id": operation_id, "type": "subscribe", "payload": payload})

    async def closed(self) -> tuple[int | None, str | None]:
        """The code and the reason that the server closes with; no message may come before."""
        with suppress(ConnectionClosed):
            raise AssertionError(f"expected a close, got {await self.receive()}")
        return self.connection.close_code, self.connection.close_reason


@asynccontextmanager
async def socket_to(address: str) -> AsyncIterator[Socket]:
    async with connect(address, subprotocols=[PROTOCOL], proxy=None) as connection:
        yield Socket(connection)
