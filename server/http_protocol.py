"""uvicorn's protocol for HTTP, with bounds on what comes before the app hears of a request.

Neither uvicorn nor its parser bounds the head of a request, nor the time in which one has to come:
one connection could take all memory with a header that does not end, and a thousand that send a
byte now and then would be kept for good.
"""

from __future__ import annotations

import asyncio
from typing import Any, Self

import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from graph.errors import LIMIT_EXCEEDED
from server.limits import DOOR_LIMITS, DoorLimits

#: Of a line of a header, besides its name and value: `: ` and the line's end.
_LINE_BYTES = 4


class HttpProtocol(HttpToolsProtocol):
    """Refuses a head beyond MAX_HEADER_BYTES and a request that takes beyond REQUEST_SECONDS."""

    limits: DoorLimits = DOOR_LIMITS

    _timer: asyncio.TimerHandle | None = None
    #: Whether a request's line and headers are being read.
    _in_head = False
    #: Whether the parser came to anything with what was received last.
    _came_on = False
    #: Bytes since it last did: they wait in the parser, of a header or of a trailer.
    _waiting_bytes = 0

    @classmethod
    def within(cls, limits: DoorLimits) -> type[Self]:
        """The protocol with these limits; uvicorn makes one of each connection itself."""
        return type(cls.__name__, (cls,), {"limits": limits})

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._begin_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._came_on = False
        super().data_received(data)
        self._waiting_bytes = 0 if self._came_on else self._waiting_bytes + len(data)
        if self._waiting_bytes > self.limits.max_header_bytes:
            self._refuse_head()

    # ------------------------------------------------------------ what the parser comes to

    def on_message_begin(self) -> None:
        self._came_on = self._in_head = True
        if self._timer is None:
            self._begin_timer()
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        # A trailer may be discarded (RFC 9110, section 6.5.1), and nothing here reads one.
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._came_on, self._in_head = True, False
        if self._head_bytes > self.limits.max_header_bytes:
            raise _HeadTooLarge  # the parser passes it on, to send_400_response
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._came_on = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._came_on = True
        self._end_timer()
        super().on_message_complete()

    @property
    def _head_bytes(self) -> int:
        lines = sum(len(name) + len(value) + _LINE_BYTES for name, value in self.headers)
        return len(self.url) + lines

    # ------------------------------------------------------------ refusals

    def send_400_response(self, msg: str) -> None:
        """Answer what the parser does not take."""
        if self.headers is not None and self._head_bytes > self.limits.max_header_bytes:
            self._refuse_head()
        else:
            super().send_400_response(msg)

    def _refuse_head(self) -> None:
        most = self.limits.max_header_bytes
        self._refuse(431, "MAX_HEADER_BYTES", most, f"headers: expected at most {most} bytes")

    def _refuse_late(self) -> None:
        self._timer = None
        seconds = self.limits.request_seconds
        expected = f"request: expected all of it within {seconds:g} s"
        self._refuse(408, "REQUEST_SECONDS", seconds, expected)

    def _refuse(self, status: int, setting: str, most: float, expected: str) -> None:
        """Tell a client that has begun a request, and is not being answered, and hang up."""
        is_answered = self.cycle is not None and self.cycle.response_started
        if self.headers is not None and not is_answered and not self.transport.is_closing():
            self.transport.write(
                _answer(status, setting, most, f"{expected}, got more ({setting})")
            )
        self.transport.close()

    def _begin_timer(self) -> None:
        self._timer = self.loop.call_later(self.limits.request_seconds, self._refuse_late)

    def _end_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class _HeadTooLarge(Exception):
    """A head that came whole, and is beyond the limit."""


def _answer(status: int, setting: str, most: float, message: str) -> bytes:
    """A whole answer, as the app's own refusals are; nothing comes behind it."""
    extensions: dict[str, Any] = {"code": LIMIT_EXCEEDED, "setting": setting, "limit": most}
    body = orjson.dumps({"errors": [{"message": message, "extensions": extensions}]})
    head = (
        b"content-type: application/json\r\n"
        b"connection: close\r\n"
        b"content-length: %d\r\n\r\n" % len(body)
    )
    return b"".join((STATUS_LINE[status], head, body))
