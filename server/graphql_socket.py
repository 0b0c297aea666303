"""Subscriptions over WebSockets by the graphql-transport-ws protocol.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md. Strawberry's handler keeps the
protocol's states; what stands here makes it safe against messages that are none, and sees to it
that `complete` is never sent for a stream that broke off.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import structlog
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketState
from strawberry.asgi import ASGIWebSocketAdapter, GraphQL
from strawberry.http.exceptions import (
    NonJsonMessageReceived,
    NonTextMessageReceived,
    WebSocketDisconnected,
)
from strawberry.schema.schema import StreamResult
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
    Operation,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import ConnectionInitMessage
from strawberry.types.execution import ExecutionResult

from graph.context import Context
from graph.errors import INTERRUPTED, LIMIT_EXCEEDED, UNAVAILABLE, code_of
from graph.json_text import BadJson, decode_json
from graph.schema import Schema
from live.broadcast import BrokenOff, Message
from server.graphql_answer import encode
from server.graphql_request import GraphQLRequest, kind_of
from server.subscriptions import Asked, Subscriptions
from server.websocket_protocol import WRITE_TEXT

log = structlog.get_logger(__name__)

#: Operations under way at once on one socket: a page full of live runs.
MAX_OPERATIONS_PER_SOCKET = 100
#: A client that has not said `connection_init` by then is none.
INIT_WAIT = timedelta(seconds=10)
#: Characters of an operation's id, which is sent back with each of its messages.
MAX_ID = 200

#: Bytes of a close frame's reason (RFC 6455, section 5.5).
MAX_REASON_BYTES = 123

#: The protocol's close code for a message that is none.
BAD_MESSAGE = 4400
#: Close codes of RFC 6455's registry after which graphql-ws comes back by itself, with its cursor:
#: "service restart" and "try again later".
COME_BACK = {INTERRUPTED: 1012, UNAVAILABLE: 1013}


class GraphQLSocket(GraphQL[Context, None]):
    """Strawberry's view, for sockets only."""

    def __init__(
        self,
        schema: Schema,
        subscriptions: Subscriptions,
        make_context: Callable[[], Context],
    ) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=INIT_WAIT,
            max_subscriptions_per_connection=None,  # ours tells which limit it is
            allowed_origins=("*",),  # server/origins.py stands before it
        )
        self.subscriptions = subscriptions
        self._make_context = make_context
        self.websocket_adapter_class = _Adapter
        self.graphql_transport_ws_handler_class = _Handler

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> Context:
        return self._make_context()


class _Adapter(ASGIWebSocketAdapter):
    """Messages in and out, as JSON."""

    async def iter_json(
        self, *, ignore_parsing_errors: bool = False
    ) -> AsyncGenerator[object, None]:
        while self.ws.application_state is not WebSocketState.DISCONNECTED:
            message = await self.ws.receive()
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text")
            if text is None:
                raise NonTextMessageReceived
            try:
                told = decode_json(text)
            except BadJson as error:
                raise NonJsonMessageReceived from error
            del message, text  # not to be held until the next one comes
            yield told

    @property
    def write_text(self) -> Callable[..., bool] | None:
        """Writes a text at once, if there is room for it; None where the server has no such way."""
        write: Callable[..., bool] | None = self.ws.scope.get("extensions", {}).get(WRITE_TEXT)
        return write

    async def send_json(self, message: Mapping[str, object]) -> None:
        # As text: browsers' clients take no binary frames.
        await self.send_text(encode(message).decode())

    async def send_text(self, text: str) -> None:
        """Send one message; returns once the socket has room for more.

        Past Starlette's checks of what may follow what, which cost as much as the rest: nothing is
        sent here before `accept`, and nothing after a close.
        """
        if self.ws.application_state is WebSocketState.DISCONNECTED:
            raise WebSocketDisconnected
        try:
            await self.ws._send({"type": "websocket.send", "text": text})
        except OSError as error:  # by the ASGI specification: the client has gone
            raise WebSocketDisconnected from error

    async def close(self, code: int, reason: str) -> None:
        if self.ws.application_state is not WebSocketState.DISCONNECTED:
            fitting = reason.encode("utf-8", "replace")[:MAX_REASON_BYTES].decode(errors="ignore")
            await self.ws.close(code, fitting)


class _Envelopes:
    """Sends the messages of one operation, each with its id around it."""

    __slots__ = ("_head", "_websocket", "_write")

    def __init__(self, websocket: _Adapter, operation_id: str) -> None:
        self._websocket = websocket
        self._write = websocket.write_text
        self._head = b'{"id":%b,"type":"next","payload":' % encode(operation_id)

    def try_send(self, message: Message) -> bool:
        return self._write is not None and self._write(self._head, message.payload, b"}")

    async def send(self, message: Message) -> None:
        if not self.try_send(message):
            text = b"".join((self._head, message.payload, b"}")).decode()
            await self._websocket.send_text(text)


