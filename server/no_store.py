"""Keeps every answer out of caches: the browser's own, and those on the way."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class NoStore:
    """Says `Cache-Control: no-store` with each answer that says nothing of it itself.

    An answer that says nothing may be stored and used again at a cache's own judgement, a 404 too
    (RFC 9111, sections 3 and 4.2.2); only `Authorization` keeps it from a cache that many share
    (section 3.5), a cookie does not. What is answered here is somebody's, and holds for a moment.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def unstored(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, unstored if scope["type"] == "http" else send)
