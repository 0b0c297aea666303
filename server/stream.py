"""Answers that are sent bit by bit, and whose end can be told from their breaking off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing
from typing import Any

from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

#: What every stream says: it is never old, a proxy is not to gather it before it passes it on
#: (nginx takes its word), and it is nothing but what its type says.
HEADERS = {
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
    "X-Content-Type-Options": "nosniff",
}
#: Seconds between signs of life. Proxies cut off what was silent for a minute, or for half of one.
KEEPALIVE_SECONDS = 15.0


class CutOff(Exception):
    """The stream cannot go on, and was not at its end."""


class Stream(StreamingResponse):
    """An answer of many parts, each sent once the socket has taken the one before.

    Where its content raises CutOff, or `until` returns, the connection is closed without the last
    chunk (RFC 9112, section 7.1), so that nobody takes what there is for the whole: curl exits with
    18, fetch rejects, EventSource comes back. Once the client has gone the content is closed.

    A client that stopped reading is found by the system (STALLED_SECONDS in server/serving.py).
    """

    def __init__(
        self,
        content: AsyncGenerator[str, None],
        media_type: str,
        until: Callable[[], Coroutine[Any, Any, object]],
        *,
        sign_of_life: str = "",
    ) -> None:
        super().__init__(content, headers=HEADERS, media_type=media_type)
        self._until = until
        self._content = content
        self._sign_of_life = sign_of_life.encode()
        self._sending = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Not as Starlette does it: its cancelling interrupts also what the content has to clean up.
        sending = asyncio.create_task(self.stream_response(send))
        gone, over = self.listen_for_disconnect(receive), self._until()
        tasks = {sending, asyncio.create_task(gone), asyncio.create_task(over)}
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            pass  # The grace of a shutdown is over: this is cut off too.
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        if not sending.cancelled():
            sending.result()

    async def stream_response(self, send: Send) -> None:
        async def alone(message: Message) -> None:
            async with self._sending:
                await send(message)

        alive = asyncio.create_task(self._show_life(send))
        try:
            async with aclosing(self._content):
                await super().stream_response(alone)
        except CutOff:
            # The server closes the connection of an answer that has no last part.
            return
        finally:
            alive.cancel()

    async def _show_life(self, send: Send) -> None:
        part = {"type": "http.response.body", "body": self._sign_of_life, "more_body": True}
        while self._sign_of_life:
            await asyncio.sleep(KEEPALIVE_SECONDS)
            async with self._sending:
                await send(part)
