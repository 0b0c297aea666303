"""A WebSocket client that reads as slowly as it is told, or not at all."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any, Self

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

from tests.graph.sockets import PATIENCE, PROTOCOL
from tests.graph.support import PATH

#: Bytes that the client's system takes ahead of the client: as few as it lets us.
RECEIVE_BUFFER = 4_096


class SlowReader:
    """One socket with one subscription. Nothing is read, and no ping answered, but by `read`."""

    def __init__(self, url: str) -> None:
        self._address = f"{url.replace('http', 'ws', 1)}{PATH}"
        self._protocol = ClientProtocol(parse_uri(self._address), subprotocols=[PROTOCOL])
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        self._socket.setblocking(False)
        #: What came so far.
        self.messages: list[dict[str, Any]] = []

    async def __aenter__(self) -> Self:
        uri = parse_uri(self._address)
        await asyncio.get_running_loop().sock_connect(self._socket, (uri.host, uri.port))
        self._protocol.send_request(self._protocol.connect())
        await self._flush()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._socket.close()

    async def subscribe(self, query: str, **variables: Any) -> None:
        """Begin, and read up to the acknowledgement."""
        while self._protocol.state.name == "CONNECTING":
            await self.read(RECEIVE_BUFFER)
        await self._send({"type": "connection_init"})
        while not self.messages:
            await self.read(RECEIVE_BUFFER)
        assert self.messages.pop() == {"type": "connection_ack"}
        payload = {"query": query, "variables": variables}
        await self._send({"id": "1", "type": "subscribe", "payload": payload})

    async def read(self, size: int) -> int:
        """Read at most so many bytes; how many came, 0 where the other side has closed."""
        async with asyncio.timeout(PATIENCE):
            data = await asyncio.get_running_loop().sock_recv(self._socket, size)
        if data:
            self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                self.messages.append(json.loads(bytes(event.data)))
        await self._flush()  # pongs
        return len(data)

    @property
    def lines(self) -> list[str]:
        """The messages of all log lines so far."""
        return [
            line["message"]
            for message in self.messages
            for line in message["payload"]["data"]["logLines"]["lines"]
        ]

    async def _send(self, message: dict[str, Any]) -> None:
        self._protocol.send_text(json.dumps(message).encode())
        await self._flush()

    async def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            await asyncio.get_running_loop().sock_sendall(self._socket, data)
