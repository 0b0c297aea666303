"""`/graphql`: GraphQL over HTTP by its specification, and the way to its events and WebSockets.

https://graphql.github.io/graphql-over-http/draft/. Strawberry's own view answers 200 to whatever it
could read and 500 to some of what it could not, so reading and answering are ours; parsing,
validation and execution are its.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from graphql import GraphQLError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from graph.context import Context
from graph.errors import UNAVAILABLE, code_of
from graph.schema import schema
from resolvers.errors import Forbidden, Unauthenticated, Unavailable
from resolvers.identity import Identity
from resolvers.rights import Right, may
from server.copilot_session import session_of_request
from server.entrance import Entrance
from server.gate import Placed
from server.graphql_answer import encode, payload_of
from server.graphql_request import GraphQLRequest, RequestRefused, read_request
from server.graphql_socket import GraphQLSocket
from server.graphql_sse import (
    accepts_events,
    events_of,
    events_of_result,
    last_event_id,
    wants_events,
)
from server.login import CHALLENGE, RETRY, identified
from server.media_types import CHARSET, GRAPHQL_RESPONSE, JSON, answer_type
from server.places import LimitReached
from server.subscriptions import Asked, Subscriptions

#: What each method may ask for. GET must change nothing (section 4.3.1); sockets and events carry
#: what is pushed.
_OPERATIONS = {
    "GET": {OperationType.QUERY},
    "POST": {OperationType.QUERY, OperationType.MUTATION},
}


class GraphQLEndpoint:
    """An ASGI app for requests and for sockets."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._subscriptions = Subscriptions(schema)
        self.socket = GraphQLSocket(schema, self._subscriptions, entrance)

    def routes(self, path: str) -> list[BaseRoute]:
        """The routes at which it is found."""
        return [Route(path, self), WebSocketRoute(path, self)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self.socket(scope, receive, send)
            return
        try:
            response = await self._answer(Request(scope, receive))
        except ClientDisconnect:
            return
        except asyncio.CancelledError:
            # The grace of a shutdown is over. What was told may still be done: telling it again
            # changes nothing more.
            response = _error(_RESTARTING, JSON, {"code": UNAVAILABLE})
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        media_type = answer_type(request.headers.get("accept", ""))
        try:
            identity = await identified(self._entrance, request)
            gate, documents = self._entrance.gate, self._entrance.documents
            await gate.count(request.scope, identity.viewer)
            session = session_of_request(request.headers)
            context = self._entrance.context(identity.viewer.within(session))
            may_report = may(identity.viewer, Right.REPORT)
            asked = await read_request(request, gate.limits, documents, may_report=may_report)
            if accepts_events(request):
                found = await self._subscriptions.find(
                    asked, context, resume=last_event_id(request)
                )
                if found is not None:
                    return self._events(found, identity)
            result = await self._execute(request.method, asked, context)
        except Unauthenticated as error:
            refused = RequestRefused(error.message, 401, **CHALLENGE)
            return _error(refused, media_type, {"code": error.code})
        except Forbidden as error:
            return _error(RequestRefused(error.message, 403), media_type, {"code": error.code})
        except Unavailable as error:
            refused = RequestRefused(error.message, 503, **RETRY)
            return _error(refused, media_type, {"code": error.code})
        except RequestRefused as refused:
            return _error(refused, media_type, refused.extensions)
        except LimitReached as reached:
            return _error(_too_much(reached), media_type, reached.extensions)
        if wants_events(request):
            return events_of_result(result)
        payload = payload_of(result)
        status = 200 if "data" in payload else _status_of(result.errors or [], media_type)
        return _response(payload, status, media_type, CHALLENGE if status == 401 else None)

    def _events(self, asked: Asked, identity: Identity) -> Response:
        watch, streams = self._entrance.watch, self._entrance.gate.streams
        events = events_of(self._subscriptions.messages(asked), partial(watch.over, identity))
        return Placed(events, streams, identity.viewer)

    async def _execute(
        self, method: str, asked: GraphQLRequest, context: Context
    ) -> ExecutionResult:
        try:
            return await schema.execute(
                asked.query,
                variable_values=asked.variables,
                context_value=context,
                operation_name=asked.operation_name,
                allowed_operation_types=_OPERATIONS[method],
            )
        except MissingQueryError as error:
            raise RequestRefused("query: expected a GraphQL document, got none") from error
        except InvalidOperationTypeError as error:
            raise _not_here(error.operation_type) from error


def _status_of(errors: Sequence[GraphQLError], media_type: str) -> int:
    """Of an answer without data: 200 where the media type does not let the status tell.

    A login that is missing is told whatever the media type, since programs act on it (RFC 9110,
    section 15.5.2).
    """
    codes = {code_of(error) for error in errors}
    if Unauthenticated.code in codes:
        return 401
    if media_type != GRAPHQL_RESPONSE:
        return 200
    return 403 if Forbidden.code in codes else 400


def _not_here(operation: OperationType) -> RequestRefused:
    if operation is OperationType.SUBSCRIPTION:
        return RequestRefused(
            "subscriptions are pushed over a WebSocket, by graphql-transport-ws, "
            "or as events where Accept is text/event-stream"
        )
    return RequestRefused("GET: expected a query; mutations take POST", 405, Allow="POST")


_RESTARTING = RequestRefused("the service restarts; try again", 503, **{"Retry-After": "1"})


def _too_much(reached: LimitReached) -> RequestRefused:
    retry = {"Retry-After": str(reached.retry_after)}
    return RequestRefused(reached.message, reached.status, **retry)


def _error(refused: RequestRefused, media_type: str, extensions: dict[str, object]) -> Response:
    error = {"message": refused.message, "extensions": extensions}
    status = refused.status or (400 if media_type == GRAPHQL_RESPONSE else 200)
    return _response({"errors": [error]}, status, media_type, refused.headers)


def _response(
    payload: dict[str, Any], status: int, media_type: str, headers: Mapping[str, str] | None
) -> Response:
    told = {"Vary": "Accept", **(headers or {})}
    return Response(encode(payload), status, told, media_type + CHARSET)
