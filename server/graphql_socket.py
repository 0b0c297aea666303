"""Subscriptions over WebSockets by the graphql-transport-ws protocol.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md. Strawberry's handler keeps the
protocol's states; what stands here makes it safe against messages that are none, and sees to it
that `complete` is never sent for a stream that broke off.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from graphql import GraphQLError
from starlette.datastructures import Headers
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
from strawberry.subscriptions.protocols.graphql_transport_ws.types import ConnectionInitMessage
from strawberry.types.execution import ExecutionResult

from graph.context import Context
from graph.errors import INTERRUPTED, UNAVAILABLE, code_of
from graph.json_text import BadJson, decode_json, is_deeper
from graph.schema import Schema
from live.broadcast import BrokenOff, Message
from resolvers.errors import Forbidden, Unauthenticated, Unavailable
from resolvers.identity import Identity
from resolvers.viewer import NOBODY
from server.clients import client_of
from server.copilot_session import session_of_init, session_of_request
from server.entrance import Entrance
from server.graphql_answer import encode
from server.graphql_request import GraphQLRequest, RequestRefused, document_of, kind_of
from server.places import LimitReached, Place
from server.subscriptions import Asked, Subscriptions
from server.websocket_protocol import WRITE_TEXT

log = structlog.get_logger(__name__)

#: Characters of an operation's id, which is sent back with each of its messages.
MAX_ID = 200

#: Where a socket's scope holds its Opening.
OPENING = "agent_runs.opening"

#: Bytes of a close frame's reason (RFC 6455, section 5.5).
MAX_REASON_BYTES = 123

#: The protocol's close codes for a message that is none, and for somebody who may not.
BAD_MESSAGE, FORBIDDEN = 4400, 4403
#: Close codes of RFC 6455's registry after which graphql-ws comes back by itself, with its cursor:
#: "service restart" and "try again later".
COME_BACK = {INTERRUPTED: 1012, UNAVAILABLE: 1013}
#: What a client gets that may have no socket now, or no more of them.
NO_PLACE = 1013


@dataclass(frozen=True, slots=True)
class Opening:
    """What a socket's handshake said, whose headers are let go."""

    identity: Identity
    copilot_session: str | None
    #: Of the address, until it is known who it is.
    place: Place


