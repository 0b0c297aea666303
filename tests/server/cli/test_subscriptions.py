"""The client's side of graphql-transport-ws, frame by frame, against a scripted server."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest
from websockets.asyncio.server import ServerConnection, serve

from server.cli import backoff as pauses
from server.cli import subscriptions
from server.cli.client import Json, Refused
from server.cli.endpoint import Endpoint
from server.cli.subscriptions import Watcher, subscribe

DOCUMENT = "subscription { n }"
Script = Callable[[ServerConnection], Awaitable[None]]


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pauses.backoff, "__defaults__", (0.001, 0.001, lambda low, high: high))


@asynccontextmanager
async def scripted(*scripts: Script) -> AsyncIterator[Endpoint]:
    """A server that follows one script after the other, one for each connection."""
    upcoming = iter(scripts)

    async def handle(socket: ServerConnection) -> None:
        await next(upcoming)(socket)

    async with serve(
        handle, "127.0.0.1", 0, subprotocols=[subscriptions.SUBPROTOCOL], close_timeout=1
    ) as server:
        port = server.sockets[0].getsockname()[1]
        yield Endpoint(f"http://127.0.0.1:{port}")


async def receive(socket: ServerConnection) -> Any:
    return orjson.loads(await socket.recv())


async def send(socket: ServerConnection, *messages: Json) -> None:
    for message in messages:
        await socket.send(orjson.dumps(message).decode())


async def greet(socket: ServerConnection, after: int) -> None:
    """Expects a client that subscribes from `after` on."""
    assert await receive(socket) == {"type": "connection_init"}
    await send(socket, {"type": "connection_ack"})
    assert await receive(socket) == {
        "type": "subscribe",
        "id": "1",
        "payload": {"query": DOCUMENT, "variables": {"after": after}},
    }


def following(n: int) -> Json:
    return {"type": "next", "id": "1", "payload": {"data": {"n": n}}}


COMPLETE = {"type": "complete", "id": "1"}


async def follow(endpoint: Endpoint, said: list[str] | None = None) -> list[int]:
    """All numbers, with the last one as the cursor."""
    seen = [0]
    watcher = Watcher((said if said is not None else []).append)
    async for data in subscribe(endpoint, DOCUMENT, lambda: {"after": seen[-1]}, watcher):
        seen.append(data["n"])
    return seen[1:]


async def test_token_and_session_of_the_environment_are_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = []

    async def listen(socket: ServerConnection) -> None:
        said.append(await receive(socket))
        await socket.close(4403)

    monkeypatch.setenv("AGENT_RUNS_TOKEN", "ar_x")
    monkeypatch.setenv("AGENT_RUNS_COPILOT_SESSION", "chat-7f3a")
    async with scripted(listen) as endpoint:
        with pytest.raises(Refused):
            await follow(endpoint)
    payload = {"token": "ar_x", "copilotSession": "chat-7f3a"}
    assert said == [{"type": "connection_init", "payload": payload}]


async def test_answers_come_in_order_up_to_complete() -> None:
    async def script(socket: ServerConnection) -> None:
        assert socket.subprotocol == "graphql-transport-ws"
        await greet(socket, after=0)
        await send(socket, following(1), following(2), COMPLETE)
        await socket.wait_closed()
        assert socket.close_code == 1000

    async with scripted(script) as endpoint:
        assert await follow(endpoint) == [1, 2]


async def test_ping_is_answered_with_pong() -> None:
    async def script(socket: ServerConnection) -> None:
        await greet(socket, after=0)
        await send(socket, {"type": "ping"})
        assert await receive(socket) == {"type": "pong"}
        await send(socket, following(1), {"type": "pong"}, COMPLETE)

    async with scripted(script) as endpoint:
        assert await follow(endpoint) == [1]


@pytest.mark.parametrize("code", [1000, 1001, 1012, 1013, 1014, 4408])
async def test_client_comes_back_with_its_newest_cursor(code: int) -> None:
    async def lost(socket: ServerConnection) -> None:
        await greet(socket, after=0)
        await send(socket, following(1), following(2))
        await socket.close(code, "back soon")

    async def again(socket: ServerConnection) -> None:
        await greet(socket, after=2)
        await send(socket, following(3), COMPLETE)

    said: list[str] = []
    async with scripted(lost, again) as endpoint:
        assert await follow(endpoint, said) == [1, 2, 3]
    assert said == [
        f"connection lost: the service closed the connection: {code} back soon. Trying again",
        "connected again",
    ]


async def test_client_comes_back_after_a_connection_that_broke_without_a_word() -> None:
    async def broken(socket: ServerConnection) -> None:
        await greet(socket, after=0)
        socket.transport.abort()

    async def again(socket: ServerConnection) -> None:
        await greet(socket, after=0)
        await send(socket, COMPLETE)

    async with scripted(broken, again) as endpoint:
        assert await follow(endpoint) == []


@pytest.mark.parametrize("code", [1008, 1011, 4400, 4401, 4403, 4429])
async def test_final_close_code_ends_it_with_a_sentence(code: int) -> None:
    async def script(socket: ServerConnection) -> None:
        await greet(socket, after=0)
        await socket.close(code, "no")

    async with scripted(script) as endpoint:
        with pytest.raises(Refused, match=f"{code} no"):
            await follow(endpoint)


@pytest.mark.parametrize(
    "message",
    [
        {"type": "error", "id": "1", "payload": [{"message": "after: bad cursor"}]},
        {"type": "next", "id": "1", "payload": {"errors": [{"message": "after: bad cursor"}]}},
    ],
)
async def test_error_of_the_operation_ends_it(message: Json) -> None:
    async def script(socket: ServerConnection) -> None:
        await greet(socket, after=0)
        await send(socket, message)
        await socket.wait_closed()

    async with scripted(script) as endpoint:
        with pytest.raises(Refused, match="after: bad cursor"):
            await follow(endpoint)


async def test_unavailable_operation_is_tried_again() -> None:
    async def away(socket: ServerConnection) -> None:
        await greet(socket, after=0)
        error = {"message": "the database is away", "extensions": {"code": "UNAVAILABLE"}}
        await send(socket, {"type": "error", "id": "1", "payload": [error]})
        await socket.wait_closed()

    async def back(socket: ServerConnection) -> None:
        await greet(socket, after=0)
        await send(socket, COMPLETE)

    async with scripted(away, back) as endpoint:
        assert await follow(endpoint) == []


async def test_silent_connection_is_asked_and_given_up_when_it_does_not_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(subscriptions, "KEEPALIVE_S", 0.05)
    gone = asyncio.Event()

    async def silent(socket: ServerConnection) -> None:
        await greet(socket, after=0)
        socket.transport.pause_reading()  # so that no pong will come
        await gone.wait()
        socket.transport.abort()

    async def back(socket: ServerConnection) -> None:
        gone.set()
        await greet(socket, after=0)
        await send(socket, COMPLETE)

    said: list[str] = []
    async with scripted(silent, back) as endpoint:
        assert await follow(endpoint, said) == []
    assert said[0] == "connection lost: the service was silent for 0.1 s. Trying again"


async def test_message_that_is_no_graphql_is_refused() -> None:
    async def script(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send("hello")
        await socket.wait_closed()

    async with scripted(script) as endpoint:
        with pytest.raises(Refused, match="not graphql-transport-ws"):
            await follow(endpoint)
