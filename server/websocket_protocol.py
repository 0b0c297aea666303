"""uvicorn's WebSocket protocol, with a keepalive of ours and a short way for text.

uvicorn closes with 1011 where a ping is not answered in time, which graphql-ws takes as final, and
it does so to whoever reads slowly: a ping stands in line behind everything that was sent before it.
Ours tells slow clients from absent ones.

A message of text that nothing compresses is one frame, which its length tells all about. An app
writes it in one call, instead of by coroutines and the library's frames, which are most of what a
message costs but for the system's part.
"""

from __future__ import annotations

import socket
import struct
from typing import Any, cast

import structlog
from uvicorn._types import ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request
from websockets.protocol import State

from server.websocket_queue import Inbox, Room

log = structlog.get_logger(__name__)

#: The extension of ASGI by which an app finds `WebSocketProtocol.write_text`.
WRITE_TEXT = "agent_runs.write_text"

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

    def handle_connect(self, event: Request) -> None:
        """Offer the app our short way; uvicorn makes the scope here, and starts the app later."""
        super().handle_connect(event)
        if self.handshake_initiated and not self.handshake_complete:
            extensions = cast(dict[str, Any], self.scope["extensions"])
            extensions[WRITE_TEXT] = self.write_text

    def handle_cont(self, event: Frame) -> None:
        """Gather a message's fragments in one buffer.

        In a list of them each takes 60 bytes and more besides what it holds, and those that hold
        nothing come without an end: MAX_MESSAGE_BYTES bounds only what they hold.
        """
        if not isinstance(self.frames[0], bytearray):
            self.frames = [bytearray(self.frames[0])]  # type: ignore[list-item] # joined like bytes
        self.frames[0] += event.data
        if event.fin:
            self.send_receive_event_to_app()

    async def send(self, message: ASGISendEvent) -> None:
        """Text goes out at once where that can be; everything else is uvicorn's."""
        text = message.get("text") if message["type"] == "websocket.send" else None
        if text is not None and self.write_text(text.encode()):
            return
        await super().send(message)
        if message["type"] == "websocket.accept":
            self._forget_handshake()

    def write_text(self, *parts: bytes) -> bool:
        """Write a message of text, of parts in UTF-8, if an open socket has room for it now.

        Returns whether it was written. What has to wait, or must not be sent any more, is left to
        `send`, which waits, or raises what uvicorn does.
        """
        if not self._takes_text or not self.writable.is_set():
            return False
        if self.conn.extensions:
            self.conn.send_text(b"".join(parts))
            self.transport.write(b"".join(self.conn.data_to_send()))
        else:
            self.transport.write(text_frame(*parts))
        return True

    def _forget_handshake(self) -> None:
        """Let go of the headers: the app has read them, and a socket stays for hours."""
        # Cleared, since the library's parser and Starlette hold them as well.
        self.request.headers.clear()
        self.response.headers.clear()
        self.scope["headers"].clear()  # type: ignore[attr-defined] # a list, which ASGI leaves open

    @property
    def _takes_text(self) -> bool:
        """Whether what uvicorn and the library check for each message holds."""
        return self.conn.state is State.OPEN and not self.close_sent and not self.disconnected

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


def text_frame(*parts: bytes) -> bytes:
    """A whole message of text, as a server sends it: unmasked, in one frame."""
    return b"".join((_head(sum(map(len, parts))), *parts))


def _head(length: int) -> bytes:
    if length <= _SHORT:
        return bytes((_TEXT, length))
    if length <= _MEDIUM:
        return _MEDIUM_HEAD.pack(_TEXT, 126, length)
    return _LONG_HEAD.pack(_TEXT, 127, length)
