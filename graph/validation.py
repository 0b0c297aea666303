"""Validation: all of GraphQL's rules, in one walk that asks only those that listen.

graphql-core asks each of its thirty rules at each node, and looks up anew for each document which
kinds of nodes each of them listens to: a millisecond for a document of one field. Here that is
looked up once. The rules, their order and their errors are its own; a test compares.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from graphql import (
    BREAK,
    SKIP,
    ASTValidationRule,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    Node,
    ValidationContext,
    ValidationRule,
    specified_rules,
    validate,
)
from graphql.language.visitor import EnterLeaveVisitor
from graphql.validation import (
    DeferStreamDirectiveLabel,
    DeferStreamDirectiveOnRootField,
    DeferStreamDirectiveOnValidOperationsRule,
    KnownDirectivesRule,
    NoUndefinedVariablesRule,
    NoUnusedVariablesRule,
    StreamDirectiveOnListField,
    UniqueDirectivesPerLocationRule,
    VariablesInAllowedPositionRule,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

#: As Strawberry has them.
RULES: tuple[type[ASTValidationRule], ...] = (
    *specified_rules,
    MaybeNullValidationRule,
    OneOfInputValidationRule,
)
#: By the character that each of what they look for begins with: without it they find nothing.
_OF_MARKED = {
    "$": (NoUndefinedVariablesRule, NoUnusedVariablesRule, VariablesInAllowedPositionRule),
    "@": (
        KnownDirectivesRule,
        UniqueDirectivesPerLocationRule,
        DeferStreamDirectiveOnRootField,
        DeferStreamDirectiveOnValidOperationsRule,
        DeferStreamDirectiveLabel,
        StreamDirectiveOnListField,
    ),
}

_Listen = Callable[..., Any]
#: A rule, by its place, with the methods by which it hears of nodes of a kind.
_Listening = tuple[int, str | None, str | None]


def errors_in(schema: GraphQLSchema, document: DocumentNode, text: str) -> list[GraphQLError]:
    """What is wrong with a document, whose text is told as well."""
    unmarked = frozenset(mark for mark in _OF_MARKED if mark not in text)
    return validate(schema, document, [_together(unmarked)])


@cache
def _together(unmarked: frozenset[str]) -> type[ASTValidationRule]:
    """All rules as one, but for those that find nothing where these characters do not stand."""
    idle = {rule for mark in unmarked for rule in _OF_MARKED[mark]}
    return type("_Some", (_Together,), {"rules": tuple(rule for rule in RULES if rule not in idle)})


class _Together(ValidationRule):
    """Many rules as one, as `graphql.ParallelVisitor` does it."""

    rules: tuple[type[ASTValidationRule], ...] = ()

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._rules = [rule(context) for rule in self.rules]
        #: By rule, the node inside which it wants to hear nothing, or BREAK: of nothing any more.
        self._skipping: list[Any] = [None] * len(self._rules)

    def get_enter_leave_for_kind(self, kind: str) -> EnterLeaveVisitor:
        if kind not in self.enter_leave_map:
            listening = _listening(self.rules, kind)
            enter = [(place, self._listen(place, name)) for place, name, _ in listening if name]
            leave = [(place, self._listen(place, name)) for place, _, name in listening]
            self.enter_leave_map[kind] = EnterLeaveVisitor(
                self._entering(enter) if enter else None, self._leaving(leave) if leave else None
            )
        return self.enter_leave_map[kind]

    def _listen(self, place: int, name: str | None) -> _Listen:
        return getattr(self._rules[place], name) if name else _nothing

    def _entering(self, rules: Sequence[tuple[int, _Listen]]) -> _Listen:
        skipping = self._skipping

        def enter(node: Node, *where: Any) -> None:
            for place, listen in rules:
                if skipping[place] is None:
                    told = listen(node, *where)
                    if told is not None:
                        skipping[place] = node if told is SKIP or told is False else BREAK

        return enter

    def _leaving(self, rules: Sequence[tuple[int, _Listen]]) -> _Listen:
        skipping = self._skipping

        def leave(node: Node, *where: Any) -> None:
            for place, listen in rules:
                if skipping[place] is None:
                    told = listen(node, *where)
                    if told is BREAK or told is True:
                        skipping[place] = BREAK
                elif skipping[place] is node:
                    skipping[place] = None

        return leave


def _nothing(*_: Any) -> None:
    """What a rule hears of leaving a node, where it hears only of entering it."""


@cache
def _listening(rules: tuple[type[ASTValidationRule], ...], kind: str) -> tuple[_Listening, ...]:
    """The rules that hear of nodes of a kind."""
    found = [
        (place, _method(rule, "enter", kind), _method(rule, "leave", kind))
        for place, rule in enumerate(rules)
    ]
    return tuple(each for each in found if each[1] or each[2])


def _method(rule: type[ASTValidationRule], when: str, kind: str) -> str | None:
    """As `graphql.Visitor` finds it."""
    return next((name for name in (f"{when}_{kind}", when) if hasattr(rule, name)), None)
