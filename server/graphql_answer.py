"""Answers as bytes, the same over HTTP and over sockets."""

from __future__ import annotations

from typing import Any

import orjson
from strawberry.types import ExecutionResult


def payload_of(result: ExecutionResult) -> dict[str, Any]:
    """An answer by section 7.1 of the GraphQL specification.

    An error before anything was executed has no path, and its answer no `data`.
    """
    payload: dict[str, Any] = {}
    if result.errors:
        payload["errors"] = [error.formatted for error in result.errors]
    if result.data is not None or not is_request_error(result):
        payload["data"] = result.data
    if result.extensions:
        payload["extensions"] = result.extensions
    return payload


def is_request_error(result: ExecutionResult) -> bool:
    """Whether nothing was executed."""
    return result.data is None and all(error.path is None for error in result.errors or ())


def encode(value: Any) -> bytes:
    """JSON in UTF-8. A lone surrogate, which has none, becomes a question mark in the answer."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        return orjson.dumps(_encodable(value))


def _encodable(value: Any) -> Any:
    match value:
        case str():
            return value.encode("utf-8", "replace").decode()
        case dict():
            return {key: _encodable(inner) for key, inner in value.items()}
        case list():
            return [_encodable(inner) for inner in value]
    return value
