"""What a document asks for, held against the table of rights before anything of it runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
)

from resolvers.errors import NO_LOGIN, Forbidden, Unauthenticated
from resolvers.rights import FIELDS, META_FIELDS, ROLES, Right, may
from resolvers.viewer import Viewer

#: By right, the first field of an operation that takes it.
Needs = Mapping[Right, str]


def needs_of(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode
) -> Needs:
    """What an operation of a valid document takes, whatever its `@skip` and `@include` say."""
    root = schema.get_root_type(operation.operation)
    needs: dict[Right, str] = {}
    if root is not None:
        for name, right in _Walk(schema, document).fields(root, operation.selection_set):
            needs.setdefault(right, name)
    return needs


def check_rights(needs: Needs, viewer: Viewer) -> GraphQLError | None:
    """The error that tells what the viewer lacks; None where it is nothing."""
    for right, field in needs.items():
        if not may(viewer, right):
            return GraphQLError("", original_error=_refusal(right, field, viewer))
    return None


def _refusal(right: Right, field: str, viewer: Viewer) -> Exception:
    if viewer.role is None:
        return Unauthenticated(f"{field}: {NO_LOGIN}")
    expected = " or ".join(sorted(str(role).lower() for role in ROLES[right] if role))
    return Forbidden(f"{field}: this takes the role {expected}, got {viewer.role.lower()}")


class _Walk:
    """Fields with their types, each fragment walked once."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self._walked: set[str] = set()

    def fields(
        self, parent: GraphQLNamedType, selections: SelectionSetNode | None
    ) -> Iterator[tuple[str, Right]]:
        """`Run.status` and the like, each with what it takes."""
        for node in selections.selections if selections else ():
            yield from self._selection(parent, node)

    def _selection(
        self, parent: GraphQLNamedType, node: SelectionNode
    ) -> Iterator[tuple[str, Right]]:
        match node:
            case FieldNode():
                yield from self._field(parent, node)
            case InlineFragmentNode():
                condition = node.type_condition
                inner = self._schema.type_map[condition.name.value] if condition else parent
                yield from self.fields(inner, node.selection_set)
            case FragmentSpreadNode() if node.name.value not in self._walked:
                self._walked.add(node.name.value)
                fragment = self._fragments[node.name.value]
                condition_type = self._schema.type_map[fragment.type_condition.name.value]
                yield from self.fields(condition_type, fragment.selection_set)

    def _field(self, parent: GraphQLNamedType, node: FieldNode) -> Iterator[tuple[str, Right]]:
        name = node.name.value
        if name in META_FIELDS:
            yield name, META_FIELDS[name]
            return
        # What nobody gave a line is for nobody but admins; a test finds it.
        right = FIELDS.get(parent.name, {}).get(name, Right.ADMINISTER)
        yield f"{parent.name}.{name}", right
        assert isinstance(parent, (GraphQLObjectType, GraphQLInterfaceType))
        yield from self.fields(get_named_type(parent.fields[name].type), node.selection_set)
