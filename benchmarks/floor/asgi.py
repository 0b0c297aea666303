"""ASGI by hand: as little as there can be between uvicorn and what is measured."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Receive, Scope, Send

#: A body in, a body out.
Answer = Callable[[bytes], Awaitable[bytes]]
#: Starts something, and returns what ends it.
Start = Callable[[], Awaitable[Callable[[], Awaitable[None]]]]


def app_of(answer: Answer, start: Start) -> ASGIApp:
    """An app that answers every request, whatever its path."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await live(start, receive, send)
        else:
            await send_answer(send, await answer(await read_body(receive)))

    return app


async def read_body(receive: Receive) -> bytes:
    """All of a request's body."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body


async def send_answer(send: Send, body: bytes) -> None:
    """200, with a length."""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def live(start: Start, receive: Receive, send: Send) -> None:
    await receive()
    stop = await start()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await stop()
    await send({"type": "lifespan.shutdown.complete"})


async def hold(followers: set[Send], receive: Receive, send: Send) -> None:
    """Keep a follower's WebSocket until it goes away."""
    await receive()
    await send({"type": "websocket.accept"})
    followers.add(send)
    try:
        while (await receive())["type"] != "websocket.disconnect":
            pass
    finally:
        followers.discard(send)
