"""One structured log line for each request, without anything secret."""

from __future__ import annotations

import re
import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger(__name__)

# The secret of a shared report stands in its path, and opens the report, also where the rest of the
# path is misspelt: nothing behind that place is kept.
_SECRET = re.compile(r"(/reports/+shared/+).*", re.DOTALL | re.IGNORECASE)


class AccessLog:
    """Logs method, path (never the query string), status and seconds."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            log.info(
                "request",
                method=scope["method"],
                path=_SECRET.sub(r"\1…", scope["path"]),
                status=status,
                seconds=round(time.perf_counter() - began, 6),
            )
