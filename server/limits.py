"""What one client may send, hold open and ask for: settings, like those of graph/limits.py."""

from __future__ import annotations

from dataclasses import dataclass

from limits import RateLimitItem, parse

from graph.errors import LIMIT_EXCEEDED
from graph.limits import BadLimit, check_bounds, limit

_MIB = 1024 * 1024
#: After a socket is closed with it, graphql-ws comes back by itself.
_TRY_AGAIN_LATER = "1013"


@dataclass(frozen=True, slots=True)
class DoorLimits:
    """Each process counts for itself, but for RATE_LIMIT where there is a RATE_LIMIT_URL."""

    max_body_bytes: int = limit(
        16 * _MIB,
        "Of a reporter's or an admin's request: a call of appendLogs with 1,000 lines of 16 KiB. "
        "None may be compressed.",
        "413",
        least=64 * 1024,
    )
    max_header_bytes: int = limit(
        128 * 1024,
        "Of a request's line and headers: a document of MAX_DOCUMENT_LENGTH in an address, "
        "escaped.",
        "431",
        least=8 * 1024,
    )
    request_seconds: float = limit(
        60.0,
        "From a request's first byte to its last: a body of MAX_BODY_BYTES at 2 Mbit/s. A "
        "connection without a request has as long.",
        "408",
        least=0.01,
    )
    max_message_bytes: int = limit(
        _MIB,
        "Of a client's message on a WebSocket, and of everybody else's request: a document and its "
        "variables, with room to spare.",
        "1009, of a request 413",
        least=16 * 1024,
    )
    max_json_depth: int = limit(
        80,
        "Levels of a body or a message: the 64 of a value that is kept, and what is around it.",
        "400, on a socket 4400",
        least=16,
        most=500,
    )
    connection_init_seconds: float = limit(
        10.0,
        "A client of a WebSocket that has not said `connection_init` by then is none.",
        "4408",
        least=0.01,
    )
    max_sockets: int = limit(
        20_000,
        "WebSockets at once. Each holds some tens of KiB.",
        _TRY_AGAIN_LATER,
        least=1,
    )
    max_sockets_per_client: int = limit(
        2_000,
        "The same of one client: who logged in, or else an address, such as that of the people "
        "behind one proxy.",
        _TRY_AGAIN_LATER,
        least=1,
    )
    max_operations_per_socket: int = limit(
        100,
        "Operations under way at once on a WebSocket: a page full of live runs.",
        LIMIT_EXCEEDED,
        least=1,
    )
    max_streams: int = limit(
        5_000,
        "Streams of events and of logs.txt?follow=1 at once. Each holds a connection.",
        "503",
        least=1,
    )
    max_streams_per_client: int = limit(
        500,
        "The same of one client.",
        "429",
        least=1,
    )
    rate_limit: str = limit(
        "1000/second",
        "Requests, and openings and operations of sockets, of one client: who logged in, or else "
        "an address. Also `60000/minute`; `none` for any number.",
        f"429, on a socket {LIMIT_EXCEEDED}, at its opening {_TRY_AGAIN_LATER}",
    )
    max_registered_documents: int = limit(
        1_000,
        "Documents that clients register by their hash, each of MAX_DOCUMENT_LENGTH at most; the "
        "one that was not asked for longest goes first. 0: they may not.",
        "PERSISTED_QUERY_NOT_FOUND",
        least=0,
    )

    @property
    def rate(self) -> RateLimitItem | None:
        """RATE_LIMIT; None for any number. Raises BadLimit."""
        if self.rate_limit.strip().lower() == "none":
            return None
        try:
            return parse(self.rate_limit)
        except ValueError as error:
            raise BadLimit(
                f"RATE_LIMIT: expected such as 1000/second, or none, got {self.rate_limit[:60]!r}"
            ) from error

    def check(self) -> None:
        """See that each can be. Raises BadLimit."""
        check_bounds(self)
        if (rate := self.rate) is not None and rate.amount < 1:
            raise BadLimit(f"RATE_LIMIT: expected at least 1, got {rate.amount}")


#: Unless told otherwise.
DOOR_LIMITS = DoorLimits()
