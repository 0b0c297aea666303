"""Documents: parsed and validated once, bounded before anything runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    get_operation_ast,
    parse,
    specified_rules,
)
from strawberry.extensions import SchemaExtension
from strawberry.schema.schema import validate_document
from strawberry.types.graphql import OperationType

from graph.errors import VALIDATION_FAILED, tell_all
from graph.rights import Needs, check_rights, needs_of
from resolvers.viewer import Viewer

#: Words and brackets of one document: parsing costs about a microsecond each, and everybody waits.
MAX_TOKENS = 20_000
#: Fields inside one another. The introspection query of common clients has 15.
MAX_DEPTH = 25
#: Fields of one document, those of a fragment once for each place that spreads it: twice those of
#: the introspection query. Comparing fields of the same name takes the square of their number.
MAX_FIELDS = 500
#: Documents kept: those of a few applications.
MAX_CACHED = 256
#: Characters of a document that is kept: a client's own, not one with data written into it.
MAX_CACHED_LENGTH = 16_384


class DocumentRefused(GraphQLError):
    """A document that breaks a bound of this service."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document that was parsed, and what is wrong with it."""

    document: DocumentNode
    errors: Sequence[GraphQLError]
    #: What each of its operations takes, by name; None: it has none.
    needs: Mapping[str | None, Needs]

    def needs_of(self, operation_name: str | None) -> Needs:
        """What the operation of that name takes, or the only one; nothing where there is none."""
        if operation_name is None and len(self.needs) == 1:
            return next(iter(self.needs.values()))
        return self.needs.get(operation_name, {})


def prepare(schema: GraphQLSchema, query: str) -> Prepared:
    """Parse a document, bound it and validate it. Raises GraphQLError where it is no document."""
    if len(query) > MAX_CACHED_LENGTH:
        return _prepare(schema, query)
    return _prepare_once(schema, query)


def _prepare(schema: GraphQLSchema, query: str) -> Prepared:
    document = parse(query, max_tokens=MAX_TOKENS)
    operations = [
        node for node in document.definitions if isinstance(node, OperationDefinitionNode)
    ]
    try:
        _Measure(document).check(operations)
    except DocumentRefused as error:
        # Not validated: that is what the bounds are to protect.
        return Prepared(document, [error], {})
    errors = validate_document(schema, document, tuple(specified_rules))
    tell_all(errors, VALIDATION_FAILED)
    return Prepared(document, errors, {} if errors else _needs(schema, document, operations))


def _needs(
    schema: GraphQLSchema, document: DocumentNode, operations: Sequence[OperationDefinitionNode]
) -> dict[str | None, Needs]:
    return {
        node.name.value if node.name else None: needs_of(schema, document, node)
        for node in operations
    }


_prepare_once = lru_cache(maxsize=MAX_CACHED)(_prepare)


def operation_of(
    schema: GraphQLSchema, query: str | None, operation_name: str | None, viewer: Viewer
) -> tuple[DocumentNode, OperationType] | None:
    """The document and the kind of its operation.

    None where anything is wrong with either, or the viewer may not ask for it.
    """
    try:
        prepared = prepare(schema, query or "")
    except (GraphQLError, ValueError, RecursionError):
        return None
    operation = get_operation_ast(prepared.document, operation_name)
    if operation is None or prepared.errors:
        return None
    if check_rights(prepared.needs_of(operation_name), viewer) is not None:
        return None
    return prepared.document, OperationType(operation.operation.value)


class _Measure:
    """How deep a document is and how many fields it has, with fragments where they are spread.

    Each fragment is measured once, however often it is spread: a few that spread one another twice
    would otherwise take exponential time.
    """

    def __init__(self, document: DocumentNode) -> None:
        self._fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self._measured: dict[str, tuple[int, int]] = {}

    def check(self, operations: Sequence[OperationDefinitionNode]) -> None:
        """Raise DocumentRefused where a bound is exceeded."""
        try:
            measures = [self._selections(node.selection_set) for node in operations]
        except RecursionError:
            measures = [(MAX_DEPTH + 1, 0)]
        if any(depth > MAX_DEPTH for depth, _ in measures):
            raise DocumentRefused(f"expected at most {MAX_DEPTH} levels of fields, got more")
        if sum(fields for _, fields in measures) > MAX_FIELDS:
            raise DocumentRefused(f"expected at most {MAX_FIELDS} fields, got more")

    def _selections(self, selections: SelectionSetNode | None) -> tuple[int, int]:
        """(depth, number of fields)"""
        deepest = fields = 0
        for node in selections.selections if selections else ():
            inner_depth, inner_fields = self._selection(node)
            deepest = max(deepest, inner_depth)
            fields += inner_fields
        return deepest, fields

    def _selection(self, node: SelectionNode) -> tuple[int, int]:
        match node:
            case FieldNode():
                depth, fields = self._selections(node.selection_set)
                return depth + 1, fields + 1
            case InlineFragmentNode():
                return self._selections(node.selection_set)
            case FragmentSpreadNode():
                return self._fragment(node.name.value)
        raise AssertionError(f"GraphQL has no other selection than these: {node.kind}")

    def _fragment(self, name: str) -> tuple[int, int]:
        if name not in self._measured:
            # Validation tells of a fragment that spreads itself, and of one that is not there.
            self._measured[name] = 0, 0
            fragment = self._fragments.get(name)
            self._measured[name] = self._selections(fragment.selection_set if fragment else None)
        return self._measured[name]


class Documents(SchemaExtension):
    """Gives Strawberry documents that are parsed, bounded and validated already.

    Its own ParserCache and ValidationCache would do, if a document that cannot be parsed did not
    raise out of the former's hook, which over a WebSocket ends in a log instead of an answer.
    """

    def on_operation(self) -> Iterator[None]:
        self.execution_context.parse_options["max_tokens"] = MAX_TOKENS
        yield

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        self._prepared: Prepared | None = None
        # Strawberry parses what is left unparsed, and tells what is wrong with it.
        with suppress(GraphQLError):
            self._prepared = prepare(context.schema._schema, context.query or "")
            context.graphql_document = self._prepared.document
        yield

    def on_validate(self) -> Iterator[None]:
        context = self.execution_context
        if self._prepared is not None:
            context.pre_execution_errors = [*self._prepared.errors] or self._refused(self._prepared)
        yield

    def _refused(self, prepared: Prepared) -> list[GraphQLError]:
        """What keeps the operation that was asked for from being executed."""
        name = self.execution_context._provided_operation_name
        if name is None and len(prepared.needs) > 1:
            # GraphQL, section 6.1.
            text = "expected operationName, since the document has several operations"
            return [DocumentRefused(text)]
        viewer = self.execution_context.context.viewer
        refusal = check_rights(prepared.needs_of(name), viewer)
        return [refusal] if refusal else []
