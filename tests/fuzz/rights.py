"""What a document asks for, found another way than by the service itself: its oracle."""

from __future__ import annotations

from typing import Any

from graphql import (
    FieldNode,
    GraphQLError,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    parse,
    validate,
    visit,
)

from graph.schema import schema
from resolvers.rights import FIELDS, META_FIELDS, ROLES
from resolvers.viewer import Role

REFUSALS = {"FORBIDDEN", "UNAUTHENTICATED"}


class _Fields(Visitor):
    """Collects `Type.field`, fragments included, with graphql-core's own knowledge of types."""

    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self.info = info
        self.found: set[tuple[str, str]] = set()

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        parent = self.info.get_parent_type()
        assert parent is not None
        self.found.add((parent.name, node.name.value))


def asked_for(text: str) -> set[tuple[str, str]] | None:
    """The fields that a document of one operation asks for; None where it is not valid."""
    try:
        document = parse(text)
    except GraphQLError:
        return None
    if validate(schema.graphql, document):
        return None
    info = TypeInfo(schema.graphql)
    fields = _Fields(info)
    visit(document, TypeInfoVisitor(info, fields))
    return fields.found


def may_all(role: Role | None, asked: set[tuple[str, str]]) -> bool:
    """Whether a role may have all of it, by the table that docs/rights.md prints."""
    rights = {META_FIELDS.get(name) or FIELDS[parent][name] for parent, name in asked}
    return all(role in ROLES[right] for right in rights)
