"""The schema by Relay's specifications: object identification, connections, mutations' inputs.

https://relay.dev/docs/guides/graphql-server-specification/ and
https://relay.dev/graphql/connections.htm, whose sections the tests name. How pages are cut stands
in tests/end_to_end/test_relay.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

from graph.schema import schema

TYPES = {
    name: type_
    for name, type_ in schema.graphql.type_map.items()
    if isinstance(type_, (GraphQLObjectType, GraphQLInterfaceType)) and not name.startswith("__")
}
CONNECTIONS = [name for name in TYPES if name.endswith("Connection")]
MUTATIONS = list(TYPES["Mutation"].fields)


def fields_that_give(type_name: str) -> Iterator[tuple[str, GraphQLField]]:
    for name, type_ in TYPES.items():
        for field_name, field in type_.fields.items():
            if get_named_type(field.type).name == type_name:
                yield f"{name}.{field_name}", field


def shape(arguments: dict[str, GraphQLArgument], *names: str) -> dict[str, str]:
    return {name: str(arguments[name].type) for name in names if name in arguments}


# ---------------------------------------------------------------- object identification


def test_whatever_has_an_id_is_a_node_and_is_found_again_by_it() -> None:
    node = TYPES["Node"]
    assert {name: str(field.type) for name, field in node.fields.items()} == {"id": "ID!"}
    found = TYPES["Query"].fields["node"]
    assert (str(found.type), shape(found.args, *found.args)) == ("Node", {"id": "ID!"})
    several = TYPES["Query"].fields["nodes"]
    assert (str(several.type), shape(several.args, *several.args)) == ("[Node]!", {"ids": "[ID!]!"})
    has_id = {name for name, type_ in TYPES.items() if "id" in type_.fields} - {"Node"}
    possible = schema.graphql.get_possible_types(cast(GraphQLInterfaceType, node))
    assert has_id == {type_.name for type_ in possible}


# ---------------------------------------------------------------- connections


def test_there_are_connections() -> None:
    assert len(CONNECTIONS) == len([name for name in TYPES if name.endswith("Edge")]) > 5


@pytest.mark.parametrize("name", CONNECTIONS)
def test_connection_has_edges_and_page_info(name: str) -> None:
    """Section 2, "Connection Types"."""
    fields = TYPES[name].fields
    edge = name.replace("Connection", "Edge")
    assert is_list_type(get_nullable_type(fields["edges"].type))
    assert get_named_type(fields["edges"].type).name == edge
    assert str(fields["pageInfo"].type) == "PageInfo!"


@pytest.mark.parametrize("name", CONNECTIONS)
def test_edge_has_a_node_that_is_no_list_and_a_cursor(name: str) -> None:
    """Section 3, "Edge Types"."""
    fields = TYPES[name.replace("Connection", "Edge")].fields
    node = get_nullable_type(fields["node"].type)
    assert not isinstance(node, GraphQLList)
    assert node.name == name.removesuffix("Connection")
    assert str(fields["cursor"].type) == "String!"


@pytest.mark.parametrize("name", CONNECTIONS)
def test_field_of_a_connection_takes_arguments_for_pages_and_none_of_them_must_be_given(
    name: str,
) -> None:
    """Section 4, "Arguments"."""
    fields = list(fields_that_give(name))
    assert fields
    for at, field in fields:
        assert shape(field.args, "first", "after") == {"first": "Int", "after": "String"}, at
        backwards = shape(field.args, "last", "before")
        assert backwards in ({}, {"last": "Int", "before": "String"}), at
        assert not any(isinstance(arg.type, GraphQLNonNull) for arg in field.args.values()), at


def test_page_info_tells_of_both_sides() -> None:
    """Section 5, "PageInfo"."""
    told = {name: str(field.type) for name, field in TYPES["PageInfo"].fields.items()}
    assert told == {
        "hasNextPage": "Boolean!",
        "hasPreviousPage": "Boolean!",
        "startCursor": "String",
        "endCursor": "String",
    }


# ---------------------------------------------------------------- mutations


@pytest.mark.parametrize("name", MUTATIONS)
def test_mutation_takes_one_input_and_gives_a_payload_of_its_own(name: str) -> None:
    field = TYPES["Mutation"].fields[name]
    title = f"{name[0].upper()}{name[1:]}"
    assert shape(field.args, *field.args) == {"input": f"{title}Input!"}
    assert str(field.type) == f"{title}Payload!"
    assert [at for at, _ in fields_that_give(f"{title}Payload")] == [f"Mutation.{name}"]
