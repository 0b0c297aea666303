"""Global ids at the door: the texts that clients hold, taken apart or put together."""

from __future__ import annotations

from uuid import UUID

import strawberry

from models.ids import Kind, MalformedId, global_id, parse_global_id, parse_id_of
from resolvers.errors import ApiError


def client_id(kind: Kind, key: UUID) -> strawberry.ID:
    """The id of a row as clients see it."""
    return strawberry.ID(global_id(kind, key))


def parse_key(kind: Kind, text: str, field: str) -> UUID:
    """The key in an id of one kind; a GraphQL error that names the argument otherwise."""
    try:
        return parse_id_of(kind, text)
    except MalformedId as error:
        raise ApiError(f"{field}: {error}") from error


def parse_node_key(text: str, field: str) -> tuple[Kind, UUID]:
    """The same for an id of any kind."""
    try:
        return parse_global_id(text)
    except MalformedId as error:
        raise ApiError(f"{field}: {error}") from error
