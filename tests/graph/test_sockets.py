"""graphql-transport-ws: whole frames and exact close codes."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from live.hub import Hub
from resolvers.service import Service
from server.gate import Gate
from server.limits import DOOR_LIMITS, DoorLimits
from server.websocket_protocol import WebSocketProtocol
from tests.graph.sockets import Socket, serving, socket_to
from tests.graph.support import answer_of, app_of

MAX_OPERATIONS_PER_SOCKET = DOOR_LIMITS.max_operations_per_socket
TYPENAME = {"query": "{ __typename }"}


@pytest.fixture(params=["websockets-sansio", WebSocketProtocol], ids=["stock", "ours"])
async def address(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    async with serving(app_of(Service(hub=Hub())), request.param) as address:
        yield address


@pytest.fixture
async def socket(address: str) -> AsyncIterator[Socket]:
    async with socket_to(address) as socket:
        yield socket


async def test_query_gets_next_and_complete(socket: Socket) -> None:
    await socket.init()
    await socket.send({"id": "1", "type": "subscribe", "payload": TYPENAME})
    answer = answer_of({"__typename": "Query"})
    assert await socket.receive() == {"id": "1", "type": "next", "payload": answer}
    assert await socket.receive() == {"id": "1", "type": "complete"}


async def test_init_and_its_payload_may_hold_null(socket: Socket) -> None:
    await socket.send({"type": "connection_init", "payload": None})
    assert await socket.receive() == {"type": "connection_ack"}


async def test_ping_gets_pong(socket: Socket) -> None:
    await socket.send({"type": "ping", "payload": {"a": 1}})
    assert await socket.receive() == {"type": "pong"}


async def test_pong_is_taken_in_silence(socket: Socket) -> None:
    await socket.send({"type": "pong"})
    await socket.init()


@pytest.mark.parametrize("protocols", [[], ["graphql-ws"], ["chat"]])
async def test_other_subprotocol_is_closed_with_4406(address: str, protocols: list[str]) -> None:
    wanted = [Subprotocol(name) for name in protocols] or None
    async with connect(address, subprotocols=wanted, proxy=None) as connection:
        with pytest.raises(ConnectionClosed):
            await connection.recv()
    assert connection.close_code == 4406


async def test_subscribe_before_init_is_closed_with_4401(socket: Socket) -> None:
    await socket.send({"id": "1", "type": "subscribe", "payload": TYPENAME})
    assert await socket.closed() == (4401, "Unauthorized")


async def test_second_init_is_closed_with_4429(socket: Socket) -> None:
    await socket.init()
    await socket.send({"type": "connection_init"})
    assert await socket.closed() == (4429, "Too many initialisation requests")


async def test_silence_is_closed_with_4408() -> None:
    gate = Gate(DoorLimits(connection_init_seconds=0.05))
    app = app_of(Service(hub=Hub()), gate=gate)
    async with serving(app) as impatient, socket_to(impatient) as socket:
        assert await socket.closed() == (4408, "Connection initialisation timeout")


async def test_a_socket_that_has_begun_does_not_keep_what_waited_for_it(socket: Socket) -> None:
    """The task of the time-out would hold 2 KiB for as long as the socket stays."""
    await socket.init()
    await socket.send({"type": "ping"})
    assert await socket.receive() == {"type": "pong"}
    assert not [task for task in map(_coroutine_of, gc.get_objects()) if "init_timeout" in task]


def _coroutine_of(thing: object) -> str:
    coroutine = thing.get_coro() if type(thing) is asyncio.Task else None
    return getattr(coroutine, "__qualname__", "")


async def test_id_in_use_is_closed_with_4409(socket: Socket) -> None:
    await socket.init()
    long_id = "ü" * 100
    payload = {"query": "subscription { runUpdates { kind } }"}
    await socket.send({"id": long_id, "type": "subscribe", "payload": payload})
    await socket.send({"id": long_id, "type": "subscribe", "payload": payload})
    await socket.connection.wait_closed()
    assert socket.connection.close_code == 4409


BAD_MESSAGES = [
    "no json",
    "",
    "[",
    "42",
    "null",
    "[]",
    '"connection_init"',
    "{}",
    '{"type": "start"}',
    '{"type": 1}',
    '{"type": ["ping"]}',
    '{"type": {"a": 1}}',
    '{"type": "' + "x" * 500 + '"}',
    '{"type": "ping", "payload": 1}',
    '{"type": "connection_init", "payload": []}',
    '{"type": "complete"}',
    '{"type": "complete", "id": 1}',
    '{"type": "subscribe", "payload": {"query": "{a}"}}',
    '{"type": "subscribe", "id": 1, "payload": {"query": "{a}"}}',
    '{"type": "subscribe", "id": "", "payload": {"query": "{a}"}}',
    '{"type": "subscribe", "id": "\\ud800", "payload": {"query": "{a}"}}',
    '{"type": "subscribe", "id": "' + "x" * 201 + '", "payload": {"query": "{a}"}}',
    '{"type": "subscribe", "id": "1"}',
    '{"type": "subscribe", "id": "1", "payload": "{a}"}',
    '{"type": "subscribe", "id": "1", "payload": {}}',
    '{"type": "subscribe", "id": "1", "payload": {"query": 1}}',
    '{"type": "subscribe", "id": "1", "payload": {"query": "{a}", "variables": []}}',
    '{"type": "subscribe", "id": "1", "payload": {"query": "{a}", "operationName": 1}}',
    '{"type": "subscribe", "id": "1", "payload": {"query": "{a}", "extensions": 1}}',
    '{"type": "ping", "payload": ' + '{"a":' * 20_000,
    '{"type": "ping", "payload": {"a": NaN}}',
]


@pytest.mark.parametrize("text", BAD_MESSAGES, ids=lambda text: text[:60])
async def test_message_that_is_none_is_closed_with_4400(socket: Socket, text: str) -> None:
    await socket.send_text(text)
    code, reason = await socket.closed()
    assert code == 4400
    assert reason


async def test_binary_message_is_closed_with_4400(socket: Socket) -> None:
    await socket.connection.send(b"{}")
    assert await socket.closed() == (4400, "WebSocket message type must be text")


async def test_number_of_thousands_of_digits_is_only_a_number(socket: Socket) -> None:
    await socket.send_text('{"type": "ping", "payload": {"a": ' + "9" * 5_000 + "}}")
    assert await socket.receive() == {"type": "pong"}


BAD_OPERATIONS = {
    "{": "GRAPHQL_PARSE_FAILED",
    "": "BAD_INPUT",
    "{ nothing }": "GRAPHQL_VALIDATION_FAILED",
    "query A { __typename } query B { __typename }": "BAD_INPUT",
    "fragment F on Query { __typename }": "GRAPHQL_VALIDATION_FAILED",
    "query ($id: ID!) { run(id: $id) { id } }": "BAD_INPUT",
    "{ a" * 20_000: "LIMIT_EXCEEDED",
    f"subscription {'{a' * 4_000}{'}' * 4_000}": "LIMIT_EXCEEDED",
    "subscription { runUpdates { kind } again: runUpdates { kind } }": "GRAPHQL_VALIDATION_FAILED",
    'subscription { logLines(runId: "nonsense") { endCursor } }': "BAD_INPUT",
}


@pytest.mark.parametrize(("query", "code"), BAD_OPERATIONS.items(), ids=lambda text: text[:60])
async def test_bad_operation_gets_error_and_the_socket_lives_on(
    socket: Socket, query: str, code: str
) -> None:
    await socket.init()
    await socket.subscribe("bad", query)
    frame = await socket.receive()
    assert (frame["id"], frame["type"]) == ("bad", "error")
    assert frame["payload"][0]["extensions"]["code"] == code
    await socket.subscribe("bad", "{ __typename }")
    assert (await socket.receive())["payload"] == answer_of({"__typename": "Query"})


async def test_one_operation_too_many_is_refused_alone(
    socket: Socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    from graph import subscriptions

    async def follow_run_updates(*_: Any) -> AsyncIterator[Any]:
        await asyncio.Event().wait()
        yield

    monkeypatch.setattr(subscriptions, "follow_run_updates", follow_run_updates)
    await socket.init()
    for number in range(MAX_OPERATIONS_PER_SOCKET + 1):
        await socket.subscribe(str(number), "subscription { runUpdates { kind } }")
    error = {
        "message": f"expected at most {MAX_OPERATIONS_PER_SOCKET} operations at once on a socket, "
        "got more (MAX_OPERATIONS_PER_SOCKET)",
        "extensions": {
            "code": "LIMIT_EXCEEDED",
            "setting": "MAX_OPERATIONS_PER_SOCKET",
            "limit": MAX_OPERATIONS_PER_SOCKET,
        },
    }
    refused = {"id": str(MAX_OPERATIONS_PER_SOCKET), "type": "error", "payload": [error]}
    assert await socket.receive() == refused
    await socket.send({"id": "0", "type": "complete"})
    await socket.send({"id": "again", "type": "subscribe", "payload": TYPENAME})
    assert (await socket.receive())["type"] == "next"


async def test_lone_surrogate_in_a_query_is_an_error_like_another(socket: Socket) -> None:
    await socket.init()
    payload = json.dumps({"query": '{ run(id: "\ud800") { id } }'})
    await socket.send_text('{"id": "1", "type": "subscribe", "payload": ' + payload + "}")
    frame = await socket.receive()
    assert frame["type"] == "error"
    assert frame["payload"][0]["extensions"] == {"code": "GRAPHQL_PARSE_FAILED"}
