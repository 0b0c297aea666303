"""uvicorn's WebSocket protocol, with a keepalive of ours and a short way for text.

uvicorn closes with 1011 where a ping is not answered in time, which graphql-ws takes as final, and
it does so to whoever reads slowly: a ping stands in line behind everything that was sent before it.
Ours tells slow clients from absent ones.

A message of text that nothing compresses is one frame, which its length tells all about. Writing it
at once instead of by way of the library's frames takes a third off what a message costs.
"""

from __future__ import annotations

import socket
import struct
from typing import Any

import structlog
from uvicorn._types import ASGISendEvent
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

from server.websocket_queue import Inbox, Room

log = structlog.get_logger(__name__)

#: Where `tcpi_bytes_acked` stands in `struct tcp_info` (linux/tcp.h, since Linux 4.1).
_BYTES_ACKED = struct.Struct("=120xQ")


#: The first byte of a whole message of text: FIN and the opcode (RFC 6455, section 5.2).
_TEXT = 0x81
#: Lengths up to here stand in 7 bits, in 16 bits, else in 64.
_SHORT, _MEDIUM = 125, 0xFFFF
_MEDIUM_HEAD, _LONG_HEAD = struct.Struct("!BBH"), struct.Struct("!BBQ")


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """A client that neither answers a ping nor takes a byte for `ws_ping_timeout` is gone."""

    _taken = 0

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.queue = Inbox()  # type: ignore[assignment] # all that is used of asyncio.Queue
        self.writable = Room()  # type: ignore[assignment] # the same of asyncio.Event

    async def send(self, message: ASGISendEvent) -> None:
        """Text on an open connection goes out at once; everything else is uvicorn's."""
        text = message.get("text") if message["type"] == "websocket.send" else None
        if text is None or not self._takes_text:
            await super().send(message)
            if message["type"] == "websocket.accept":
                self._forget_handshake()
            return
        if not self.writable.is_set():
            await self.writable.wait()
        if self.disconnected:
            raise ClientDisconnected
        if not self._takes_text:  # closed while it waited
            await super().send(message)
            return
        self.transport.write(text_frame(text.encode()))

    def _forget_handshake(self) -> None:
        """Let go of the headers: the app has read them, and a socket stays for hours."""
        # Cleared, since the library's parser and Starlette hold them as well.
        self.request.headers.clear()
        self.response.headers.clear()
        self.scope["headers"].clear()  # type: ignore[attr-defined] # a list, which ASGI leaves open

    @property
    def _takes_text(self) -> bool:
        """Whether what the library checks for each message holds, and nothing is compressed."""
        return self.conn.state is State.OPEN and not self.close_sent and not self.conn.extensions

    def send_keepalive_ping(self) -> None:
        """Ask, and note how much the client has taken by now."""
        self._taken = self._bytes_taken()
        super().send_keepalive_ping()

    def keepalive_timeout(self) -> None:
        """No answer in time: wait on as long as the client takes what stands before the ping."""
        taken = self._bytes_taken()
        if taken > self._taken and not self.transport.is_closing():
            self._taken = taken
            assert self.ping_timeout is not None
            self.pong_timer = self.loop.call_later(self.ping_timeout, self.keepalive_timeout)
            return
        self.pong_timer = None
        self.pending_ping_payload = None
        log.info("client is gone", client=self.client, reason="it answers no ping")
        # Nobody reads a close frame there, and what is buffered would be waited for.
        self.transport.abort()

    def _bytes_taken(self) -> int:
        """Bytes that the client's system has acknowledged; 0 where ours does not tell."""
        connection = self.transport.get_extra_info("socket")
        try:
            info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _BYTES_ACKED.size)
            taken: int = _BYTES_ACKED.unpack(info)[0]
        except (AttributeError, OSError, struct.error):
            return 0
        return taken


def text_frame(data: bytes) -> bytes:
    """A whole message of text, as a server sends it: unmasked, in one frame."""
    length = len(data)
    if length <= _SHORT:
        return bytes((_TEXT, length)) + data
    if length <= _MEDIUM:
        return _MEDIUM_HEAD.pack(_TEXT, 126, length) + data
    return _LONG_HEAD.pack(_TEXT, 127, length) + data
