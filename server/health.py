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


async def readyz(request: Request) -> Response:
    """200 where the database answers, 503 where it does not."""
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            await connection().execute_query("SELECT 1")
    except Exception as error:  # whatever is wrong with the database, the answer is "not ready"
        return JSONResponse({"status": "unavailable", "database": type(error).__name__}, 503)
    return JSONResponse({"status": "ok"})
