"""Text goes out as the library would frame it, and only where the library would send it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import uvicorn
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from server.websocket_protocol import WebSocketProtocol, text_frame
from tests.graph.sockets import PATIENCE


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65_535, 65_536, 200_000])
def test_a_message_is_framed_as_the_library_frames_it(length: int) -> None:
    data = b"x" * length
    assert text_frame(data) == Frame(Opcode.TEXT, data).serialize(mask=False)


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
    config = uvicorn.Config(app, port=0, lifespan="off", log_config=None, ws=WebSocketProtocol)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(PATIENCE):
        while not server.started:  # noqa: ASYNC110 - uvicorn tells it nowhere else
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        came = []
        address = f"ws://127.0.0.1:{port}/"
        async with connect(address, compression=compression, proxy=None) as connection:
            try:
                while True:
                    came.append(await connection.recv())
            except ConnectionClosed:
                pass
        assert came == texts
        assert connection.close_code == 1000
        assert await app.outcome in ("RuntimeError", "ClientDisconnected")
        server.should_exit = True
        await serving
