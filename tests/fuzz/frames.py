"""Sockets: messages of graphql-transport-ws in any order, with anything in them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from graph.json_text import decode_json
from tests.fuzz import calls, values
from tests.fuzz.answers import check_errors, check_payload
from tests.fuzz.world import Person, World
from tests.graph.sockets import PATIENCE, PROTOCOL
from tests.graph.support import PATH

#: A message as text or as bytes.
Frame = str | bytes
#: What a socket may be closed with: by us, for a message that is none; never 1006, 1007 or 1011.
CLOSE_CODES = {1000, 1009, 4400, 4401, 4403, 4406, 4408, 4409, 4429}
SENT = {"connection_ack", "ping", "pong", "next", "error", "complete"}
TYPES = ["connection_init", "ping", "pong", "subscribe", "complete", "next", "nosuch"]

#: What is asked last: once it is answered, or the socket closed, all before it was taken in.
LAST = {"id": "the last", "type": "subscribe", "payload": {"query": "{ __typename }"}}


def conversations(world: World) -> SearchStrategy[list[Frame]]:
    """What a client says, after its first word."""
    return st.lists(_messages(world), min_size=1, max_size=5)


def openings() -> SearchStrategy[Frame]:
    """The first word: mostly the right one."""
    token = st.fixed_dictionaries({"token": values.json_values})
    payload = st.one_of(token, values.json_values)
    odd = st.builds(lambda told: _text({"type": "connection_init", "payload": told}), payload)
    return st.one_of(st.just(_text({"type": "connection_init"})), odd)


def _messages(world: World) -> SearchStrategy[Frame]:
    document = st.one_of(calls.queries(world), calls.subscriptions(world))
    payload = st.builds(lambda call: {"query": call[0], "variables": call[1]}, document)
    id_ = st.one_of(st.sampled_from(["1", "2"]), values.texts, values.json_values)
    good = st.builds(lambda i, p: {"id": i, "type": "subscribe", "payload": p}, id_, payload)
    shaped = st.fixed_dictionaries(
        {"type": st.one_of(st.sampled_from(TYPES), values.json_values)},
        optional={"id": id_, "payload": st.one_of(payload, values.json_values)},
    )
    told = st.one_of(good, shaped, values.json_values).map(_text)
    return st.one_of(told, told, values.texts.map(_sendable), st.binary(max_size=20))


def converse(world: World, person: Person, frames: list[Frame]) -> None:
    """Say all that, and see to it that every answer is one of the protocol's."""
    address = f"ws://127.0.0.1:{world.service.port}{PATH}"
    headers = person.headers
    for frame in frames:
        world.leaks.told(_as_read(frame))
    with connect(
        address, subprotocols=[PROTOCOL], proxy=None, compression=None, additional_headers=headers
    ) as socket:
        with suppress(ConnectionClosed):
            for frame in [*frames, _text(LAST)]:
                socket.send(frame)
        for message in _messages_of(socket):
            _check(world, person, message)
            if message.get("id") == LAST["id"] and message["type"] in ("complete", "error"):
                return
        assert socket.close_code in CLOSE_CODES, (socket.close_code, socket.close_reason)
        world.check_text(person, 200, socket.close_reason or "")


def _messages_of(socket: ClientConnection) -> Iterator[dict[str, Any]]:
    """What is said to us, up to the close."""
    with suppress(ConnectionClosed):
        while True:
            text = socket.recv(PATIENCE)
            assert isinstance(text, str), "browsers' clients take text only"
            message = decode_json(text)
            assert message["type"] in SENT
            yield message


def _check(world: World, person: Person, message: dict[str, Any]) -> None:
    world.check_text(person, 200, json.dumps(message, ensure_ascii=False))
    if message["type"] == "next":
        check_payload(message["payload"])
    elif message["type"] == "error":
        check_errors({"errors": message["payload"]})


def _text(message: Any) -> str:
    return values.encoded(message)


def _sendable(text: str) -> str:
    # A lone surrogate has no UTF-8, so that no client can send it but as an escape.
    return text.encode("utf-8", "replace").decode()


def _as_read(frame: Frame) -> str:
    text = frame if isinstance(frame, str) else frame.decode("utf-8", "replace")
    with suppress(ValueError, RecursionError):
        text += json.dumps(json.loads(text), ensure_ascii=False)
    return text
