"""A name that a foreign page lets lead here is refused, over HTTP and WebSockets."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from live.hub import Hub
from models.database import DatabaseUrl
from resolvers.service import Service
from server.app import create_app
from server.hosts import HostGuard, allowed_hosts
from server.settings import BadSetting, Settings, check_settings

FOREIGN = ["evil.example", "evil.example:8000", "localhost.evil.example", "[::2]", "10.0.0.1", ""]
OURS = ["localhost", "127.0.0.1:8000", "127.9.9.9", "[::1]:8000", "LOCALHOST:1", "localhost."]


async def served(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("served")(scope, receive, send)


async def status(name: str, **settings: Any) -> int:
    guard = HostGuard(served, allowed_hosts(Settings(**settings)))
    transport = httpx.ASGITransport(guard)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as http:
        return (await http.get("/", headers={"Host": name})).status_code


@pytest.mark.parametrize("host", FOREIGN)
async def test_foreign_host_is_refused(host: str) -> None:
    assert await status(host) == 421


@pytest.mark.parametrize("host", OURS)
async def test_loopback_names_are_served_by_any_port(host: str) -> None:
    assert await status(host) == 200


async def test_host_of_the_public_url_and_allowed_ones_are_served() -> None:
    told = {"public_url": "https://runs.example.com/x", "allowed_hosts": ["Inside.example"]}
    assert await status("runs.example.com", **told) == 200
    assert await status("inside.example:8443", **told) == 200
    assert await status("other.example", **told) == 421


async def test_any_name_will_do_where_more_than_this_machine_is_served() -> None:
    assert await status("runs.example.com", host="0.0.0.0") == 200
    assert await status("runs.example.com", host="0.0.0.0", allowed_hosts=["a.example"]) == 421


async def test_sockets_of_a_foreign_host_are_refused() -> None:
    settings = Settings()
    database = DatabaseUrl.parse(settings.database_url)
    app = create_app(settings, Service(hub=Hub()), database)
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"host", b"evil.example:8000"), (b"origin", b"http://evil.example:8000")]
    await app({"type": "websocket", "path": "/graphql", "headers": headers}, receive, send)
    assert sent == [{"type": "websocket.close", "code": 4403, "reason": "host not allowed"}]


@pytest.mark.parametrize("host", ["", "*", "a.example:80", "https://a.example", "a b"])
def test_allowed_host_that_is_none_is_told_of(host: str) -> None:
    with pytest.raises(BadSetting, match="ALLOWED_HOSTS: expected names"):
        check_settings(Settings(allowed_hosts=[host]))
