"""JWTs at every door of a service, from an issuer in a process of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs

from models.database import database
from server.oidc.settings import OidcSettings
from server.websocket_protocol import WebSocketProtocol
from tests.graph.sockets import Socket, serving, socket_to
from tests.graph.support import UNKNOWN
from tests.graph.test_rights import REPORTING
from tests.server.doors import House, log_in
from tests.support.issuer import DISCOVERY, KEYS, Issuer
from tests.support.service import Service

WHO = {"query": "{ viewer { name role } }"}
RUN = f"/runs/run_{UNKNOWN}/plain"


@pytest.fixture
async def house(database_url: str, settings: OidcSettings) -> AsyncIterator[House]:
    async with database(database_url):
        yield House.on(database_url, require_login=False, oidc=settings)


@pytest.fixture
async def browser(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with house.browser() as browser:
        yield browser


def shown(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Accept": "*/*"}


async def who(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.post("/graphql", json=WHO, headers=shown(token))


async def test_a_good_token_opens_requests_and_pages(
    issuer: Issuer, browser: httpx.AsyncClient
) -> None:
    answer = await who(browser, issuer.token(roles=["operator"]))
    assert answer.json()["data"]["viewer"] == {"name": "Ada Lovelace", "role": "OPERATOR"}
    assert (await browser.get(RUN, headers=shown(issuer.token()))).status_code == 404
    assert (await who(browser, issuer.token(aud="others"))).status_code == 401


async def test_our_own_tokens_are_taken_beside_it(house: House, browser: httpx.AsyncClient) -> None:
    assert (await who(browser, await house.token())).json()["data"]["viewer"]["name"] == "ci"


async def test_who_has_no_role_here_is_forbidden_with_a_sentence(
    issuer: Issuer, house: House, browser: httpx.AsyncClient
) -> None:
    token = issuer.token(roles=["offline_access"])
    answer = await who(browser, token)
    assert answer.status_code == 403
    [error] = answer.json()["errors"]
    assert error["extensions"] == {"code": "FORBIDDEN"}
    assert error["message"].startswith(
        "roles: expected a role that this service knows, got 1 other"
    )
    assert (await browser.get(RUN, headers=shown(token))).status_code == 403
    assert (await log_in(browser, token)).status_code == 403
    async with serving(house.app, WebSocketProtocol) as address, socket_to(address) as socket:
        await greet(socket, token)
        code, reason = await socket.closed()
        assert code == 4403
        assert (reason or "").startswith("roles: expected a role")


async def test_an_issuer_that_is_away_is_no_refusal(
    issuer: Issuer, house: House, browser: httpx.AsyncClient
) -> None:
    issuer.stop()
    token = issuer.token()
    answer = await who(browser, token)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["errors"][0]["extensions"] == {"code": "UNAVAILABLE"}
    assert (await browser.get(RUN, headers=shown(token))).status_code == 503
    assert (await log_in(browser, token)).status_code == 503
    # What is our own needs no issuer.
    assert (await who(browser, await house.token())).status_code == 200
    async with serving(house.app, WebSocketProtocol) as address, socket_to(address) as socket:
        await greet(socket, token)
        code, _ = await socket.closed()
        assert code == 1013


async def greet(socket: Socket, token: str) -> None:
    await socket.send({"type": "connection_init", "payload": {"token": token}})


async def test_a_socket_is_opened_by_a_token(issuer: Issuer, house: House) -> None:
    async with serving(house.app, WebSocketProtocol) as address, socket_to(address) as socket:
        await greet(socket, issuer.token())
        assert await socket.receive() == {"type": "connection_ack"}


async def test_a_browser_logs_in_by_a_token_and_out_with_it(
    issuer: Issuer, house: House, browser: httpx.AsyncClient
) -> None:
    assert (await log_in(browser, issuer.token())).status_code == 303
    assert (await browser.post("/graphql", json=WHO)).json()["data"]["viewer"]["role"] == "VIEWER"
    house.clock.advance(300 + 60)
    assert (await browser.post("/graphql", json=WHO)).status_code == 401


async def test_a_reporter_owns_what_its_subject_started(
    issuer: Issuer, browser: httpx.AsyncClient
) -> None:
    start = f"mutation {{ startRun(input: {REPORTING['startRun']}) {{ run {{ id }} }} }}"
    ours = shown(issuer.token(roles=["reporter"]))
    begun = await browser.post("/graphql", json={"query": start}, headers=ours)
    run_id = begun.json()["data"]["startRun"]["run"]["id"]
    query = f'mutation {{ heartbeat(input: {{runId: "{run_id}"}}) {{ intervalSeconds }} }}'
    renewed = shown(issuer.token(roles=["reporter"], jti="2", name="Ada King"))
    assert (
        "errors"
        not in (await browser.post("/graphql", json={"query": query}, headers=renewed)).json()
    )
    other = shown(issuer.token(roles=["reporter"], sub="4712"))
    refused = (await browser.post("/graphql", json={"query": query}, headers=other)).json()
    assert refused["errors"][0]["extensions"] == {"code": "FORBIDDEN"}


async def test_no_token_stands_in_a_log(issuer: Issuer, browser: httpx.AsyncClient) -> None:
    tokens = [issuer.token(), issuer.token(aud="others"), issuer.token(roles=[])]
    with capture_logs() as logs:
        for token in tokens:
            await who(browser, token)
            await log_in(browser, token)
    assert {"event": "JWT refused", "reason": "InvalidAudienceError", "log_level": "info"} in logs
    for token in tokens:
        for part in token.split("."):
            assert part not in str(logs)


def test_serve_takes_all_of_it_from_the_environment(
    issuer: Issuer, sqlite_url: str, tmp_path: Path
) -> None:
    settings = {
        "OIDC_ISSUER": issuer.url,
        "OIDC_AUDIENCE": "runs",
        "OIDC_JWKS_URL": f"{issuer.url}/{KEYS}",
        "OIDC_ROLES_CLAIM": "realm_access.roles",
        "OIDC_ROLES": "sre=operator",
        "OIDC_NAME_CLAIM": "preferred_username",
        "OIDC_AGENTS_CLAIM": "runs.agents",
        "OIDC_CLUSTERS_CLAIM": "runs.clusters",
        "LOGIN_HOURS": "0.05",
    }
    token = issuer.token(
        aud="runs",
        realm_access={"roles": ["sre"]},
        preferred_username="ada",
        runs={"agents": ["etl"], "clusters": ["*"]},
    )
    with Service(sqlite_url, tmp_path / "service.log", **settings) as service:
        query = {"query": "{ viewer { name role } agents { totalCount } }"}
        answer = httpx.post(f"{service.url}/graphql", json=query, headers=shown(token)).json()
        assert answer["data"]["viewer"] == {"name": "ada", "role": "OPERATOR"}
        form, ours = {"token": token}, {"Origin": service.url}
        cookie = httpx.post(f"{service.url}/login", data=form, headers=ours).headers["set-cookie"]
        assert "Max-Age=180;" in cookie
        assert httpx.post(f"{service.url}/graphql", json=query).status_code == 401
    assert issuer.asked(DISCOVERY) == 0