class _Handler(BaseGraphQLTransportWSHandler[Context, None]):
    view: GraphQLSocket
    websocket: _Adapter

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        """Strawberry's; then without the task that waited for it, which holds 2 KiB."""
        await super().handle_connection_init(message)
        if self.connection_init_received:
            self.connection_init_timeout_task = None

    async def handle_message(self, message: Any) -> None:
        if problem := problem_of(message):
            await self.websocket.close(BAD_MESSAGE, problem)
        elif message["type"] == "subscribe" and self._is_one_too_many(message["id"]):
            await self._refuse(message["id"])
        else:
            if message.get("payload") is None:
                # The protocol lets clients write null for none, which Strawberry does not.
                message.pop("payload", None)
            await super().handle_message(message)
            # Strawberry's loop holds on to it until the next one comes.
            message.clear()

    def _is_one_too_many(self, operation_id: str) -> bool:
        # What is wrong otherwise, such as an id in use, closes the socket: that is Strawberry's.
        full = len(self.operations) >= MAX_OPERATIONS_PER_SOCKET
        return full and self.connection_acknowledged and operation_id not in self.operations

    async def _refuse(self, operation_id: str) -> None:
        message = f"expected at most {MAX_OPERATIONS_PER_SOCKET} operations at once on a socket"
        error = {"message": message, "extensions": {"code": LIMIT_EXCEEDED}}
        await self.websocket.send_json({"id": operation_id, "type": "error", "payload": [error]})

    async def run_operation(self, operation: Operation[Context, None]) -> None:
        """Send what was asked for: messages that are shared, if it is a subscription."""
        request = GraphQLRequest(operation.query, operation.variables, operation.operation_name)
        asked = self.view.subscriptions.find(request, self.context)
        if asked is None:
            await super().run_operation(operation)
            return
        operation.query = asked.request.query
        try:
            await self._send_messages(operation, asked)
        except Exception as error:
            await self.handle_task_exception(error)
            raise

    async def _send_messages(self, operation: Operation[Context, None], asked: Asked) -> None:
        """Each with this operation's envelope; then `complete`, unless the stream broke off."""
        try:
            await self.view.subscriptions.send(asked, _Envelopes(self.websocket, operation.id))
        except BrokenOff as broken:
            await self._end_broken(operation, broken.reason)
            return
        await operation.send_operation_message({"id": operation.id, "type": "complete"})

    async def _send_result_stream(
        self, operation: Operation[Context, None], result_source: StreamResult
    ) -> None:
        """Send each result of what is not shared.

        One without data ends the operation with `error`: after a batch that is missing nothing may
        follow, and least of all `complete`, which would say that this was all.
        """
        async for result in result_source:
            assert isinstance(result, ExecutionResult), "incremental delivery is off"
            if result.data is None:
                await self._end_broken(operation, result.errors or [])
                return
            await operation.send_next(result)

    async def _end_broken(
        self, operation: Operation[Context, None], errors: Sequence[GraphQLError]
    ) -> None:
        """Tell that an operation cannot go on; where another try may, by closing the socket."""
        if code := _come_back_code(errors):
            await self.websocket.close(code, errors[0].message)
            raise WebSocketDisconnected
        await operation.send_initial_errors(list(errors))

    async def handle_task_exception(self, error: Exception) -> None:
        """An operation ended otherwise than by its protocol; a client that went away is no news."""
        if not isinstance(error, WebSocketDisconnected):
            log.error("websocket operation failed", exc_info=error)


def _come_back_code(errors: Sequence[GraphQLError]) -> int | None:
    codes = (COME_BACK.get(code_of(error)) for error in errors)
    return next((code for code in codes if code), None)


def problem_of(message: Any) -> str | None:
    """What keeps a message from being one of the protocol's; None for a good one."""
    if not isinstance(message, dict):
        return f"message: expected an object, got {kind_of(message)}"
    match message.get("type"):
        case "connection_init" | "ping" | "pong":
            return _wrong_type(message, "payload", dict)
        case "complete":
            return _wrong_id(message.get("id"))
        case "subscribe":
            return _wrong_id(message.get("id")) or _wrong_operation(message.get("payload"))
    return "type: expected connection_init, ping, pong, subscribe or complete"


def _wrong_id(value: Any) -> str | None:
    if not isinstance(value, str):
        return f"id: expected a string, got {kind_of(value)}"
    if not 1 <= len(value) <= MAX_ID or not value.isprintable():
        return f"id: expected 1 to {MAX_ID} printable characters"
    return None


def _wrong_operation(payload: Any) -> str | None:
    if not isinstance(payload, dict):
        return f"payload: expected an object, got {kind_of(payload)}"
    if not isinstance(payload.get("query"), str):
        return f"payload.query: expected a string, got {kind_of(payload.get('query'))}"
    return (
        _wrong_type(payload, "variables", dict)
        or _wrong_type(payload, "operationName", str)
        or _wrong_type(payload, "extensions", dict)
    )


def _wrong_type(holder: dict[str, Any], name: str, type_: type) -> str | None:
    value = holder.get(name)
    if value is None or isinstance(value, type_):
        return None
    return f"{name}: expected {'a string' if type_ is str else 'an object'}, got {kind_of(value)}"
