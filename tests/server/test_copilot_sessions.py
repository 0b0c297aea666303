"""The audit tells who did it, by which token, and in which Copilot session, through every door."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect

from models.database import database
from resolvers.viewer import Role
from server.copilot_session import MAX_SESSION
from tests.graph.logins import ask, client_of, headers_of
from tests.graph.sockets import PROTOCOL, Socket, serving
from tests.graph.support import JSON, PATH
from tests.server.doors import ORIGIN, House, log_in
from tests.support.reporting import begin, run_id

SESSION = "chat-7f3a"
HEADER = {"Copilot-Session": SESSION}
CANCEL = "mutation ($ids: [ID!]!) { cancelRuns(input: {ids: $ids}) { userErrors { code } } }"
AUDIT = "{ auditEntries { nodes { action by principal via copilotSession count } } }"
#: What is none, and what is said of it.
BAD = {"": "''", "x" * (MAX_SESSION + 1): "'" + "x" * 60 + "…'", "é": "'é'", "a\tb": "'a\\tb'"}
EXPECTED = f"expected 1 to {MAX_SESSION} printable characters of ASCII, got"


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    async with database(database_url):
        yield House.on(database_url)


async def told(house: House) -> dict[str, Any]:
    """The audit's last entry of a run."""
    async with client_of(house.app, await house.token(Role.ADMIN)) as http:
        entries = (await ask(http, AUDIT))["data"]["auditEntries"]["nodes"]
    return next(entry for entry in entries if entry["action"] == "CANCEL_RUNS")


async def cookie_of(house: House, token: str) -> dict[str, str]:
    """What a browser sends that logged in with a token."""
    async with house.browser() as browser:
        await log_in(browser, token)
        [(name, secret)] = browser.cookies.items()
    return {"Cookie": f"{name}={secret}", "Origin": ORIGIN}


async def post(house: House, run: str, headers: dict[str, str]) -> httpx.Response:
    body = {"query": CANCEL, "variables": {"ids": [run]}}
    async with client_of(house.app, None) as http:
        shown = httpx.Headers(JSON | headers, encoding="latin-1")
        return await http.post(PATH, json=body, headers=shown)


async def say(house: House, run: str, headers: dict[str, str], **payload: Any) -> None:
    """The same through a socket, opened with these headers."""
    async with (
        serving(house.app) as address,
        connect(
            address, subprotocols=[PROTOCOL], proxy=None, additional_headers=headers
        ) as connection,
    ):
        socket = Socket(connection)
        await socket.send({"type": "connection_init", "payload": payload})
        assert await socket.receive() == {"type": "connection_ack"}
        await socket.subscribe("1", CANCEL, ids=[run])
        assert (await socket.receive())["payload"]["data"] == {"cancelRuns": {"userErrors": []}}


# ---------------------------------------------------------------- the doors


async def by_request(house: House, run: str, token: str) -> None:
    await post(house, run, HEADER | headers_of(token))


async def by_browser(house: House, run: str, token: str) -> None:
    await post(house, run, HEADER | await cookie_of(house, token))


async def by_greeting(house: House, run: str, token: str) -> None:
    await say(house, run, {}, token=token, copilotSession=SESSION)


async def by_handshake(house: House, run: str, token: str) -> None:
    await say(house, run, HEADER | headers_of(token))


async def by_a_browsers_socket(house: House, run: str, token: str) -> None:
    await say(house, run, await cookie_of(house, token), copilotSession=SESSION)


Door = Callable[[House, str, str], Awaitable[None]]
DOORS = [by_request, by_browser, by_greeting, by_handshake, by_a_browsers_socket]


@pytest.mark.parametrize("door", DOORS)
async def test_the_audit_names_the_token_and_the_session(house: House, door: Door) -> None:
    token = await house.token(Role.OPERATOR)
    await door(house, run_id(await begin(house.service)), token)
    browser = "browser, " if "browser" in door.__name__ else ""
    assert await told(house) == {
        "action": "CANCEL_RUNS",
        "by": "ci",
        "principal": "token:ci",
        "via": f"{browser}token {token[:9]}…",
        "copilotSession": SESSION,
        "count": 1,
    }


async def test_each_call_is_told_with_its_own_session_or_none(house: House) -> None:
    headers = headers_of(await house.token(Role.OPERATOR))
    for session in ("one", None, "two"):
        named = {"Copilot-Session": session} if session else {}
        await post(house, run_id(await begin(house.service)), headers | named)
        assert (await told(house))["copilotSession"] == session


async def test_what_a_greeting_says_counts_before_its_handshake(house: House) -> None:
    token = await house.token(Role.OPERATOR)
    run = run_id(await begin(house.service))
    await say(house, run, {"Copilot-Session": "of the proxy"}, token=token, copilotSession=SESSION)
    assert (await told(house))["copilotSession"] == SESSION


async def test_a_header_that_names_no_session_is_refused(house: House) -> None:
    headers = headers_of(await house.token(Role.OPERATOR))
    for session, got in BAD.items():
        answer = await post(house, "run", headers | {"Copilot-Session": session})
        assert answer.status_code == 400
        [error] = answer.json()["errors"]
        assert error["message"] == f"Copilot-Session: {EXPECTED} {got}"
        assert error["extensions"] == {"code": "BAD_INPUT"}


async def test_a_socket_that_names_no_session_is_closed_with_4400(house: House) -> None:
    token = await house.token()
    async with serving(house.app) as address:
        for session in [*BAD, "a\nb", 7, {}]:
            async with connect(address, subprotocols=[PROTOCOL], proxy=None) as connection:
                payload = {"token": token, "copilotSession": session}
                await Socket(connection).send({"type": "connection_init", "payload": payload})
                assert await closed(connection) == (4400, "copilotSession")
        headers = {"Copilot-Session": "x" * (MAX_SESSION + 1)}
        async with connect(
            address, subprotocols=[PROTOCOL], proxy=None, additional_headers=headers
        ) as connection:
            assert await closed(connection) == (4400, "Copilot-Session")


async def closed(connection: ClientConnection) -> tuple[int | None, str]:
    """By which code, and what the reason names."""
    code, reason = await Socket(connection).closed()
    return code, (reason or "").partition(":")[0]
