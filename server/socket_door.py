"""WebSockets go straight to `/graphql`, past what is for requests alone.

A WebSocket stays for hours, and with it each middleware that it came through, on the stack: with
ten of them that is a quarter of what a follower costs in memory, and two of them would see each
message that is sent.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from server.hosts import foreign_host, refuse_host
from server.origins import foreign_origin, refuse_origin
from server.prefix import paths_under


class SocketDoor:
    """Serves WebSockets at one path by `socket`; everything else is for `app`."""

    def __init__(
        self,
        app: ASGIApp,
        socket: ASGIApp,
        path: str,
        prefix: str,
        hosts: frozenset[str] | None,
        origins: frozenset[str],
    ) -> None:
        self._app, self._socket = app, socket
        self._paths = paths_under(prefix, path)
        self._hosts, self._origins = hosts, origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket" or scope["path"] not in self._paths:
            await self._app(scope, receive, send)
        elif host := foreign_host(scope, self._hosts):
            await refuse_host(host, scope, receive, send)
        elif origin := foreign_origin(scope, self._origins):
            await refuse_origin(origin, scope, receive, send)
        else:
            await self._socket(scope, receive, send)
