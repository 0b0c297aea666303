"""Reading a GraphQL request: bounded while it comes in, checked before anything is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from graph.json_text import BadJson, decode_json

#: Bytes of one body: a call of appendLogs with 1,000 lines of 16 KiB.
MAX_BODY_BYTES = 16 * 1024 * 1024

METHODS = ("GET", "POST")


class RequestRefused(Exception):
    """A request that is none; its sentence is meant for the client."""

    def __init__(self, message: str, status: int = 400, **headers: str) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.headers = headers


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    query: str
    variables: dict[str, Any] | None
    operation_name: str | None

    @classmethod
    def of(cls, parameters: Any) -> GraphQLRequest:
        """The parameters, if each is of its type. Raises RequestRefused."""
        if not isinstance(parameters, Mapping):
            raise RequestRefused(f"body: expected a JSON object, got {kind_of(parameters)}")
        _checked(parameters, "extensions", dict)
        query: str | None = _checked(parameters, "query", str)
        if not query:
            raise RequestRefused("query: expected a GraphQL document, got none")
        return cls(
            query,
            _checked(parameters, "variables", dict),
            _checked(parameters, "operationName", str),
        )


async def read_request(request: Request) -> GraphQLRequest:
    """What the request asks for. Raises RequestRefused."""
    if request.method == "GET":
        return GraphQLRequest.of(_query_parameters(request))
    if request.method == "POST":
        _check_content(request)
        return GraphQLRequest.of(_decoded("body", await _body(request)))
    raise RequestRefused(
        f"expected GET or POST, got {request.method[:20]}", 405, Allow=", ".join(METHODS)
    )


def _query_parameters(request: Request) -> dict[str, Any]:
    parameters: dict[str, Any] = dict(request.query_params)
    for name in ("variables", "extensions"):
        if parameters.get(name):
            parameters[name] = _decoded(name, parameters[name])
    return {name: value for name, value in parameters.items() if value != ""}


def _check_content(request: Request) -> None:
    # Exactly: a page of another site can send other types without the browser asking first.
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/json":
        raise RequestRefused(
            f"Content-Type: expected application/json, got {content_type[:60]!r}", 415
        )
    encoding = request.headers.get("content-encoding", "identity").lower()
    if encoding != "identity":
        raise RequestRefused(f"Content-Encoding: expected none, got {encoding[:60]!r}", 415)


async def _body(request: Request) -> bytes:
    """The body, or a refusal as soon as it is known to be too large."""
    told = request.headers.get("content-length", "")
    if told.isdecimal() and len(told) < 20 and int(told) > MAX_BODY_BYTES:
        raise _too_large()
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise _too_large()
    return bytes(body)


def _too_large() -> RequestRefused:
    # What is still to come is not read, so the connection cannot be used again.
    message = f"body: expected at most {MAX_BODY_BYTES} bytes, got more"
    return RequestRefused(message, 413, Connection="close")


def _decoded(name: str, text: str | bytes) -> Any:
    try:
        return decode_json(text)
    except BadJson as error:
        raise RequestRefused(f"{name}: {error}") from error


def _checked(parameters: Mapping[str, Any], name: str, type_: type) -> Any:
    value = parameters.get(name)
    if value is None or isinstance(value, type_):
        return value
    expected = "a string" if type_ is str else "a JSON object"
    raise RequestRefused(f"{name}: expected {expected}, got {kind_of(value)}")


def kind_of(value: Any) -> str:
    """What JSON calls a value of this type."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case str():
            return "a string"
        case list():
            return "an array"
        case dict():
            return "an object"
    return "a number"
