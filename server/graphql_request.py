"""Reading a GraphQL request: bounded while it comes in, checked before anything is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from graph.errors import BAD_INPUT, LIMIT_EXCEEDED
from graph.json_text import BadJson, decode_json, is_deeper
from server.limits import DoorLimits
from server.persisted import NotServed, PersistedDocuments

METHODS = ("GET", "POST")


class RequestRefused(Exception):
    """A request that is none; its sentence is meant for the client."""

    def __init__(self, message: str, status: int | None = 400, **headers: str) -> None:
        super().__init__(message)
        self.message = message
        #: None where the media type of the answer decides, as it does for a bad document.
        self.status = status
        self.headers = headers
        self.extensions: dict[str, object] = {"code": BAD_INPUT}

    @classmethod
    def beyond(cls, setting: str, limit: int, what: str, status: int = 400) -> RequestRefused:
        """A refusal of what breaks a limit, named by its setting."""
        refused = cls(f"{what}, got more ({setting})", status)
        refused.extensions = {"code": LIMIT_EXCEEDED, "setting": setting, "limit": limit}
        return refused


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    query: str
    variables: dict[str, Any] | None
    operation_name: str | None

    @classmethod
    async def of(cls, parameters: Any, documents: PersistedDocuments) -> GraphQLRequest:
        """The parameters, if each is of its type. Raises RequestRefused."""
        if isinstance(parameters, list):
            raise RequestRefused(
                "body: expected one operation, a JSON object, got an array: batching is off"
            )
        if not isinstance(parameters, Mapping):
            raise RequestRefused(f"body: expected a JSON object, got {kind_of(parameters)}")
        for name, type_ in (("extensions", dict), ("query", str), ("documentId", str)):
            _checked(parameters, name, type_)
        return cls(
            await document_of(parameters, documents),
            _checked(parameters, "variables", dict),
            _checked(parameters, "operationName", str),
        )


async def document_of(parameters: Mapping[str, Any], documents: PersistedDocuments) -> str:
    """The document of parameters that are of their types. Raises RequestRefused."""
    try:
        query = await documents.text_of(parameters)
    except NotServed as error:
        refused = RequestRefused(error.message, None, **{"Cache-Control": "no-store"})
        refused.extensions = {"code": error.code}
        raise refused from error
    if query is None:
        raise RequestRefused("query: expected a GraphQL document, got none")
    return query


async def read_request(
    request: Request, limits: DoorLimits, documents: PersistedDocuments, *, may_report: bool
) -> GraphQLRequest:
    """What the request asks for. Raises RequestRefused.

    `may_report`: whether who asks may send the lines of a log, which are what makes a body large.
    """
    if request.method == "GET":
        return await GraphQLRequest.of(_query_parameters(request, limits), documents)
    if request.method == "POST":
        _check_content(request)
        body = await _body(request, *_body_bound(limits, may_report=may_report))
        return await GraphQLRequest.of(_decoded("body", body, limits), documents)
    raise RequestRefused(
        f"expected GET or POST, got {request.method[:20]}", 405, Allow=", ".join(METHODS)
    )


def _query_parameters(request: Request, limits: DoorLimits) -> dict[str, Any]:
    parameters: dict[str, Any] = dict(request.query_params)
    for name in ("variables", "extensions"):
        if parameters.get(name):
            parameters[name] = _decoded(name, parameters[name], limits)
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


def _body_bound(limits: DoorLimits, *, may_report: bool) -> tuple[str, int]:
    """The setting that bounds a body, and its bytes."""
    if may_report or limits.max_body_bytes <= limits.max_message_bytes:
        return "MAX_BODY_BYTES", limits.max_body_bytes
    return "MAX_MESSAGE_BYTES", limits.max_message_bytes


async def _body(request: Request, setting: str, limit: int) -> bytes:
    """The body, or a refusal as soon as it is known to be too large."""
    told = request.headers.get("content-length", "")
    if told.isdecimal() and len(told) < 20 and int(told) > limit:
        raise _too_large(setting, limit)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise _too_large(setting, limit)
    return bytes(body)


def _too_large(setting: str, limit: int) -> RequestRefused:
    what = f"body: expected at most {limit} bytes"
    refused = RequestRefused.beyond(setting, limit, what, 413)
    # What is still to come is not read, so the connection cannot be used again.
    refused.headers["Connection"] = "close"
    return refused


def _decoded(name: str, text: str | bytes, limits: DoorLimits) -> Any:
    try:
        value = decode_json(text)
    except BadJson as error:
        raise RequestRefused(f"{name}: {error}") from error
    depth = limits.max_json_depth
    if is_deeper(value, depth):
        what = f"{name}: expected at most {depth} levels of JSON"
        raise RequestRefused.beyond("MAX_JSON_DEPTH", depth, what)
    return value


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
