"""GraphQL subscriptions over WebSockets, by the graphql-transport-ws protocol.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md. Written by hand on top of
`websockets`: the package gql, which has a client for it, subscribes anew after a lost connection
with the old variables (a follower must go on from its newest cursor) and puts an unbounded queue
between the socket and its reader, so that a stopped pager would fill the memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.client import process_exception
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from server.cli.backoff import backoff
from server.cli.client import Json, Refused, ServiceError, Unreachable, error_of
from server.cli.endpoint import HINT, Endpoint

SUBPROTOCOL = Subprotocol("graphql-transport-ws")

#: The only operation of its socket.
OPERATION = "1"

#: Close codes after which a client comes back: those that graphql-ws does not take as final.
#: 1000 and 1001: closed in good order, but the operation was not complete. 1005, 1006: gone
#: without a word. 1012, 1013, 1014: restart, overload, bad gateway (RFC 6455 section 7.4 and its
#: registry). 4408, 4504: the greeting took too long.
PASSING_CODES = frozenset({1000, 1001, 1005, 1006, 1012, 1013, 1014, 4408, 4504})

#: Seconds for the greeting.
ACK_TIMEOUT_S = 10.0
#: Seconds of silence after which we ask whether the other side is there, and that its answer may
#: take. We only ask while we are reading: whoever is held up by a pager has not lost anything.
KEEPALIVE_S = 20.0
#: Seconds for a goodbye: whoever does not answer it is gone, and we want to come back.
CLOSE_TIMEOUT_S = 1.0
#: Bytes of one message. A batch of lines is far smaller; what is larger is not from our service.
MAX_MESSAGE_BYTES = 64 * 1024 * 1024


class Watcher:
    """Says once that the connection is lost, and why, and once that it is back."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._lost = False

    def lost(self, reason: str) -> None:
        if not self._lost:
            self._lost = True
            self._say(f"connection lost: {reason}. Trying again")

    def back(self) -> None:
        if self._lost:
            self._lost = False
            self._say("connected again")


async def subscribe(
    endpoint: Endpoint,
    document: str,
    variables: Callable[[], Json],
    watcher: Watcher,
) -> AsyncGenerator[Json, None]:
    """Each payload's `data`, until the service says `complete`.

    A lost connection is made again, with a back-off, and `variables` is asked anew: whoever keeps
    its cursor up to date goes on where it was. Raises Refused where it is of no use to try.
    """
    pauses = backoff()
    while True:
        try:
            answers = _one_connection(endpoint, document, variables(), watcher.back)
            async with aclosing(answers):
                async for data in answers:
                    pauses = backoff()
                    yield data
            return
        except Unreachable as error:
            watcher.lost(str(error))
        await asyncio.sleep(next(pauses))


async def _one_connection(
    endpoint: Endpoint, document: str, variables: Json, opened: Callable[[], None]
) -> AsyncGenerator[Json, None]:
    """The payloads of one socket up to `complete`. Raises Unreachable where another may succeed."""
    try:
        async with connect(
            endpoint.websocket,
            subprotocols=[SUBPROTOCOL],
            max_size=MAX_MESSAGE_BYTES,
            ping_interval=None,  # see KEEPALIVE_S
            close_timeout=CLOSE_TIMEOUT_S,
        ) as socket:
            await _greet(socket, endpoint)
            opened()
            payload = {"query": document, "variables": variables}
            await _send(socket, type="subscribe", id=OPERATION, payload=payload)
            while (data := await _next(socket)) is not None:
                yield data
    except ConnectionClosed as error:
        raise _closed(error) from error
    except (OSError, InvalidHandshake) as error:
        sentence = f"{endpoint.websocket}: {error or type(error).__name__}"
        if process_exception(error) is None:
            raise Unreachable(sentence) from error
        raise Refused(f"{sentence}; {HINT}") from error


async def _greet(socket: ClientConnection, endpoint: Endpoint) -> None:
    told = {"token": endpoint.token, "copilotSession": endpoint.copilot_session}
    payload = {name: value for name, value in told.items() if value}
    await _send(socket, type="connection_init", **({"payload": payload} if payload else {}))
    try:
        async with asyncio.timeout(ACK_TIMEOUT_S):
            while (await _receive(socket))["type"] != "connection_ack":
                pass
    except TimeoutError as error:
        raise Unreachable("the service did not take the connection") from error


async def _next(socket: ClientConnection) -> Json | None:
    """The next payload's `data`, None once the operation is complete."""
    while True:
        match await _receive(socket):
            case {"type": "next", "payload": {"errors": [*errors]}} if errors:
                raise error_of(errors)
            case {"type": "next", "payload": {"data": dict(data)}}:
                return data
            case {"type": "error", "payload": [*errors]}:
                raise error_of(errors)
            case {"type": "complete"}:
                return None


async def _receive(socket: ClientConnection) -> Json:
    """The next message of the operation; pings are answered on the way."""
    while True:
        try:
            async with asyncio.timeout(KEEPALIVE_S):
                text = await socket.recv()
        except TimeoutError:
            await _check(socket)
            continue
        message = _parsed(text)
        if message["type"] == "ping":
            await _send(socket, type="pong")
        else:
            return message


async def _check(socket: ClientConnection) -> None:
    """Raises Unreachable where the other side does not answer a ping."""
    pong = await socket.ping()
    try:
        async with asyncio.timeout(KEEPALIVE_S):
            await pong
    except TimeoutError as error:
        raise Unreachable(f"the service was silent for {2 * KEEPALIVE_S:g} s") from error


async def _send(socket: ClientConnection, **message: Any) -> None:
    await socket.send(orjson.dumps(message).decode())  # text: the protocol has no binary frames


def _parsed(text: str | bytes) -> Json:
    try:
        message = orjson.loads(text)
        message["type"]
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise Refused("the service sent a message that is not graphql-transport-ws") from error
    return message  # type: ignore[no-any-return]


def _closed(error: ConnectionClosed) -> ServiceError:
    """What the other side closed with decides; where it said nothing, it may be back."""
    if error.rcvd is None:
        return Unreachable("the connection was lost")
    sentence = f"the service closed the connection: {error.rcvd.code} {error.rcvd.reason}".rstrip()
    return Unreachable(sentence) if error.rcvd.code in PASSING_CODES else Refused(sentence)
