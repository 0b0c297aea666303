"""The printed schema: what is committed, what was agreed, and what every part of it must have."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import (
    DocumentNode,
    EnumTypeDefinitionNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    parse,
    print_ast,
)

from graph.schema import schema
from resolvers.rights import FIELDS

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "schema.graphql"
AGREED = ROOT.parent / "shared" / "api.graphql"

#: Types that the sketch implies: its connections' parts, and the scalars it names.
IMPLIED = {"PageInfo", "DateTime", "JSON"}
#: The audit (docs/decisions/0023).
ADDED = {"AuditAction", "AuditEntry", "Query.auditEntries"}


def shape(document: DocumentNode) -> dict[str, str]:
    """Every part of a schema by its coordinate: `Run.logs(first:)` → `Int`, `Run.logs` → `…`."""
    parts: dict[str, str] = {}
    for node in document.definitions:
        match node:
            case EnumTypeDefinitionNode():
                parts[node.name.value] = "enum"
                parts |= {f"{node.name.value}.{v.name.value}": "value" for v in node.values or ()}
            case InputObjectTypeDefinitionNode():
                one_of = any(d.name.value == "oneOf" for d in node.directives or ())
                parts[node.name.value] = "input @oneOf" if one_of else "input"
                for value in node.fields or ():
                    parts[f"{node.name.value}.{value.name.value}"] = value_shape(value)
            case ObjectTypeDefinitionNode() | InterfaceTypeDefinitionNode():
                kind = "type" if isinstance(node, ObjectTypeDefinitionNode) else "interface"
                names = sorted(i.name.value for i in node.interfaces or ())
                parts[node.name.value] = " ".join([kind, *names])
                for field in node.fields or ():
                    at = f"{node.name.value}.{field.name.value}"
                    parts[at] = print_ast(field.type)
                    for arg in field.arguments or ():
                        parts[f"{at}({arg.name.value}:)"] = value_shape(arg)
            case ScalarTypeDefinitionNode():
                parts[node.name.value] = "scalar"
    return parts


def value_shape(node: InputValueDefinitionNode) -> str:
    default = f" = {print_ast(node.default_value)}" if node.default_value else ""
    return f"{print_ast(node.type)}{default}"


def test_printed_schema_is_the_committed_one() -> None:
    if not COMMITTED.exists():
        pytest.skip("schema.graphql is not there: `make schema` prints it")
    assert schema.as_str().strip() == COMMITTED.read_text().strip(), "run `make schema`"


def test_printed_schema_has_every_part_that_was_agreed() -> None:
    if not AGREED.exists():
        pytest.skip(f"the agreed sketch is not there: {AGREED}")
    agreed = shape(parse(AGREED.read_text()))
    printed = shape(parse(schema.as_str()))
    assert {at: printed.get(at) for at in agreed} == agreed


def test_printed_schema_has_no_type_that_was_not_agreed() -> None:
    if not AGREED.exists():
        pytest.skip(f"the agreed sketch is not there: {AGREED}")
    agreed = shape(parse(AGREED.read_text()))
    added = {
        at
        for at in shape(parse(schema.as_str()))
        if at not in agreed
        and at.split(".")[0] not in IMPLIED | ADDED
        and at.partition("(")[0] not in ADDED
        and not at.split(".")[0].endswith(("Edge", "Connection"))
    }
    assert added == set()


def test_every_field_has_a_line_in_the_table_of_rights_and_no_line_is_left_over() -> None:
    fields = {
        name: set(type_.fields)
        for name, type_ in schema.graphql.type_map.items()
        if isinstance(type_, (GraphQLObjectType, GraphQLInterfaceType)) and name[:2] != "__"
    }
    assert {name: set(lines) for name, lines in FIELDS.items()} == fields


def test_every_connection_has_edges_nodes_page_info_and_a_total_that_may_fail_alone() -> None:
    printed = shape(parse(schema.as_str()))
    for name in ("Run", "Agent", "AuditEntry", "Cluster", "Deletion"):
        connection = f"{name}Connection"
        assert printed[f"{connection}.edges"] == f"[{name}Edge!]!"
        assert printed[f"{connection}.nodes"] == f"[{name}!]!"
        assert printed[f"{connection}.pageInfo"] == "PageInfo!"
        assert printed[f"{connection}.totalCount"] == "Int"
        assert printed[f"{name}Edge.cursor"] == "String!"
        assert printed[f"{name}Edge.node"] == f"{name}!"
