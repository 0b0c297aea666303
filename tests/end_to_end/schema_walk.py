"""Walking through arguments along the schema, to put something wrong into each place in turn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    build_client_schema,
    get_introspection_query,
)

from tests.end_to_end.client import Client

#: Where in a value something stands: names of fields, and indices of lists.
Path = tuple[str | int, ...]


async def read_schema(client: Client) -> GraphQLSchema:
    """The schema, as any client can ask for it."""
    introspection: Any = await client.data(get_introspection_query())
    return build_client_schema(introspection)


def arguments(schema: GraphQLSchema) -> dict[str, dict[str, GraphQLInputType]]:
    """The arguments of every field of the API that takes some, by `Type.field`."""
    return {
        f"{type_.name}.{name}": {key: argument.type for key, argument in field.args.items()}
        for type_ in schema.type_map.values()
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__")
        for name, field in type_.fields.items()
        if field.args
    }


def declared(type_: GraphQLInputType, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every scalar and enum at or below an input type: its path, without indices, and its type."""
    match type_:
        case GraphQLNonNull() | GraphQLList():
            yield from declared(type_.of_type, path)
        case GraphQLInputObjectType():
            for name, field in type_.fields.items():
                yield from declared(field.type, (*path, name))
        case GraphQLNamedType():
            yield path, type_.name


def leaves(type_: GraphQLInputType, value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every scalar and enum in a value of an input type: its path, and its type."""
    match type_:
        case GraphQLNonNull():
            yield from leaves(type_.of_type, value, path)
        case GraphQLList():
            for index, item in enumerate(value):
                yield from leaves(type_.of_type, item, (*path, index))
        case GraphQLInputObjectType():
            for name, item in value.items():
                yield from leaves(type_.fields[name].type, item, (*path, name))
        case GraphQLNamedType():
            yield path, type_.name


def names(path: Path) -> Path:
    """The path without indices."""
    return tuple(part for part in path if isinstance(part, str))


def replaced(value: Any, path: Path, new: Any) -> Any:
    """A copy of the value, with something else at the path."""
    if not path:
        return new
    head, rest = path[0], path[1:]
    if isinstance(value, dict):
        return {
            key: replaced(item, rest, new) if key == head else item for key, item in value.items()
        }
    return [
        replaced(item, rest, new) if index == head else item for index, item in enumerate(value)
    ]


def value_at(value: Any, path: Path) -> Any:
    for part in path:
        value = value[part]
    return value
