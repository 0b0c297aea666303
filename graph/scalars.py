"""The scalars that GraphQL itself does not have: DateTime and JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
import strawberry
from graphql import (
    BooleanValueNode,
    FloatValueNode,
    GraphQLError,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    StringValueNode,
    ValueNode,
    VariableNode,
    print_ast,
)
from strawberry.types.scalar import ScalarDefinition

from graph.json_text import BadJson, JsonText, Number, decode_json, encode_json
from models.instants import format_instant, parse_instant
from resolvers.errors import echo

# A GraphQLError's text goes to the client as it is, behind the place where it arose.


def _parse_instant(value: Any) -> datetime:
    try:
        return parse_instant(value if isinstance(value, str) else "")
    except ValueError as error:
        raise GraphQLError(f"{error}; got {echo(value)}") from error


def _as_it_is(text: str) -> orjson.Fragment:
    return orjson.Fragment(text.encode())


def _parse_json(value: Any) -> JsonText:
    try:
        return encode_json(value)
    except BadJson as error:
        raise GraphQLError(str(error)) from error


def _parse_json_literal(node: ValueNode, variables: dict[str, Any] | None = None) -> JsonText:
    return _parse_json(_literal_value(node, variables or {}))


def _literal_value(node: ValueNode, variables: dict[str, Any]) -> Any:
    """A literal as `decode_json` would have read it. The parser has bounded its depth."""
    match node:
        case NullValueNode():
            return None
        case BooleanValueNode() | StringValueNode():
            return node.value
        case IntValueNode() | FloatValueNode():
            return Number(node.value)
        case ListValueNode():
            return [_literal_value(item, variables) for item in node.values]
        case ObjectValueNode():
            return {
                field.name.value: _literal_value(field.value, variables) for field in node.fields
            }
        case VariableNode():
            value = variables.get(node.name.value)
            return decode_json(value) if isinstance(value, JsonText) else value
    raise GraphQLError(f"expected JSON, got {echo(print_ast(node))}")


DATE_TIME: ScalarDefinition = strawberry.scalar(
    name="DateTime",
    description=(
        "A point in time: RFC 3339 in UTC with microseconds, `2026-11-24T01:47:19.000000Z`. "
        "Taken with any offset, but never without a zone."
    ),
    specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
    serialize=format_instant,
    parse_value=_parse_instant,
)

JSON: ScalarDefinition = strawberry.scalar(
    name="JSON",
    description=(
        "Any JSON value, of up to 1 MiB and 64 levels. It comes back as it was told: keys in their "
        "order, numbers digit for digit, so that some may be larger than a client's own numbers. "
        "In the place of secrets stands `[redacted]`."
    ),
    specified_by_url="https://www.rfc-editor.org/rfc/rfc8259",
    serialize=_as_it_is,
    parse_value=_parse_json,
    parse_literal=_parse_json_literal,
)

#: Which scalar stands for which Python type.
SCALARS: dict[object, ScalarDefinition] = {datetime: DATE_TIME, JsonText: JSON}
