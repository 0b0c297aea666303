"""Text goes out as the library would frame it, and only where the library would send it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from server.websocket_protocol import WRITE_TEXT, WebSocketProtocol, text_frame
from tests.graph.sockets import PATIENCE, serving


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65_535, 65_536, 200_000])
def test_a_message_is_framed_as_the_library_frames_it(length: int) -> None:
    data = b"x" * length
    frame = Frame(Opcode.TEXT, data).serialize(mask=False)
    assert text_frame(data) == text_frame(data[:100], data[100:], b"") == frame


class Echo:
    """Sends texts as it is told, and notes what became of that."""

    def __init__(self, *texts: str) -> None:
        self.texts = texts
        self.outcome: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        for text in self.texts:
            await send({"type": "websocket.send", "text": text})
        await send({"type": "websocket.close", "code": 1000, "reason": ""})
        try:
            await send({"type": "websocket.send", "text": "too late"})
        except Exception as error:
            self.outcome.set_result(type(error).__name__)


@pytest.mark.parametrize("compression", [None, "deflate"])
async def test_texts_arrive_and_none_is_sent_behind_a_close(compression: str | None) -> None:
    texts = ["", "plain", "ü\u2028\U0001f600", "x" * 100_000]
    app = Echo(*texts)
    came = []
    async with serving(app, WebSocketProtocol) as address:
        async with connect(address, compression=compression, proxy=None) as connection:
            try:
                while True:
                    came.append(await connection.recv())
            except ConnectionClosed:
                pass
        assert await app.outcome in ("RuntimeError", "ClientDisconnected")
    assert came == texts
    assert connection.close_code == 1000


class Gathering(WebSocketProtocol):
    """Notes how many pieces of a message it holds at most."""

    most = 0

    def handle_cont(self, event: Frame) -> None:
        super().handle_cont(event)
        Gathering.most = max(Gathering.most, len(self.frames))


async def test_fragments_take_no_more_than_they_hold() -> None:
    async def app(_scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        told = await receive()
        await send({"type": "websocket.send", "text": told["text"]})
        await send({"type": "websocket.close", "code": 1000})

    fragments = ["{", *[""] * 100, "ü", *"}" * 100]
    async with (
        serving(app, Gathering) as address,
        connect(address, compression=None, proxy=None) as connection,
    ):
        await connection.send(fragments)
        assert await connection.recv() == "".join(fragments)
    assert Gathering.most == 1


async def test_what_the_client_asked_with_is_let_go_once_the_socket_is_open() -> None:
    """Headers take 4 KiB, and a socket stays for hours."""
    held: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert (b"x-told", b"1") in scope["headers"]
        await receive()
        await send({"type": "websocket.accept"})
        protocol = receive.__self__
        held.set_result([*scope["headers"], *protocol.request.headers, *protocol.response.headers])

    async with (
        asyncio.timeout(PATIENCE),
        serving(app, WebSocketProtocol) as address,
        connect(address, additional_headers={"x-told": "1"}, proxy=None),
    ):
        assert await held == []


@pytest.mark.parametrize("compression", [None, "deflate"])
async def test_text_is_written_at_once_as_long_as_the_socket_has_room(
    compression: str | None,
) -> None:
    """And what does not fit goes the way that waits, behind it."""
    outcome: asyncio.Future[list[bool]] = asyncio.get_running_loop().create_future()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        write = scope["extensions"][WRITE_TEXT]
        done = [write(b"before it is open")]
        await receive()
        await send({"type": "websocket.accept"})
        done.append(write("ü".encode(), b"", b"x"))
        protocol = receive.__self__
        protocol.pause_writing()
        done.append(write(b"no room"))
        waiting = asyncio.create_task(send({"type": "websocket.send", "text": "waited"}))
        await asyncio.wait({waiting}, timeout=0)
        done.append(waiting.done())
        protocol.resume_writing()
        await waiting
        await send({"type": "websocket.close", "code": 1000, "reason": ""})
        outcome.set_result([*done, write(b"too late")])

    came = []
    async with asyncio.timeout(PATIENCE), serving(app, WebSocketProtocol) as address:
        async with connect(address, compression=compression, proxy=None) as connection:
            async for message in connection:
                came.append(message)
        assert await outcome == [False, True, False, False, False]
    assert came == ["üx", "waited"]
