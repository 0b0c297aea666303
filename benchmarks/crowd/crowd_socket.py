"""One WebSocket of the crowd: as much of RFC 6455 as is needed to count what comes."""

from __future__ import annotations

import asyncio
import time
import zlib
from dataclasses import dataclass, field
from typing import cast

#: What stands before a line's number. The number is the last field of a line, so the first and the
#: last of a message are found near its ends.
_SEQUENCE = b'"sequence":'
_TEXT, _PONG = 0x1, 0xA
_FINAL, _COMPRESSED, _MASKED = 0x80, 0x40, 0x80
#: Browsers offer compression like this (RFC 7692).
_OFFER = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"


@dataclass(frozen=True, slots=True)
class Opening:
    """How a socket begins."""

    port: int
    path: str
    #: Messages of graphql-transport-ws: the second one is sent once the first is answered.
    messages: tuple[str, ...] = ()
    offers_compression: bool = False

    def request(self) -> bytes:
        protocol = "Sec-WebSocket-Protocol: graphql-transport-ws\r\n" if self.messages else ""
        return (
            f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{protocol}"
            f"{_OFFER if self.offers_compression else ''}\r\n"
        ).encode()


@dataclass(slots=True)
class Tally:
    """What came to all sockets together."""

    #: Whether to note when messages arrive.
    timed: bool = False
    #: Lines of a message that cannot be read because it is compressed.
    compressed_lines: int = 0
    messages: int = 0
    #: From the wire, with the heads of frames.
    bytes: int = 0
    lines: int = 0
    #: Socket, its last line, and time.perf_counter(), by message.
    arrivals: list[tuple[int, int, float]] = field(default_factory=list)
    #: What went wrong first.
    problem: str | None = None
    #: A line's number, and how many sockets do not have that line yet.
    target: int = 0
    behind: int = 0
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    def fail(self, problem: str) -> None:
        self.problem = self.problem or problem
        self.moved.set()


class CrowdSocket(asyncio.Protocol):
    """Counts messages and lines, and sees that no line is missing or comes twice."""

    def __init__(self, number: int, opening: Opening, tally: Tally) -> None:
        self._number, self._opening, self._tally = number, opening, tally
        self._unsent = list(opening.messages)
        self._rest = b""
        self._is_open = False
        #: Every compressed message depends on those before it; one socket reads them, to check.
        self._inflating = zlib.decompressobj(-zlib.MAX_WBITS) if number == 0 else None
        #: The last line that came.
        self.last = 0
        #: Done once the socket is open and everything was asked for.
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none of asyncio's classes.
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(self._opening.request())

    def connection_lost(self, error: Exception | None) -> None:
        self._fail(f"socket {self._number} was closed at line {self.last}: {error}")

    def data_received(self, data: bytes) -> None:
        self._tally.bytes += len(data)
        if self._rest:
            data = self._rest + data
        at = 0 if self._is_open else self._skip_answer(data)
        size = len(data)
        while size - at >= 2:
            length, start = data[at + 1], at + 2
            if length >= 126:
                start += 2 if length == 126 else 8
                length = int.from_bytes(data[at + 2 : start]) if start <= size else size
            end = start + length
            if end > size:
                break
            self._take(data[at], data, start, end)
            at = end
        self._rest = data[at:]

    def _skip_answer(self, data: bytes) -> int:
        """The end of the answer to the request; 0 where it is not there yet."""
        end = data.find(b"\r\n\r\n") + 4
        if end < 4:
            return 0
        if not data.startswith(b"HTTP/1.1 101"):
            self._fail(f"expected a WebSocket, got {data[:200]!r}")
        self._is_open = True
        self._go_on()
        return end

    def _go_on(self) -> None:
        """Send the next message of the opening; with the last of them the socket is ready."""
        if self._unsent:
            self._send(_TEXT, self._unsent.pop(0).encode())
        if not self._unsent and not self.ready.done():
            self.ready.set_result(None)

    def _send(self, opcode: int, payload: bytes) -> None:
        """One frame. Clients have to mask, and the mask may be zero."""
        length = len(payload)
        head = bytes([_FINAL | opcode, _MASKED | min(length, 126)])
        wide = length.to_bytes(2) if length >= 126 else b""
        self.transport.write(head + wide + bytes(4) + payload)

    def _take(self, head: int, data: bytes, start: int, end: int) -> None:
        match head & 0xF:
            case 0x1 if not self.ready.done():
                self._go_on()  # the service acknowledges
            case 0x1 if head & _COMPRESSED:
                self._take_compressed(data[start:end])
            case 0x1:
                self._take_lines(data, start, end)
            case 0x9:
                self._send(_PONG, data[start:end])

    def _take_compressed(self, payload: bytes) -> None:
        if self._inflating is None:
            self._advance(self.last + 1, self.last + self._tally.compressed_lines)
            return
        text = self._inflating.decompress(payload + b"\x00\x00\xff\xff")
        self._take_lines(text, 0, len(text))

    def _take_lines(self, data: bytes, start: int, end: int) -> None:
        first = data.find(_SEQUENCE, start, end)
        if first < 0:
            return  # `complete`, or a batch without lines
        last = data.rfind(_SEQUENCE, first, end)
        self._advance(_number_at(data, first), _number_at(data, last))

    def _advance(self, first: int, last: int) -> None:
        tally, before = self._tally, self.last
        if first != before + 1:
            self._fail(f"socket {self._number} got line {first}, expected {before + 1}")
        tally.messages += 1
        tally.lines += last - before
        self.last = last
        if tally.timed:
            tally.arrivals.append((self._number, last, time.perf_counter()))
        if before < tally.target <= last:
            tally.behind -= 1
            if not tally.behind:
                tally.moved.set()

    def _fail(self, problem: str) -> None:
        self._tally.fail(problem)
        if not self.ready.done():
            self.ready.set_exception(ConnectionError(problem))


def _number_at(data: bytes, at: int) -> int:
    start = at + len(_SEQUENCE)
    return int(data[start : data.index(b"}", start)])
