"""The access log tells what was asked, and no secret."""

import httpx
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from structlog.testing import capture_logs

from server.access_log import AccessLog


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("ok", 201)(scope, receive, send)


async def get(path: str) -> None:
    transport = httpx.ASGITransport(AccessLog(app))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        await client.get(path)


async def test_method_path_and_status_are_logged_but_not_the_query() -> None:
    with capture_logs() as logs:
        await get("/graphql?query=secret")
    [entry] = logs
    assert (entry["method"], entry["path"], entry["status"]) == ("GET", "/graphql", 201)
    assert "secret" not in str(logs)


async def test_the_secret_of_a_shared_report_is_not_logged() -> None:
    with capture_logs() as logs:
        await get("/prefix/reports/shared/s3cr3t/download.md")
        await get("/reports//shared//s3cr3t")
        await get("/reports/shared/x%2Fs3cr3t")
        await get("/Reports/SHARED/s3cr3t")
    assert [entry["path"] for entry in logs] == [
        "/prefix/reports/shared/…",
        "/reports//shared//…",
        "/reports/shared/…",
        "/Reports/SHARED/…",
    ]
