"""What is open ends with the access by which it was opened, and nothing else does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from models.api_token import ApiToken
from models.database import database
from models.ids import Kind, global_id
from models.visibility import EVERYTHING, Scope
from resolvers.browser_logins import begin_login, end_login
from resolvers.service import Service
from resolvers.tokens import create_token, identity_of_token, revoke_token
from resolvers.viewer import LOCAL_VIEWER, Role
from server import access_watch
from server.entrance import Entrance
from server.graphql_endpoint import GraphQLEndpoint
from server.log_routes import log_routes
from server.websocket_protocol import WebSocketProtocol
from tests.graph.events import EVENT_STREAM, Events
from tests.graph.logins import headers_of
from tests.graph.sockets import PATIENCE, PROTOCOL, Socket, serving
from tests.graph.support import PATH
from tests.graph.test_subscriptions import LOG, next_of
from tests.support.clock import Clock
from tests.support.reporting import append, begin, run_id

DAY = timedelta(days=1)
OVER = (4403, "the login is over")
CHANGES = "subscription { runUpdates { kind run { id viewerCanCancel } } }"


@dataclass(frozen=True)
class Open:
    """A real server whose watch looks when it is told to."""

    service: Service
    clock: Clock
    entrance: Entrance
    #: Of its sockets.
    address: str

    @property
    def url(self) -> str:
        return self.address.replace("ws", "http", 1).removesuffix(PATH)

    async def token(
        self,
        name: str = "ci",
        role: Role = Role.VIEWER,
        scope: Scope = EVERYTHING,
        lifetime: timedelta | None = DAY,
    ) -> str:
        return (await create_token(self.service, LOCAL_VIEWER, name, role, scope, lifetime)).secret

    async def look(self) -> None:
        await self.entrance.watch.look()

    @asynccontextmanager
    async def socket(self, token: str | None, **headers: str) -> AsyncIterator[Socket]:
        """An acknowledged one."""
        async with connect(
            self.address, subprotocols=[PROTOCOL], proxy=None, additional_headers=headers
        ) as connection:
            socket = Socket(connection)
            payload = {"token": token} if token else {}
            await socket.send({"type": "connection_init", "payload": payload})
            assert await socket.receive() == {"type": "connection_ack"}
            yield socket

    @asynccontextmanager
    async def http(self, token: str) -> AsyncIterator[httpx.AsyncClient]:
        async with httpx.AsyncClient(
            base_url=self.url, headers=headers_of(token), timeout=PATIENCE, verify=False
        ) as client:
            yield client


@asynccontextmanager
async def opened(service: Service, clock: Clock, ws: Any) -> AsyncIterator[Open]:
    entrance = Entrance.of(service, requires_login=True)
    routes = [*GraphQLEndpoint(entrance).routes(PATH), *log_routes(entrance)]
    async with serving(Starlette(routes=routes), ws) as address:
        yield Open(service, clock, entrance, address)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def service(database_url: str, clock: Clock) -> AsyncIterator[Service]:
    from live.hub import Hub

    async with database(database_url):
        yield Service(hub=Hub(), clock=clock)


@pytest.fixture
async def house(service: Service, clock: Clock) -> AsyncIterator[Open]:
    async with opened(service, clock, WebSocketProtocol) as house:
        yield house


async def revoked(house: Open, name: str) -> None:
    token = await ApiToken.get(name=name)
    await revoke_token(house.service, LOCAL_VIEWER, global_id(Kind.TOKEN, token.id))


async def expired(house: Open, _: str) -> None:
    house.clock.advance(DAY.total_seconds())


End = Callable[[Open, str], Awaitable[None]]
ENDS = pytest.mark.parametrize("end", [revoked, expired])


@ENDS
@pytest.mark.parametrize("ws", ["websockets-sansio", WebSocketProtocol], ids=["stock", "ours"])
async def test_a_socket_is_closed_with_4403_and_others_go_on_undisturbed(
    service: Service, clock: Clock, ws: Any, end: End
) -> None:
    run = await begin(service)
    await append(service, run, 0, "one")
    async with opened(service, clock, ws) as house, AsyncExitStack() as stack:
        ending = await stack.enter_async_context(house.socket(await house.token("ending")))
        staying = await stack.enter_async_context(
            house.socket(await house.token("staying", lifetime=2 * DAY))
        )
        for socket in (ending, staying):
            await socket.subscribe("1", LOG, run=run_id(run))
            await next_of(socket, "logLines")
        await house.look()
        await append(service, run, 1, "two")
        for socket in (ending, staying):
            assert (await next_of(socket, "logLines"))["lines"][0]["message"] == "two"

        await end(house, "ending")
        await house.look()
        assert await ending.closed() == OVER
        await append(service, run, 2, "three")
        assert (await next_of(staying, "logLines"))["lines"][0]["message"] == "three"


@ENDS
async def test_an_idle_socket_is_closed_too(house: Open, end: End) -> None:
    async with house.socket(await house.token()) as socket:
        await end(house, "ci")
        await house.look()
        assert await socket.closed() == OVER


@ENDS
async def test_events_are_cut(house: Open, end: End) -> None:
    run = await begin(house.service)
    await append(house.service, run, 0, "one")
    body = {"query": LOG, "variables": {"run": run_id(run)}}
    async with (
        house.http(await house.token()) as client,
        client.stream("POST", PATH, json=body, headers={"Accept": EVENT_STREAM}) as response,
    ):
        events = Events(response)
        await events.receive()
        await end(house, "ci")
        await house.look()
        with pytest.raises(httpx.RemoteProtocolError):
            await events.receive()


@ENDS
async def test_a_followed_log_is_cut(house: Open, end: End) -> None:
    run = await begin(house.service)
    await append(house.service, run, 0, "one")
    path = f"/runs/{run_id(run)}/logs.txt?follow=1"
    async with (
        house.http(await house.token()) as client,
        client.stream("GET", path) as response,
    ):
        parts = response.aiter_text()
        assert await anext(parts) == "one\n"
        await end(house, "ci")
        await house.look()
        with pytest.raises(httpx.RemoteProtocolError):
            await anext(parts)


async def test_what_expired_ends_also_while_the_database_is_away(
    house: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_: object) -> set[Any]:
        raise ConnectionError

    async with house.socket(await house.token()) as socket:
        await expired(house, "ci")
        monkeypatch.setattr(access_watch, "revoked_among", away)
        with pytest.raises(ConnectionError):
            await house.look()
        assert await socket.closed() == OVER


async def test_the_watch_looks_by_itself(house: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_watch, "RECHECK_SECONDS", 0.01)
    stop = asyncio.Event()
    watching = asyncio.create_task(house.entrance.watch.run(stop))
    async with house.socket(await house.token()) as socket:
        await revoked(house, "ci")
        assert await socket.closed() == OVER
    stop.set()
    await watching


async def cookie_of(house: Open, token: str) -> str:
    identity = await identity_of_token(house.service, token)
    assert identity is not None
    return (await begin_login(house.service, identity)).secret


async def test_a_browsers_socket_ends_with_its_logout_and_with_its_token(house: Open) -> None:
    origin = {"Origin": house.url}
    tokens = [await house.token("one"), await house.token("two")]
    secrets = [await cookie_of(house, token) for token in tokens]
    async with AsyncExitStack() as stack:
        first, second = [
            await stack.enter_async_context(
                house.socket(None, Cookie=f"agent_runs={secret}", **origin)
            )
            for secret in secrets
        ]
        await end_login(secrets[0])
        await house.look()
        assert await first.closed() == OVER
        await second.subscribe("1", "{ viewer { name } }")
        assert (await second.receive())["payload"]["data"] == {"viewer": {"name": "two"}}
        assert (await second.receive())["type"] == "complete"
        await revoked(house, "two")
        await house.look()
        assert await second.closed() == OVER


async def test_a_cookie_opens_no_socket_where_no_origin_is_named(house: Open) -> None:
    secret = await cookie_of(house, await house.token())
    for headers in ({}, {"Sec-Fetch-Site": "same-origin"}):
        with pytest.raises(Exception, match="HTTP 403"):
            async with house.socket(None, Cookie=f"agent_runs={secret}", **headers):
                pass


@pytest.mark.parametrize("token", ["ar_unknown", "", None])
async def test_a_socket_without_a_login_is_closed_with_4403(house: Open, token: str | None) -> None:
    async with connect(house.address, subprotocols=[PROTOCOL], proxy=None) as connection:
        socket = Socket(connection)
        payload = {} if token is None else {"token": token}
        await socket.send({"type": "connection_init", "payload": payload})
        assert await socket.closed() == (4403, "Forbidden")


async def test_subscribers_of_different_rights_never_get_each_others_messages(
    house: Open,
) -> None:
    """They ask for the same, word for word, at the same time."""
    mine = Scope(None, frozenset({"mine"}))
    tokens = {
        "all": await house.token("all", Role.OPERATOR),
        "mine": await house.token("mine", Role.OPERATOR, mine),
        "reading": await house.token("reading", Role.VIEWER),
        "reading mine": await house.token("reading mine", Role.VIEWER, mine),
    }
    async with AsyncExitStack() as stack:
        sockets = {
            name: await stack.enter_async_context(house.socket(token))
            for name, token in tokens.items()
        }
        for socket in sockets.values():
            await socket.subscribe("1", CHANGES)
            assert (await next_of(socket, "runUpdates"))["kind"] == "RESET"
        runs = [await begin(house.service, cluster=name) for name in ("foreign", "mine")]
        foreign, own = map(run_id, runs)
        for name, socket in sockets.items():
            for seen in [own] if "mine" in name else [foreign, own]:
                update = await next_of(socket, "runUpdates")
                assert update["run"] == {"id": seen, "viewerCanCancel": "reading" not in name}


async def test_a_shared_log_is_no_way_around_a_scope(house: Open) -> None:
    run = await begin(house.service, cluster="foreign")
    await append(house.service, run, 0, "one")
    scoped = await house.token("scoped", scope=Scope(None, frozenset({"mine"})))
    async with AsyncExitStack() as stack:
        seeing = await stack.enter_async_context(house.socket(await house.token("all")))
        blind = await stack.enter_async_context(house.socket(scoped))
        await seeing.subscribe("1", LOG, run=run_id(run))
        await next_of(seeing, "logLines")
        await blind.subscribe("1", LOG, run=run_id(run))
        frame = await blind.receive()
        assert frame["type"] == "error"
        assert frame["payload"][0]["extensions"] == {"code": "NOT_FOUND"}


#: Far more than what is on its way to a client that does not read: 24 MiB.
LONG_LINES, CALLS = ["x" * 60_000] * 40, 10


@pytest.mark.parametrize("ws", ["websockets-sansio", WebSocketProtocol], ids=["stock", "ours"])
async def test_a_client_that_does_not_read_gets_no_more_than_was_on_its_way(
    service: Service, clock: Clock, ws: Any
) -> None:
    run = await begin(service)
    for call in range(CALLS):
        await append(service, run, call * len(LONG_LINES), *LONG_LINES)
    async with opened(service, clock, ws) as house, house.socket(await house.token()) as socket:
        await socket.subscribe("1", LOG, run=run_id(run))
        seen = len((await next_of(socket, "logLines"))["lines"])
        socket.connection.transport.pause_reading()
        await revoked(house, "ci")
        await house.look()
        socket.connection.transport.resume_reading()
        with suppress(ConnectionClosed):
            while True:
                seen += len((await socket.receive())["payload"]["data"]["logLines"]["lines"])
        assert (socket.connection.close_code, socket.connection.close_reason) == OVER
        assert seen < CALLS * len(LONG_LINES)
