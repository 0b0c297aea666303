"""A document: what it costs, what is wrong with it, and what keeps it from being executed."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple

from graphql import GraphQLError, GraphQLSchema, OperationDefinitionNode, parse

from graph.cost import cost_of, sizing_variables
from graph.errors import BAD_INPUT, FORBIDDEN, VALIDATION_FAILED, tell_all
from graph.limits import DocumentLimits
from graph.outline import Outline
from graph.rights import Needs, check_rights, needs_of
from graph.validation import errors_in
from resolvers.errors import NO_LOGIN, Unauthenticated, echo
from resolvers.viewer import Viewer

#: Costs kept with a document: its operations, with the page sizes that one application uses.
MAX_COSTS = 64

# What GraphQL adds to its own messages: names of the schema.
_SUGGESTION = re.compile(r" Did you mean [^?]*\?")


class _Findings(NamedTuple):
    """What validation finds."""

    errors: Sequence[GraphQLError]
    #: What each of its operations takes, by name, where it is valid; None: it has none.
    needs: Mapping[str | None, Needs]


class Prepared:
    """A document that was bounded and parsed. It is validated when somebody asks what is wrong with
    it, which takes the most time by far: what costs too much is refused before."""

    def __init__(self, schema: GraphQLSchema, text: str, outline: Outline) -> None:
        """Raises GraphQLError where the text is no document."""
        self.document = parse(text)
        self.text = text
        #: Whether it asks for the schema.
        self.introspects = outline.introspects
        self._schema = schema
        #: Variables that say how many rows there are.
        self._sizing = sizing_variables(self.document) if "$" in text else ()
        #: What its operations cost, by what they were told of those; at most MAX_COSTS.
        self._costs: dict[Hashable, int] = {}
        #: By operation, what graph/sharing.py knows of it.
        self.subscriptions: dict[str | None, Any] = {}
        # No cached_property: that of Python 3.11 locks those of all documents, in all threads.
        self._findings: _Findings | None = None

    @property
    def errors(self) -> Sequence[GraphQLError]:
        """What is wrong with it."""
        return self._found.errors

    @property
    def needs(self) -> Mapping[str | None, Needs]:
        """What each of its operations takes, by name, where it is valid; None: it has none."""
        return self._found.needs

    @property
    def is_validated(self) -> bool:
        return self._findings is not None

    def validate(self) -> None:
        """Find out now what is wrong with it."""
        _ = self._found

    @property
    def _found(self) -> _Findings:
        if self._findings is None:
            self._findings = self._validate()
        return self._findings

    def _validate(self) -> _Findings:
        errors = errors_in(self._schema, self.document, self.text)
        tell_all(errors, VALIDATION_FAILED)
        _forget_frames(errors)
        return _Findings(errors, {} if errors else self._all_needs())

    def _all_needs(self) -> Mapping[str | None, Needs]:
        return {
            node.name.value if node.name else None: needs_of(self._schema, self.document, node)
            for node in self.document.definitions
            if isinstance(node, OperationDefinitionNode)
        }

    def needs_of(self, operation_name: str | None) -> Needs:
        """What the operation of that name takes, or the only one; nothing where there is none."""
        if operation_name is None and len(self.needs) == 1:
            return next(iter(self.needs.values()))
        return self.needs.get(operation_name, {})

    def cost(
        self,
        operation_name: str | None,
        variables: Mapping[str, Any] | None,
        limits: DocumentLimits,
    ) -> int:
        """What an operation costs, valid or not. Raises GraphQLError where it is too much."""
        sizes = [_size(name, variables or {}) for name in self._sizing]
        key = operation_name, limits, *sizes
        if key not in self._costs:
            if len(self._costs) >= MAX_COSTS:
                self._costs.clear()
            told = cost_of(self._schema, self.document, operation_name, variables, limits)
            self._costs[key] = told
        return self._costs[key]


def objections(
    prepared: Prepared, operation_name: str | None, viewer: Viewer, limits: DocumentLimits
) -> list[GraphQLError]:
    """What keeps a document from being executed."""
    may_introspect = viewer.role in limits.introspecting
    if prepared.introspects and not may_introspect:
        return [_not_introspecting(viewer)]
    if prepared.errors:
        told = prepared.errors if may_introspect else map(without_suggestion, prepared.errors)
        return list(told)
    if operation_name is None and len(prepared.needs) != 1:
        # GraphQL, section 6.1: without a name only one of one operation can be executed.
        message = "expected operationName, since the document has several operations"
        return [GraphQLError(message, extensions={"code": BAD_INPUT})]
    if operation_name is not None and operation_name not in prepared.needs:
        expected = "expected one of the document's operations"
        message = f"operationName: {expected}, got {echo(operation_name)}"
        return [GraphQLError(message, extensions={"code": BAD_INPUT})]
    refusal = check_rights(prepared.needs_of(operation_name), viewer)
    return [refusal] if refusal else []


def without_suggestion(error: GraphQLError) -> GraphQLError:
    """The same, without names that the client did not name: for whom the schema is not open."""
    message = _SUGGESTION.sub("", error.message)
    if message == error.message:
        return error
    return GraphQLError(message, error.nodes, path=error.path, extensions=error.extensions)


def _forget_frames(errors: Sequence[GraphQLError]) -> None:
    """Let go of where errors were raised, which a literal's are: they are kept with the document.

    A frame holds those that called it, up to the request that was the first to send the document,
    and all that came with it.
    """
    for error in errors:
        error.original_error = None
        error.__traceback__ = error.__cause__ = error.__context__ = None


def _size(name: str, variables: Mapping[str, Any]) -> Hashable:
    """As much of a variable as the cost depends on."""
    if name not in variables:
        return "default"
    value = variables[name]
    if isinstance(value, list):
        return "length", len(value)
    return value if isinstance(value, int) else None


def _not_introspecting(viewer: Viewer) -> GraphQLError:
    if viewer.role is None:
        return GraphQLError("", original_error=Unauthenticated(f"__schema: {NO_LOGIN}"))
    return GraphQLError(
        f"expected a role that may ask for the schema, got {viewer.role.lower()} "
        "(INTROSPECTION_ROLES)",
        extensions={"code": FORBIDDEN, "setting": "INTROSPECTION_ROLES"},
    )
