"""The floor of delivery: what is posted to a path goes to the WebSockets of that path, as it is."""

from __future__ import annotations

from collections import defaultdict

from starlette.types import ASGIApp, Receive, Scope, Send

from benchmarks.floor.asgi import hold, read_body, send_answer


def create_app(_: str) -> ASGIApp:
    """Acknowledges every body, and then sends it to all followers, one after the other."""
    followers: defaultdict[str, set[Send]] = defaultdict(set)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http":
                text = (await read_body(receive)).decode()
                await send_answer(send, b"{}")
                for follower in list(followers[scope["path"]]):
                    await follower({"type": "websocket.send", "text": text})
            case "websocket":
                await hold(followers[scope["path"]], receive, send)

    return app
