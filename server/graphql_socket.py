"""Subscriptions over WebSockets by the graphql-transport-ws protocol.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md. Strawberry's handler keeps the
protocol's states; what stands here makes it safe against messages that are none, and sees to it
that `complete` is never sent for a stream that broke off.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping, Sequence
from datetime import timedelta
from typing import Any

import structlog
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
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
from strawberry.types.execution import ExecutionResult

from graph.context import Context
from graph.errors import INTERRUPTED, UNAVAILABLE, code_of
from graph.json_text import BadJson, decode_json, is_deeper
from graph.schema import Schema
from live.broadcast import BrokenOff, Message
from resolvers.service import LOCAL_VIEWER
from server.clients import client_of
from server.gate import Gate
from server.graphql_answer import encode
from server.graphql_request import GraphQLRequest, RequestRefused, document_of, kind_of
from server.persisted import PersistedDocuments
from server.places import LimitReached
from server.subscriptions import Asked, Subscriptions

log = structlog.get_logger(__name__)

#: Characters of an operation's id, which is sent back with each of its messages.
MAX_ID = 200

#: Bytes of a close frame's reason (RFC 6455, section 5.5).
MAX_REASON_BYTES = 123

#: The protocol's close code for a message that is none.
BAD_MESSAGE = 4400
#: Close codes of RFC 6455's registry after which graphql-ws comes back by itself, with its cursor:
#: "service restart" and "try again later".
COME_BACK = {INTERRUPTED: 1012, UNAVAILABLE: 1013}
#: What a client gets that may have no socket, or no more of them.
NO_PLACE = 1013


class GraphQLSocket(GraphQL[Context, None]):
    """Strawberry's view, for sockets only."""

    def __init__(
        self,
        schema: Schema,
        subscriptions: Subscriptions,
        make_context: Callable[[], Context],
        gate: Gate,
        documents: PersistedDocuments,
    ) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=timedelta(seconds=gate.limits.connection_init_seconds),
            max_subscriptions_per_connection=None,  # ours tells which limit it is
            allowed_origins=("*",),  # server/origins.py stands before it
        )
        self.subscriptions = subscriptions
        self.gate = gate
        self.documents = documents
        self._make_context = make_context
        self.websocket_adapter_class = _Adapter
        self.graphql_transport_ws_handler_class = _Handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            with self.gate.sockets.taken(client_of(scope, LOCAL_VIEWER)):
                await super().__call__(scope, receive, send)
        except LimitReached as reached:
            # Accepted first: browsers tell their page nothing of a handshake that fails.
            socket = WebSocket(scope, receive, send)
            await socket.accept(GRAPHQL_TRANSPORT_WS_PROTOCOL)
            await socket.close(NO_PLACE, reached.message[:MAX_REASON_BYTES])

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
                yield decode_json(text)
            except BadJson as error:
                raise NonJsonMessageReceived from error

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


class _Handler(BaseGraphQLTransportWSHandler[Context, None]):
    view: GraphQLSocket
    websocket: _Adapter

    async def handle_message(self, message: Any) -> None:
        depth = self.view.gate.limits.max_json_depth
        if is_deeper(message, depth):
            reason = f"message: expected at most {depth} levels of JSON (MAX_JSON_DEPTH)"
            await self.websocket.close(BAD_MESSAGE, reason)
        elif problem := problem_of(message):
            await self.websocket.close(BAD_MESSAGE, problem)
        elif message["type"] != "subscribe" or await self._admit(message):
            if message.get("payload") is None:
                # The protocol lets clients write null for none, which Strawberry does not.
                message.pop("payload", None)
            await super().handle_message(message)

    async def _admit(self, message: dict[str, Any]) -> bool:
        """Whether an operation may begin, its document found; else its client was told why not."""
        if not self.connection_acknowledged or message["id"] in self.operations:
            return True  # which closes the socket: that is Strawberry's
        try:
            self._check_room()
            await self.view.gate.count(self.websocket.ws.scope, self.context.viewer)
            message["payload"]["query"] = document_of(message["payload"], self.view.documents)
        except (LimitReached, RequestRefused) as refused:
            error = {"message": refused.message, "extensions": refused.extensions}
            refusal = {"id": message["id"], "type": "error", "payload": [error]}
            await self.websocket.send_json(refusal)
            return False
        return True

    def _check_room(self) -> None:
        """Raises RequestRefused where the socket has as many operations as it may have."""
        most = self.view.gate.limits.max_operations_per_socket
        if len(self.operations) >= most:
            what = f"expected at most {most} operations at once on a socket"
            raise RequestRefused.beyond("MAX_OPERATIONS_PER_SOCKET", most, what)

    async def run_operation(self, operation: Operation[Context, None]) -> None:
        """Send what was asked for: messages that are shared, if it is a subscription."""
        request = GraphQLRequest(operation.query, operation.variables, operation.operation_name)
        asked = self.view.subscriptions.find(request, self.context)
        if asked is None:
            await super().run_operation(operation)
            return
        try:
            await self._send_messages(operation, asked)
        except Exception as error:
            await self.handle_task_exception(error)
            raise

    async def _send_messages(self, operation: Operation[Context, None], asked: Asked) -> None:
        """Each with this operation's envelope; then `complete`, unless the stream broke off."""
        head = f'{{"id":{encode(operation.id).decode()},"type":"next","payload":'
        send_text = self.websocket.send_text

        def deliver(message: Message) -> Coroutine[Any, Any, None]:
            return send_text(f"{head}{message.text}}}")

        try:
            await self.view.subscriptions.send(asked, deliver)
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
    is_persisted = payload.get("documentId") or payload.get("extensions")
    if not is_persisted and not isinstance(payload.get("query"), str):
        return f"payload.query: expected a string, got {kind_of(payload.get('query'))}"
    return (
        _wrong_type(payload, "query", str)
        or _wrong_type(payload, "documentId", str)
        or _wrong_type(payload, "variables", dict)
        or _wrong_type(payload, "operationName", str)
        or _wrong_type(payload, "extensions", dict)
    )


def _wrong_type(holder: dict[str, Any], name: str, type_: type) -> str | None:
    value = holder.get(name)
    if value is None or isinstance(value, type_):
        return None
    return f"{name}: expected {'a string' if type_ is str else 'an object'}, got {kind_of(value)}"
