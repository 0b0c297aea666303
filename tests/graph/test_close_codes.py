"""Each close code of graphql-transport-ws, by frames and as the npm client graphql-ws gets it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from resolvers.service import Service
from resolvers.viewer import Role
from server.gate import Gate
from server.limits import DoorLimits
from server.websocket_protocol import WebSocketProtocol
from tests.graph.logins import token_of
from tests.graph.sockets import Socket, serving, socket_to
from tests.graph.support import app_of
from tests.support.node import told_by

#: Seconds for `connection_init`: long for a client at work, short for one that says nothing.
PATIENCE_S = 1.0

SUBSCRIBE = {
    "id": "1",
    "type": "subscribe",
    "payload": {"query": "subscription { runUpdates { kind } }"},
}
#: The protocol's own words, by its close codes.
REASONS = {
    4401: "Unauthorized",
    4403: "Forbidden",
    4406: "Subprotocol not acceptable",
    4408: "Connection initialisation timeout",
    4409: "Subscriber for 1 already exists",
    4429: "Too many initialisation requests",
}


@dataclass(frozen=True)
class Door:
    """Where a login is asked for, and one that opens it."""

    address: str
    token: str

    @property
    def init(self) -> dict[str, Any]:
        return {"type": "connection_init", "payload": {"token": self.token}}


@pytest.fixture
async def door(service: Service) -> AsyncIterator[Door]:
    gate = Gate(DoorLimits(connection_init_seconds=PATIENCE_S))
    app = app_of(service, requires_login=True, gate=gate)
    async with serving(app, WebSocketProtocol) as address:
        yield Door(address, await token_of(service, Role.VIEWER))


async def closed(door: Door, *messages: Any) -> tuple[int | None, str | None]:
    """How the socket of a client is closed that sends these messages; what it gets before aside."""
    async with socket_to(door.address) as socket:
        for message in messages:
            await socket.send(message)
        await socket.connection.wait_closed()
    return socket.connection.close_code, socket.connection.close_reason


async def test_each_wrong_message_is_closed_with_its_code_and_the_protocols_words(
    door: Door,
) -> None:
    wrong_token = {"type": "connection_init", "payload": {"token": "ar_of_nobody"}}
    wrong: dict[int, list[Any]] = {
        4401: [SUBSCRIBE],
        4403: [wrong_token],
        4408: [],
        4409: [door.init, SUBSCRIBE, SUBSCRIBE],
        4429: [door.init, door.init],
    }
    for code, messages in wrong.items():
        assert await closed(door, *messages) == (code, REASONS[code])


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (42, "message: expected an object, got a number"),
        ({"type": "start"}, "type: expected connection_init, ping, pong, subscribe or complete"),
        ({"type": "complete", "id": 1}, "id: expected a string, got a number"),
        ({"type": "ping", "payload": []}, "payload: expected an object, got an array"),
        (SUBSCRIBE | {"payload": None}, "payload: expected an object, got null"),
    ],
)
async def test_message_that_is_none_is_closed_with_4400_and_what_was_expected(
    door: Door, message: Any, reason: str
) -> None:
    assert await closed(door, door.init, message) == (4400, reason)


@pytest.mark.parametrize("payload", [{}, {"token": ""}, {"token": 42}, None])
async def test_init_that_does_not_say_who_it_is_is_closed_with_4403(
    door: Door, payload: Any
) -> None:
    init = {"type": "connection_init", "payload": payload}
    assert await closed(door, init) == (4403, REASONS[4403])


async def test_other_subprotocol_is_closed_with_4406_and_the_protocols_words(door: Door) -> None:
    async with connect(door.address, proxy=None) as connection:
        with pytest.raises(ConnectionClosed):
            await connection.recv()
    assert (connection.close_code, connection.close_reason) == (4406, REASONS[4406])


async def test_ping_is_answered_at_any_time_and_pong_never(door: Door) -> None:
    async with socket_to(door.address) as socket:
        for message in ({"type": "ping"}, {"type": "pong"}, {"type": "ping", "payload": {"a": 1}}):
            await socket.send(message)
        assert [await socket.receive() for _ in range(2)] == [{"type": "pong"}] * 2
        await socket.send(door.init)
        assert await socket.receive() == {"type": "connection_ack"}
        await socket.send({"type": "ping"})
        assert await socket.receive() == {"type": "pong"}


async def test_closing_is_left_to_no_operation_that_is_under_way(door: Door) -> None:
    """Whatever a client does wrong, it hears of it at once."""
    async with socket_to(door.address) as socket:
        await _follow(socket, door)
        await socket.send(door.init)
        assert await socket.closed() == (4429, REASONS[4429])


async def _follow(socket: Socket, door: Door) -> None:
    await socket.send(door.init)
    assert await socket.receive() == {"type": "connection_ack"}
    await socket.send(SUBSCRIBE)
    assert (await socket.receive())["payload"] == {"data": {"runUpdates": {"kind": "RESET"}}}


async def test_graphql_ws_gets_the_code_of_what_it_does_wrong_and_a_pong_for_its_ping(
    door: Door,
) -> None:
    told = await asyncio.to_thread(told_by, "closes.mjs", url=door.address, token=door.token)
    closes = {each["expected"]: each for each in told if each["event"] == "closed"}
    assert {code: each["code"] for code, each in closes.items()} == {
        code: code for code in (4400, *REASONS)
    }
    reasons = {code: each["reason"] for code, each in closes.items()}
    assert reasons.pop(4400) == "id: expected 1 to 200 printable characters"
    assert reasons == REASONS
    assert told[-1] == {"event": "pong"}
