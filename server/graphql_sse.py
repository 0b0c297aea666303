"""GraphQL over Server-Sent Events, for clients and networks that WebSockets are no way for.

The "distinct connections mode" of https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md:
one request, one operation, its results as `next` events, then `complete`. A subscription's events
have their cursor for an id, so that EventSource goes on where it was.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import aclosing
from typing import Any

from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response
from strawberry.types import ExecutionResult

from graph.errors import code_of
from live.broadcast import BrokenOff, Message
from server.graphql_answer import encode, payload_of
from server.graphql_socket import COME_BACK
from server.stream import HEADERS, CutOff, Stream

EVENT_STREAM = "text/event-stream"
#: Milliseconds after which EventSource comes back; a restart takes about as long.
RETRY_MS = 1_000

_RETRY = f"retry: {RETRY_MS}\n\n"
# A comment, which clients do not see.
_SIGN_OF_LIFE = ":\n\n"
# With a `data` field, or EventSource would swallow it.
_COMPLETE = "event: complete\ndata:\n\n"


def accepts_events(request: Request) -> bool:
    """Whether the client takes events."""
    return EVENT_STREAM in request.headers.get("accept", "").lower()


def wants_events(request: Request) -> bool:
    """Whether the client takes events and no JSON; some take either, and name both."""
    return accepts_events(request) and "json" not in request.headers["accept"].lower()


def last_event_id(request: Request) -> str | None:
    """The cursor of the last event that an EventSource saw before it was cut off."""
    return request.headers.get("last-event-id") or None


def events_of_result(result: ExecutionResult) -> Response:
    """The answer to a query or a mutation, errors of its document among them."""
    content = _event(encode(payload_of(result)).decode()) + _COMPLETE
    return Response(content, headers=HEADERS, media_type=EVENT_STREAM)


def events_of(
    messages: AsyncGenerator[Message, None], until: Callable[[], Coroutine[Any, Any, object]]
) -> Response:
    """The answer to a subscription; it breaks off once `until` returns."""
    return Stream(_events(messages), EVENT_STREAM, until, sign_of_life=_SIGN_OF_LIFE)


async def _events(messages: AsyncGenerator[Message, None]) -> AsyncGenerator[str, None]:
    yield _RETRY
    try:
        async with aclosing(messages):
            async for message in messages:
                yield _event(message.payload.decode(), message.cursor)
    except BrokenOff as broken:
        if _may_come_back(broken.reason):
            raise CutOff from broken
        yield _event(encode(payload_of(ExecutionResult(None, broken.reason))).decode())
    yield _COMPLETE


def _event(data: str, event_id: str | None = None) -> str:
    # JSON holds no line feed, so it is one line of data.
    head = f"id: {event_id}\n" if event_id else ""
    return f"{head}event: next\ndata: {data}\n\n"


def _may_come_back(errors: Sequence[GraphQLError]) -> bool:
    """Whether another try may succeed: as over a socket, the stream breaks off then."""
    return any(code_of(error) in COME_BACK for error in errors)
