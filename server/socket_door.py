"""WebSockets go straight to `/graphql`, past what is for requests alone.

A WebSocket stays for hours, and with it each middleware that it came through, on the stack: with
ten of them that is a quarter of what a follower costs in memory, and two of them would see each
message that is sent.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from server.origins import foreign_origin, refuse_origin


class SocketDoor:
    """Serves WebSockets at one path by `socket`; everything else is for `app`."""

    def __init__(
        self, app: ASGIApp, socket: ASGIApp, path: str, prefix: str, origins: frozenset[str]
    ) -> None:
        self._app, self._socket = app, socket
        self._paths = {path, f"{prefix.rstrip('/')}{path}"}
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket" or scope["path"] not in self._paths:
            await self._app(scope, receive, send)
        elif origin := foreign_origin(scope, self._origins):
            await refuse_origin(origin, scope, receive, send)
        else:
            await self._socket(scope, receive, send)
