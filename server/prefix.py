"""Serving below a path, such as https://example.com/agent-runs."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send


def paths_under(prefix: str, *paths: str) -> frozenset[str]:
    """The paths, as they come with the prefix and without."""
    return frozenset({*paths, *(f"{prefix.rstrip('/')}{path}" for path in paths)})


class PathPrefix:
    """Take PUBLIC_URL's path off requests that carry it.

    Some proxies strip the path that they serve a program under, others pass it on: both work.
    """

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app = app
        self._prefix = prefix.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        prefix = self._prefix
        if prefix and scope["type"] != "lifespan":
            if scope["path"] == prefix:  # as people type it
                scope = {**scope, "path": f"{prefix}/"}
            if scope["path"].startswith(f"{prefix}/"):
                scope = {**scope, "root_path": scope.get("root_path", "") + prefix}
        await self._app(scope, receive, send)