class GraphQLSocket(GraphQL[Context, None]):
    """Strawberry's view, for sockets only."""

    def __init__(
        self,
        schema: Schema,
        subscriptions: Subscriptions,
        entrance: Entrance,
    ) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=timedelta(
                seconds=entrance.gate.limits.connection_init_seconds
            ),
            max_subscriptions_per_connection=None,  # ours tells which limit it is
            allowed_origins=("*",),  # server/origins.py stands before it
        )
        self.subscriptions = subscriptions
        self.entrance = entrance
        self.websocket_adapter_class = _Adapter
        self.graphql_transport_ws_handler_class = _Handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find out who opens the socket before it is accepted: then its headers are let go.

        It counts as a request of its address, whoever it says it is: one token can be tried with
        it, here or in `connection_init`.
        """
        gate, authentication = self.entrance.gate, self.entrance.authentication
        try:
            await gate.count(scope, NOBODY)
            opened_by = await authentication.of_request(scope)
            session = session_of_request(Headers(scope=scope))
            with gate.sockets.taken(client_of(scope, opened_by.viewer)) as place:
                scope[OPENING] = Opening(opened_by, session, place)
                await super().__call__(scope, receive, send)
        except (Unauthenticated, Forbidden):
            await receive()
            await send({"type": "websocket.close", "code": FORBIDDEN, "reason": "Forbidden"})
        except RequestRefused as refused:
            await _turn_away(WebSocket(scope, receive, send), BAD_MESSAGE, refused.message)
        except (LimitReached, Unavailable) as refused:
            await _turn_away(WebSocket(scope, receive, send), NO_PLACE, refused.message)

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> Context:
        # Until `connection_init` says who it is.
        return self.entrance.context(NOBODY)


async def _turn_away(socket: WebSocket, code: int, reason: str) -> None:
    """Accept a socket and close it: browsers tell their page nothing of a handshake that fails."""
    await socket.accept(GRAPHQL_TRANSPORT_WS_PROTOCOL)
    await socket.close(code, fitting(reason))


def fitting(reason: str) -> str:
    """As much of a reason as a close frame holds."""
    return reason.encode("utf-8", "replace")[:MAX_REASON_BYTES].decode(errors="ignore")


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
            await self.ws.close(code, fitting(reason))


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

    async def handle(self) -> None:
        with ExitStack() as self._access:
            await super().handle()

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        """Find out who it is; 4403 for a token that is none, and once it is none any more."""
        try:
            if not self.connection_init_received:
                await self._identify(message)
        except Unauthenticated:
            await self.websocket.close(FORBIDDEN, "Forbidden")
            return
        except Forbidden as error:
            await self.websocket.close(FORBIDDEN, error.message)
            return
        except (LimitReached, Unavailable) as error:
            await self.websocket.close(NO_PLACE, error.message)
            return
        except RequestRefused as refused:
            await self.websocket.close(BAD_MESSAGE, refused.message)
            return
        await super().handle_connection_init(message)
        if self.connection_init_received:
            # The task that waited for it is over, and holds 2 KiB.
            self.connection_init_timeout_task = None

    async def _identify(self, message: ConnectionInitMessage) -> None:
        """Raises what Authentication.of_init does, RequestRefused and LimitReached."""
        entrance, payload = self.view.entrance, message.get("payload") or {}
        scope = self.websocket.ws.scope
        opening: Opening = scope[OPENING]
        identity = await entrance.authentication.of_init(opening.identity, payload)
        entrance.gate.sockets.move(opening.place, client_of(scope, identity.viewer))
        session = session_of_init(payload) or opening.copilot_session
        self.context.viewer = identity.viewer.within(session)
        self._access.enter_context(entrance.watch.during(identity, self._end_access))

    def _end_access(self) -> None:
        closing = asyncio.create_task(self.websocket.close(FORBIDDEN, "the login is over"))
        # asyncio keeps only weak references to tasks.
        self._access.callback(closing.cancel)

    async def handle_message(self, message: Any) -> None:
        depth = self.view.entrance.gate.limits.max_json_depth
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
            # Strawberry's loop holds on to it until the next one comes.
            message.clear()

    async def _admit(self, message: dict[str, Any]) -> bool:
        """Whether an operation may begin, its document found; else its client was told why not."""
        if not self.connection_acknowledged or message["id"] in self.operations:
            return True  # which closes the socket: that is Strawberry's
        try:
            self._check_room()
            await self.view.entrance.gate.count(self.websocket.ws.scope, self.context.viewer)
            message["payload"]["query"] = await document_of(
                message["payload"], self.view.entrance.documents
            )
        except (LimitReached, RequestRefused) as refused:
            error = {"message": refused.message, "extensions": refused.extensions}
            refusal = {"id": message["id"], "type": "error", "payload": [error]}
            await self.websocket.send_json(refusal)
            return False
        return True

    def _check_room(self) -> None:
        """Raises RequestRefused where the socket has as many operations as it may have."""
        most = self.view.entrance.gate.limits.max_operations_per_socket
        if len(self.operations) >= most:
            what = f"expected at most {most} operations at once on a socket"
            raise RequestRefused.beyond("MAX_OPERATIONS_PER_SOCKET", most, what)

    async def run_operation(self, operation: Operation[Context, None]) -> None:
        """Send what was asked for: messages that are shared, if it is a subscription."""
        request = GraphQLRequest(operation.query, operation.variables, operation.operation_name)
        asked = await self.view.subscriptions.find(request, self.context)
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
