"""Clients that ask too often, or hold too much open, are turned away; others are not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from graph.limits import BadLimit
from live.hub import Hub
from models.database import database
from resolvers.service import Service
from resolvers.viewer import LOCAL_VIEWER, NOBODY, Role, Viewer
from server.clients import client_of
from server.gate import Gate, RateGuard
from server.limits import DoorLimits
from server.media_types import GRAPHQL_RESPONSE
from server.places import LimitReached, Places
from server.rates import OwnWindows, Rates, check_rate_url
from tests.end_to_end.client import client_of as client_to
from tests.graph.logins import client_of as client_showing
from tests.graph.logins import token_of
from tests.graph.sockets import serving, socket_to
from tests.graph.support import PATH, app_of
from tests.server.doors import House
from tests.support.brokers import ValkeyBroker
from tests.support.service import Service as Process
from tests.support.statements import recorded

TYPENAME = {"query": "{ __typename }"}
UPDATES = {"query": "subscription { runUpdates { kind } }"}


@asynccontextmanager
async def door(service: Service | None = None, **limits: Any) -> AsyncIterator[str]:
    """A server with these limits; the address of its sockets. Of a service it asks for a login."""
    gate = Gate(DoorLimits(**limits))
    app = app_of(service or Service(hub=Hub()), gate=gate, requires_login=service is not None)
    async with serving(app) as address:
        yield address


def http_of(address: str) -> str:
    return address.replace("ws://", "http://")


@pytest.mark.parametrize(
    ("limits", "setting"),
    [
        ({"max_sockets_per_client": 2}, "MAX_SOCKETS_PER_CLIENT"),
        ({"max_sockets": 2}, "MAX_SOCKETS"),
    ],
)
async def test_one_socket_too_many_is_closed_with_1013_until_another_is_gone(
    limits: dict[str, Any], setting: str
) -> None:
    async with door(**limits) as address, AsyncExitStack() as sockets:
        first, _ = [await sockets.enter_async_context(socket_to(address)) for _ in range(2)]
        async with socket_to(address) as third:
            code, reason = await third.closed()
        assert code == 1013
        assert reason is not None
        assert reason.startswith("expected at most 2 sockets")
        assert f"({setting})" in reason
        await first.connection.close()
        async with socket_to(address) as another:
            await another.init()


@pytest.mark.parametrize(
    ("limits", "status", "setting"),
    [
        ({"max_streams_per_client": 1}, 429, "MAX_STREAMS_PER_CLIENT"),
        ({"max_streams": 1}, 503, "MAX_STREAMS"),
    ],
)
async def test_one_stream_too_many_is_refused_until_another_is_gone(
    sqlite_url: str, limits: dict[str, Any], status: int, setting: str
) -> None:
    events = {"Accept": "text/event-stream"}
    async with (
        database(sqlite_url),
        door(**limits) as address,
        httpx.AsyncClient(trust_env=False, timeout=20) as http,
    ):
        url = http_of(address)
        async with http.stream("POST", url, json=UPDATES, headers=events) as first:
            assert first.status_code == 200
            refused = await http.post(url, json=UPDATES, headers=events)
            assert refused.status_code == status
            assert refused.headers["retry-after"] == "5"
            [error] = refused.json()["errors"]
            assert error["extensions"] == {
                "code": "LIMIT_EXCEEDED",
                "setting": setting,
                "limit": 1,
            }
            # Queries hold no place.
            assert (await http.post(url, json=TYPENAME, headers=events)).status_code == 200


async def test_log_that_is_followed_holds_a_place_as_well(sqlite_url: str, tmp_path: Path) -> None:
    with Process(sqlite_url, tmp_path / "log", MAX_STREAMS_PER_CLIENT="1") as service:
        async with client_to(service.url) as client:
            run_id = await client.begin()
            await client.append(run_id, 0, "one")
            text = f"/runs/{run_id}/logs.txt"
            async with client.http.stream("GET", text, params={"follow": "1"}) as first:
                lines = first.aiter_lines()  # to be kept: httpx hangs up with its last reader
                assert await anext(lines) == "one"
                refused = await client.http.get(text, params={"follow": "1"})
                assert refused.status_code == 429
                assert refused.headers["retry-after"] == "5"
                assert "(MAX_STREAMS_PER_CLIENT)" in refused.text
                # What there is already takes no place.
                assert (await client.http.get(text)).text == "one\n"


async def test_place_is_given_back_whatever_happens() -> None:
    places = Places("sockets", "MAX_SOCKETS", 1, 1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), places.taken("a"):
            raise ZeroDivisionError
    with places.taken("a"), pytest.raises(LimitReached), places.taken("b"):
        pass


async def test_who_asks_too_often_gets_429_and_when_to_come_back() -> None:
    async with (
        door(rate_limit="2/minute") as address,
        httpx.AsyncClient(trust_env=False) as http,
    ):
        answers = [
            await http.post(http_of(address), json=TYPENAME, headers={"Accept": GRAPHQL_RESPONSE})
            for _ in range(3)
        ]
    # In the media type in which clients take an error for the service's own, and no proxy's.
    assert all(GRAPHQL_RESPONSE in answer.headers["content-type"] for answer in answers)
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    [error] = answers[-1].json()["errors"]
    assert error["message"] == "expected at most 2 requests in 60 s (RATE_LIMIT)"
    assert error["extensions"] == {"code": "LIMIT_EXCEEDED", "setting": "RATE_LIMIT", "limit": 2}


async def test_who_asks_too_often_over_a_socket_gets_an_error_for_the_operation() -> None:
    # One for the opening, one for the first operation.
    async with door(rate_limit="2/minute") as address, socket_to(address) as socket:
        await socket.init()
        for number in ("1", "2"):
            await socket.send({"id": number, "type": "subscribe", "payload": TYPENAME})
        received = [await socket.receive() for _ in range(3)]
        refused = next(message for message in received if message["type"] == "error")
        assert refused["id"] == "2"
        assert refused["payload"][0]["extensions"]["setting"] == "RATE_LIMIT"
        await socket.send({"type": "ping"})
        assert await socket.receive() == {"type": "pong"}


async def test_tokens_cannot_be_tried_without_bound(sqlite_url: str) -> None:
    """Neither in a handshake nor in a greeting; what is beyond the rate is not looked up."""
    service = Service(hub=Hub())
    async with database(sqlite_url), door(service, rate_limit="3/minute") as address:
        for token in ("ar_one", "ar_two"):
            assert await greeted(address, token) == (4403, "Forbidden")
        with pytest.raises(InvalidStatus, match="403"):
            await connect(address, additional_headers={"Authorization": "Bearer ar_three"})
        with recorded() as statements:
            ended = await greeted(address, "ar_four")
        assert ended == (1013, "expected at most 3 requests in 60 s (RATE_LIMIT)")
        assert not statements


@pytest.mark.parametrize(
    "path", ["/graphql?query={__typename}", "/runs/x", "/runs/x/logs.txt", "/reports/x", "/login"]
)
async def test_requests_with_bad_tokens_are_counted_by_address(sqlite_url: str, path: str) -> None:
    async with database(sqlite_url):
        house = House.on(sqlite_url, doors=DoorLimits(rate_limit="1/minute"))
        statuses = []
        for token in ("ar_one", "ar_two"):
            async with client_showing(house.app, token) as http:
                statuses.append((await http.get(path)).status_code)
    assert statuses == [401, 429]


async def greeted(address: str, token: str) -> tuple[int | None, str | None]:
    """How a socket ends that shows this token."""
    async with socket_to(address) as socket:
        with suppress(ConnectionClosed):
            await socket.send({"type": "connection_init", "payload": {"token": token}})
        return await socket.closed()


async def test_a_socket_is_counted_by_who_it_is_once_that_is_known(sqlite_url: str) -> None:
    service = Service(hub=Hub())
    async with (
        database(sqlite_url),
        door(service, max_sockets_per_client=1) as address,
        AsyncExitStack() as sockets,
    ):
        for name in ("ada", "bob"):  # of one address
            socket = await sockets.enter_async_context(socket_to(address))
            token = await token_of(service, Role.VIEWER, name)
            await socket.send({"type": "connection_init", "payload": {"token": token}})
            assert await socket.receive() == {"type": "connection_ack"}
        code, reason = await greeted(address, token)
        assert code == 1013
        assert reason is not None
        assert "expected at most 1 sockets of one client" in reason
        await socket.connection.close()
        async with socket_to(address) as again:
            await again.send({"type": "connection_init", "payload": {"token": token}})
            assert await again.receive() == {"type": "connection_ack"}


def test_place_that_cannot_move_stays_and_all_are_given_back() -> None:
    places = Places("sockets", "MAX_SOCKETS", 2, 1)
    for _ in range(2):
        with places.taken("address") as place:
            with places.taken("ada"), pytest.raises(LimitReached):
                places.move(place, "ada")
            assert place.client == "address"
            for _ in range(2):
                places.move(place, "ada")
            with pytest.raises(LimitReached), places.taken("ada"):
                pass
            with places.taken("address"):
                pass


async def test_pages_are_counted_and_health_is_not() -> None:
    from starlette.responses import PlainTextResponse

    guarded = RateGuard(
        PlainTextResponse("served"), Gate(DoorLimits(rate_limit="1/minute")), {"/healthz"}
    )
    transport = httpx.ASGITransport(guarded)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
        pages = [(await http.get("/runs/x")).status_code for _ in range(2)]
        health = [(await http.get("/healthz")).status_code for _ in range(3)]
    assert pages == [200, 429]
    assert health == [200] * 3


async def test_clients_are_counted_apart_and_with_a_broker_by_all_processes_together() -> None:
    broker = ValkeyBroker()
    broker.start()
    try:
        rate = DoorLimits(rate_limit="1/hour").rate
        one, other = Rates(rate, broker.wakeup_url), Rates(rate, broker.wakeup_url)
        await one.count("a")
        await one.count("b")
        with pytest.raises(LimitReached) as reached:
            await other.count("a")
        assert 3_500 < reached.value.retry_after <= 3_600
        broker.kill()
        # A broker that is away must not take the service with it.
        await other.count("a")
        await one.close()
        await other.close()
    finally:
        broker.remove()


async def test_window_begins_with_a_clients_first_request_and_is_forgotten_after_its_end() -> None:
    rate, now = DoorLimits(rate_limit="2/10 seconds").rate, 0.0
    assert rate is not None
    windows = OwnWindows(rate, lambda: now)
    assert [await windows.hit("a") for _ in range(2)] == [None, None]
    now = 4.0
    assert await windows.hit("a") == 6.0
    assert await windows.hit("b") is None
    now = 10.0
    assert await windows.hit("a") is None
    now = 25.0
    assert await windows.hit("c") is None
    assert windows._windows.keys() == {"c"}


def test_who_logged_in_is_one_client_and_others_are_their_address() -> None:
    scope = {"type": "http", "client": ("10.0.0.1", 1)}
    assert client_of(scope, LOCAL_VIEWER) == "address 10.0.0.1"
    assert client_of(scope, NOBODY) == "address 10.0.0.1"
    ada = Viewer("ada", Role.VIEWER, principal="token:ada")
    assert client_of(scope, ada) == "viewer token:ada"
    # Their sessions make nobody another client.
    assert client_of(scope, LOCAL_VIEWER.within("chat-7f3a")) == "address 10.0.0.1"


@pytest.mark.parametrize("rate", ["", "often", "-1/second", "0/second"])
def test_rate_that_is_none_is_told_of(rate: str) -> None:
    with pytest.raises(BadLimit, match="RATE_LIMIT: expected"):
        DoorLimits(rate_limit=rate).check()


def test_broker_that_cannot_count_is_told_of_without_its_password() -> None:
    with pytest.raises(BadLimit, match="RATE_LIMIT_URL: expected redis://") as error:
        check_rate_url("nats://ada:secret@host")
    assert "secret" not in str(error.value)


async def test_json_nested_too_deeply_is_refused_at_both_doors() -> None:
    variables: Any = 1
    for _ in range(20):
        variables = {"a": variables}
    payload = TYPENAME | {"variables": variables}
    async with (
        door(max_json_depth=16) as address,
        httpx.AsyncClient(trust_env=False) as http,
        socket_to(address) as socket,
    ):
        answer = await http.post(http_of(address), json=payload)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["extensions"]["setting"] == "MAX_JSON_DEPTH"
        await socket.init()
        await socket.send({"id": "1", "type": "subscribe", "payload": payload})
        code, reason = await socket.closed()
    assert (code, reason) == (
        4400,
        "message: expected at most 16 levels of JSON (MAX_JSON_DEPTH)",
    )


async def test_array_of_operations_is_told_that_batching_is_off() -> None:
    async with door() as address, httpx.AsyncClient(trust_env=False) as http:
        answer = await http.post(http_of(address), json=[TYPENAME, TYPENAME])
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"] == (
        "body: expected one operation, a JSON object, got an array: batching is off"
    )


async def test_body_has_a_limit_of_its_own() -> None:
    async with (
        door(max_body_bytes=64 * 1024) as address,
        httpx.AsyncClient(trust_env=False) as http,
    ):
        answer = await http.post(
            http_of(address), json=TYPENAME | {"extensions": {"a": "x" * 70_000}}
        )
    assert answer.status_code == 413
    assert answer.json()["errors"][0]["extensions"]["setting"] == "MAX_BODY_BYTES"


@pytest.mark.parametrize(("trusted", "last"), [("", 429), ("127.0.0.1", 404)])
def test_address_that_a_client_tells_is_believed_of_trusted_proxies_only(
    sqlite_url: str, tmp_path: Path, trusted: str, last: int
) -> None:
    settings = {"RATE_LIMIT": "1/hour", "FORWARDED_ALLOW_IPS": trusted}
    with (
        Process(sqlite_url, tmp_path / "log", **settings) as service,
        httpx.Client(trust_env=False) as http,
    ):
        statuses = [
            http.get(
                f"{service.url}/runs/x/plain", headers={"X-Forwarded-For": f"10.0.0.{number}"}
            ).status_code
            for number in range(2)
        ]
    assert statuses == [404, last]


@pytest.mark.parametrize(
    ("role", "status"), [(None, 413), (Role.OPERATOR, 413), (Role.REPORTER, 200)]
)
async def test_large_bodies_are_for_reporters(
    sqlite_url: str, role: Role | None, status: int
) -> None:
    async with database(sqlite_url):
        service = Service(hub=Hub())
        limits = DoorLimits(max_message_bytes=16 * 1024)
        app = app_of(service, requires_login=True, gate=Gate(limits))
        token = role and await token_of(service, role)
        async with client_showing(app, token) as http:
            told = TYPENAME | {"variables": {"unused": "x" * 17 * 1024}}
            answer = await http.post(PATH, json=told)
    assert answer.status_code == status
    if status == 413:
        [error] = answer.json()["errors"]
        assert error["extensions"]["setting"] == "MAX_MESSAGE_BYTES"
