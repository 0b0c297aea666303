"""Which subscriptions are the same, so that one execution serves them all.

Two are where their document, their variables and the rights of who asks are the same. The cursor
does not count: it says where each begins, and all come to the same end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    Node,
    OperationDefinitionNode,
    OperationType,
    VariableDefinitionNode,
    VariableNode,
    get_operation_ast,
)

from graph.documents import Prepared
from graph.json_text import BadJson, encode_json

#: The argument that says where a subscription begins.
CURSOR_ARGUMENT = "after"
#: Subscriptions that send what happened, in order, and have a cursor. Others send how things stand.
HISTORIES = frozenset({"logLines", "stepTransitions"})


@dataclass(frozen=True, slots=True)
class Subscription:
    """A document's subscription."""

    #: The document: one text for all who sent the same, where it is kept.
    query: str
    #: Whether it may be shared: not where it is invalid, or of an unusual form.
    may_share: bool = False
    #: Whether it sends a history, in which whoever comes late catches up.
    is_history: bool = False
    #: The variable that holds nothing but the cursor; None where there is none.
    cursor_variable: str | None = None


def subscription_of(prepared: Prepared, operation_name: str | None) -> Subscription | None:
    """What a document subscribes to; None where it does not. Found once."""
    operation = get_operation_ast(prepared.document, operation_name)
    if operation is None or operation.operation != OperationType.SUBSCRIPTION:
        return None
    if operation_name not in prepared.subscriptions:
        prepared.subscriptions[operation_name] = _subscription(prepared, operation)
    found: Subscription = prepared.subscriptions[operation_name]
    return found


def sharing_key(
    query: str,
    operation_name: str | None,
    variables: Mapping[str, Any] | None,
    rights: Hashable,
    cursor_variable: str | None,
) -> Hashable:
    """Equal for those who are to get the same.

    `rights` must be equal only where two may see the same, and see it alike.
    """
    told = {name: value for name, value in (variables or {}).items() if name != cursor_variable}
    try:
        return query, operation_name, encode_json(told), rights
    except BadJson:
        # What cannot be compared is shared with nobody.
        return object()


def _subscription(prepared: Prepared, operation: OperationDefinitionNode) -> Subscription:
    field = operation.selection_set.selections[0]
    if prepared.errors or not isinstance(field, FieldNode):
        return Subscription(prepared.text)
    uses = Counter(node.name.value for node in _variables(prepared.document))
    cursor = _cursor_variable(field)
    return Subscription(
        prepared.text,
        may_share=True,
        is_history=field.name.value in HISTORIES,
        # One that also says what is sent is no mere beginning.
        cursor_variable=cursor if cursor and uses[cursor] == 1 else None,
    )


def _cursor_variable(field: FieldNode) -> str | None:
    for argument in field.arguments or ():
        if argument.name.value == CURSOR_ARGUMENT and isinstance(argument.value, VariableNode):
            return argument.value.name.value
    return None


def _variables(node: Node) -> Iterator[VariableNode]:
    """Every use of a variable, but for its definition."""
    if isinstance(node, VariableNode):
        yield node
    elif not isinstance(node, VariableDefinitionNode):
        for key in node.keys:
            inner = getattr(node, key, None)
            for child in inner if isinstance(inner, (list, tuple)) else (inner,):
                if isinstance(child, Node):
                    yield from _variables(child)
