"""/healthz: the process lives. /readyz: it can serve."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from models.database import connection

#: Seconds that the database may take to answer a probe.
PROBE_SECONDS = 2.0


async def healthz(request: Request) -> Response:
    """200 as long as the event loop turns."""
    return JSONResponse({"status": "ok"})


class Readiness:
    """Asks the database whether it answers, once at a time."""

    def __init__(self) -> None:
        self._probe: asyncio.Task[object] | None = None

    async def readyz(self, request: Request) -> Response:
        """200 where the database answers, 503 where it does not within PROBE_SECONDS."""
        if self._probe is None or self._probe.done():
            self._probe = asyncio.create_task(connection().execute_query("SELECT 1"))
        # Not cancelled when the time is over: asyncpg would wait for a frozen server to hear of it.
        done, _ = await asyncio.wait({self._probe}, timeout=PROBE_SECONDS)
        error = self._probe.exception() if done else TimeoutError()
        if error is not None:
            return JSONResponse({"status": "unavailable", "database": type(error).__name__}, 503)
        return JSONResponse({"status": "ok"})
