"""The floor of following: what is posted goes to every WebSocket as it is. Nothing is stored."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from benchmarks.floor.asgi import hold, read_body, send_answer


def create_app(_: str) -> ASGIApp:
    """Forwards every body to all who are connected, one after the other, and then answers."""
    followers: set[Send] = set()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http":
                text = (await read_body(receive)).decode()
                for follower in list(followers):
                    await follower({"type": "websocket.send", "text": text})
                await send_answer(send, b"{}")
            case "websocket":
                await hold(followers, receive, send)

    return app
