"""Conditions, some of which SQL has but Tortoise's filters have not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pypika_tortoise.queries import Table
from pypika_tortoise.terms import Criterion, Function, ValueWrapper
from tortoise.expressions import Q, RawSQL, ResolveContext
from tortoise.query_utils import QueryModifier

from models.database import dialect

#: Both find a text in a text, by code point, and give 0 where it is not in it. LIKE would not do:
#: SQLite's folds ASCII letters, and % and _ mean more than themselves.
_POSITION = {"sqlite": "INSTR", "postgres": "STRPOS"}


def where(column: str, **tests: Any) -> Q:
    """All tests of the column, by Tortoise's names for them: `gte`, `lt`, `in`, …"""
    return Q(**{f"{column}__{test}": value for test, value in tests.items()})


class _Where(Q):
    """A condition on the row of a table. To be put into another Q, not to be negated itself."""

    def __init__(self, criterion: Callable[[Table], Criterion]) -> None:
        super().__init__()
        self._criterion = criterion

    def __bool__(self) -> bool:
        return True

    def resolve(self, resolve_context: ResolveContext) -> QueryModifier:
        return QueryModifier(where_criterion=self._criterion(resolve_context.table))


def contains(column: str, text: str) -> Q:
    """The column contains the text, letter for letter."""

    def criterion(table: Table) -> Criterion:
        position = Function(_POSITION[dialect()], table[column], ValueWrapper(text))
        found: Criterion = position > 0
        return found

    return Q(_Where(criterion))


def has_one(query: str) -> Q:
    """The query, which refers to the row by its table's name, has a result.

    It is SQL: never let anything that a client gave be a part of it.
    """
    return Q(_Where(lambda _: RawSQL(f"({query} LIMIT 1)").notnull()))
