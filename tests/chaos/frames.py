"""What a broker sends to its clients, in whole frames, so that a proxy may lose single ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

CRLF = b"\r\n"


@dataclass(frozen=True, slots=True)
class Frame:
    data: bytes
    #: A published message, which a broker may lose; the rest is the conversation itself.
    is_message: bool


@dataclass(frozen=True, slots=True)
class Framing:
    """How a protocol tells where a frame ends."""

    #: The length of the first frame; None where it is not all there.
    measure: Callable[[bytes], int | None]
    is_message: Callable[[bytes], bool]


class Splitter:
    """Bytes as they come from a socket, in frames."""

    def __init__(self, framing: Framing) -> None:
        self._framing = framing
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[Frame]:
        self._rest += data
        while self._rest and (length := self._framing.measure(self._rest)) is not None:
            frame, self._rest = self._rest[:length], self._rest[length:]
            yield Frame(frame, self._framing.is_message(frame))


def _measure_resp(data: bytes) -> int | None:
    """https://valkey.io/topics/protocol/"""
    return _end_of_resp(data, 0)


def _end_of_resp(data: bytes, start: int) -> int | None:
    """Where the value that begins at `start` ends."""
    line = data.find(CRLF, start)
    if line < 0:
        return None
    kind, told = data[start : start + 1], data[start + 1 : line]
    end: int | None = line + len(CRLF)
    if kind == b"$" and int(told) >= 0:
        end = line + len(CRLF) + int(told) + len(CRLF)
        return end if end <= len(data) else None
    if kind == b"*":
        for _ in range(int(told)):
            if end is None:
                return None
            end = _end_of_resp(data, end)
    return end


def _measure_nats(data: bytes) -> int | None:
    """https://docs.nats.io/reference/reference-protocols/nats-protocol"""
    line = data.find(CRLF)
    if line < 0:
        return None
    end = line + len(CRLF)
    if data.startswith(b"MSG "):
        end += int(data[:line].split()[-1]) + len(CRLF)
    return end if end <= len(data) else None


def _measure_postgres(data: bytes) -> int | None:
    """https://www.postgresql.org/docs/current/protocol-message-formats.html"""
    if len(data) < 5:
        return None
    end = 1 + int.from_bytes(data[1:5], "big")
    return end if end <= len(data) else None


RESP = Framing(_measure_resp, lambda frame: frame.startswith(b"*3\r\n$7\r\nmessage\r\n"))
NATS = Framing(_measure_nats, lambda frame: frame.startswith(b"MSG "))
#: Of a connection without TLS, whose first answer would be no frame. `A` is NotificationResponse.
POSTGRES = Framing(_measure_postgres, lambda frame: frame.startswith(b"A"))
