"""What stays open ends with the access by which it was opened."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from starlette.applications import Starlette

from live.hub import Hub
from models.database import database
from models.ids import Kind, global_id
from models.visibility import EVERYTHING
from resolvers.service import Service
from resolvers.tokens import MadeToken, create_token, revoke_token
from resolvers.viewer import LOCAL_VIEWER, Role
from server import access_watch
from server.entrance import Entrance
from server.graphql_endpoint import GraphQLEndpoint
from tests.graph.sockets import Socket, serving, socket_to
from tests.graph.support import PATH
from tests.support.clock import Clock

LIST = "subscription { runUpdates { kind } }"
RESET = {"data": {"runUpdates": {"kind": "RESET"}}}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def entrance(database_url: str, clock: Clock) -> AsyncIterator[Entrance]:
    async with database(database_url):
        yield Entrance.of(Service(hub=Hub(), clock=clock), requires_login=True)


@pytest.fixture
async def address(entrance: Entrance) -> AsyncIterator[str]:
    async with serving(Starlette(routes=GraphQLEndpoint(entrance).routes(PATH))) as address:
        yield address


async def _token(entrance: Entrance, lifetime: timedelta | None = None) -> MadeToken:
    return await create_token(
        entrance.service, LOCAL_VIEWER, "ada", Role.VIEWER, EVERYTHING, lifetime
    )


async def _follow(socket: Socket, made: MadeToken) -> None:
    await socket.send({"type": "connection_init", "payload": {"token": made.secret}})
    assert await socket.receive() == {"type": "connection_ack"}
    await socket.subscribe("1", LIST)
    assert await socket.receive() == {"id": "1", "type": "next", "payload": RESET}


async def test_socket_is_closed_once_its_token_is_revoked_and_no_other(
    entrance: Entrance, address: str
) -> None:
    revoked, good = await _token(entrance), await _token(entrance)
    async with socket_to(address) as one, socket_to(address) as other:
        await _follow(one, revoked)
        await _follow(other, good)
        token_id = global_id(Kind.TOKEN, revoked.token.id)
        await revoke_token(entrance.service, LOCAL_VIEWER, token_id)
        await entrance.watch.look()
        assert await one.closed() == (4403, "the login is over")
        await other.send({"type": "ping"})
        assert await other.receive() == {"type": "pong"}


async def test_socket_is_closed_once_its_token_has_expired(
    entrance: Entrance, address: str, clock: Clock
) -> None:
    made = await _token(entrance, timedelta(minutes=5))
    async with socket_to(address) as socket:
        await _follow(socket, made)
        clock.advance(299)
        await entrance.watch.look()
        await socket.send({"type": "ping"})
        assert await socket.receive() == {"type": "pong"}
        clock.advance(1)
        await entrance.watch.look()
        assert await socket.closed() == (4403, "the login is over")


async def test_a_database_that_does_not_answer_prolongs_no_expiry(
    entrance: Entrance, address: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, stop = asyncio.Event(), asyncio.Event()

    async def never(_: object) -> set[UUID]:
        asked.set()
        return await asyncio.get_running_loop().create_future()

    monkeypatch.setattr(access_watch, "RECHECK_SECONDS", 0.05)
    monkeypatch.setattr(access_watch, "revoked_among", never)
    made = await _token(entrance, timedelta(minutes=5))
    async with socket_to(address) as socket:
        await _follow(socket, made)
        watching = asyncio.create_task(entrance.watch.run(stop))
        await asked.wait()
        clock.advance(300)
        assert await socket.closed() == (4403, "the login is over")
        stop.set()
        await watching
