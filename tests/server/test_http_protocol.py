"""A request's head is bounded, and so is the time in which a request has to come."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from server.http_protocol import HttpProtocol
from server.limits import DoorLimits
from server.websocket_protocol import WebSocketProtocol
from tests.graph.sockets import PATIENCE, serving, socket_to

HEAD = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n"
KIB = 1024
#: More than the system's buffers and a chunk that uvicorn reads at once.
PLENTY = 64


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the length of the body; keeps a socket until it is closed."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept", "subprotocol": "graphql-transport-ws"})
        await receive()
        await send({"type": "websocket.send", "text": "{}"})
        await send({"type": "websocket.close", "code": 1000})
        return
    try:
        body = await Request(scope, receive).body()
    except ClientDisconnect:
        return
    await PlainTextResponse(f"{len(body)}")(scope, receive, send)


@asynccontextmanager
async def connected(
    **limits: Any,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to the app within these limits."""
    protocol = HttpProtocol.within(DoorLimits(**limits))
    async with serving(app, http=protocol) as address:
        parts = urlsplit(address)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        try:
            yield reader, writer
        finally:
            writer.close()


async def send(writer: asyncio.StreamWriter, parts: Iterable[bytes]) -> None:
    """As far as the server takes it."""
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
    except ConnectionError:
        pass


async def answer(reader: asyncio.StreamReader) -> bytes:
    """Everything until the server hangs up; nothing where it did so on what was being sent."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await reader.read()
    except ConnectionError:
        return b""


def refusal(raw: bytes) -> tuple[int, Any]:
    head, _, body = raw.partition(b"\r\n\r\n")
    [error] = json.loads(body)["errors"]
    return int(head.split()[1]), error


async def test_a_head_that_came_whole_and_is_too_large_is_told_of() -> None:
    async with connected(max_header_bytes=8 * KIB) as (reader, writer):
        await send(writer, [HEAD, b"X: ", b"x" * 9 * KIB, b"\r\n\r\n"])
        status, error = refusal(await answer(reader))
    assert status == 431
    assert error == {
        "message": "headers: expected at most 8192 bytes, got more (MAX_HEADER_BYTES)",
        "extensions": {"code": "LIMIT_EXCEEDED", "setting": "MAX_HEADER_BYTES", "limit": 8192},
    }


@pytest.mark.parametrize(
    "parts",
    [
        (HEAD, b"X: ", *[b"x" * 256 * KIB] * PLENTY),
        (HEAD, *[b"X: y\r\n" * 32 * KIB] * PLENTY),
        (b"GET /", *[b"x" * 256 * KIB] * PLENTY),
        (HEAD, b"Transfer-Encoding: chunked\r\n\r\n0\r\n", *[b"X: y\r\n" * 32 * KIB] * PLENTY),
    ],
    ids=["a header", "headers", "an address", "trailers"],
)
async def test_what_does_not_end_is_hung_up_on(parts: tuple[bytes, ...]) -> None:
    async with connected(max_header_bytes=8 * KIB) as (reader, writer):
        await send(writer, parts)
        # What was on its way when the server hung up may have torn the answer from the client.
        assert (await answer(reader))[:13] in (b"", b"HTTP/1.1 431 ")
        assert reader.at_eof() or reader.exception() is not None


@pytest.mark.parametrize(
    "begun",
    [HEAD, HEAD + b"Content-Length: 9\r\n\r\nhalf"],
    ids=["the head", "the body"],
)
async def test_a_request_that_does_not_come_in_time_is_told_of(begun: bytes) -> None:
    async with connected(request_seconds=0.1) as (reader, writer):
        await send(writer, [begun])
        status, error = refusal(await answer(reader))
    assert status == 408
    expected = "request: expected all of it within 0.1 s, got more (REQUEST_SECONDS)"
    assert error["message"] == expected


async def test_a_connection_without_a_request_is_closed() -> None:
    async with connected(request_seconds=0.1) as (reader, _):
        assert await answer(reader) == b""


async def test_requests_within_the_limits_are_answered_one_after_the_other() -> None:
    async with connected(max_header_bytes=8 * KIB, request_seconds=PATIENCE) as (reader, writer):
        for length in (3, 300 * KIB):
            head = HEAD + b"X: %s\r\n" % (b"x" * 7 * KIB)
            await send(writer, [head, b"Content-Length: %d\r\n\r\n" % length, b"x" * length])
            said = await reader.readuntil(b"\r\n\r\n")
            assert said.startswith(b"HTTP/1.1 200 ")
            assert await reader.readexactly(len(f"{length}")) == f"{length}".encode()


async def test_a_socket_stays_longer_than_a_request_may() -> None:
    protocol = HttpProtocol.within(DoorLimits(request_seconds=0.1))
    now = asyncio.get_running_loop().time
    async with serving(app, WebSocketProtocol, protocol) as address, socket_to(address) as socket:
        until = now() + 0.3
        while now() < until:
            await (await socket.connection.ping())
        await socket.send({})
        assert await socket.receive() == {}
