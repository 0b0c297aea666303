"""A condition that SQL has but Tortoise's filters have not: a literal substring."""

from __future__ import annotations

from pypika_tortoise.terms import Function, ValueWrapper
from tortoise.expressions import Q, ResolveContext
from tortoise.query_utils import QueryModifier

from models.database import dialect

#: Both find a text in a text, by code point, and give 0 where it is not in it. LIKE would not do:
#: SQLite's folds ASCII letters, and both take % and _ for more than they are.
_POSITION = {"sqlite": "INSTR", "postgres": "STRPOS"}


class Contains(Q):
    """The column contains the text, letter for letter."""

    def __init__(self, column: str, text: str) -> None:
        # Filters of its own make it count as a condition; `resolve` says which.
        super().__init__(**{column: text})
        self._column = column
        self._text = text

    def resolve(self, resolve_context: ResolveContext) -> QueryModifier:
        column = resolve_context.table[self._column]
        position = Function(_POSITION[dialect()], column, ValueWrapper(self._text))
        return QueryModifier(where_criterion=position > 0)
