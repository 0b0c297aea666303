"""Pages of foreign origins are kept out, of HTTP and of sockets; programs are not."""

from typing import Any

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from server.origins import OriginGuard, allowed_origins
from server.settings import Settings

ALLOWED = {"allowed_origins": ["https://App.example.com"]}
FOREIGN = [
    "https://evil.example",
    "null",
    "http://127.0.0.1:8001",
    "https://127.0.0.1:8000",
    "https://app.example.com.evil.example",
    "https://app.example.com:8443",
]
OURS = ["https://app.example.com", "http://127.0.0.1:8000", "http://localhost:8000"]


async def served(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
    else:
        await PlainTextResponse("served")(scope, receive, send)


def guarded(**settings: Any) -> OriginGuard:
    return OriginGuard(served, allowed_origins(Settings(**settings)))


async def post(app: OriginGuard, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        return await client.post("/", headers=headers)


async def connect(app: OriginGuard, origin: str) -> str:
    """What a socket's first answer is."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message["type"])

    scope = {"type": "websocket", "path": "/", "headers": [(b"origin", origin.encode())]}
    await app(scope, receive, send)
    [answer] = sent
    return str(answer)


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_page_of_a_foreign_origin_is_refused(origin: str) -> None:
    answer = await post(guarded(**ALLOWED), origin=origin)
    assert answer.status_code == 403
    assert "ALLOWED_ORIGINS" in answer.json()["errors"][0]["message"]
    assert await connect(guarded(**ALLOWED), origin) == "websocket.close"


@pytest.mark.parametrize("origin", OURS)
async def test_the_services_own_pages_and_those_allowed_are_served(origin: str) -> None:
    assert (await post(guarded(**ALLOWED), origin=origin)).text == "served"
    assert await connect(guarded(**ALLOWED), origin) == "websocket.accept"


async def test_a_program_names_no_origin_and_is_served() -> None:
    assert (await post(guarded())).text == "served"


async def test_behind_a_public_url_the_loopback_names_are_foreign() -> None:
    behind = guarded(public_url="https://runs.example.com/prefix")
    assert (await post(behind, origin="https://runs.example.com")).status_code == 200
    assert (await post(behind, origin="http://localhost:8000")).status_code == 403
