"""uvicorn's WebSocket protocol, with a keepalive that tells slow clients from absent ones.

uvicorn closes with 1011 where a ping is not answered in time, which graphql-ws takes as final, and
it does so to whoever reads slowly: a ping stands in line behind everything that was sent before it.
"""

from __future__ import annotations

import socket
import struct

import structlog
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

log = structlog.get_logger(__name__)

#: Where `tcpi_bytes_acked` stands in `struct tcp_info` (linux/tcp.h, since Linux 4.1).
_BYTES_ACKED = struct.Struct("=120xQ")


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """A client that neither answers a ping nor takes a byte for `ws_ping_timeout` is gone."""

    _taken = 0

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
