"""Several queries as one subquery, in SQL that both databases take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pypika_tortoise.context import SqlContext
from pypika_tortoise.terms import Term
from tortoise.expressions import Subquery
from tortoise.queryset import AwaitableQuery


class Merged(Term):
    """The rows of all queries, for `column__in=`. Each may have an order and a limit of its own.

    pypika's own UNION puts each part in parentheses, which SQLite does not take; without them the
    parts could not have a limit. So each stands in a FROM.
    """

    def __init__(self, queries: Sequence[AwaitableQuery[Any]]) -> None:
        super().__init__()
        self._queries = [Subquery(query) for query in queries]

    def get_sql(self, ctx: SqlContext) -> str:
        inner = ctx.copy(subquery=True, with_alias=False)
        parts = (
            f"SELECT * FROM {query.get_sql(inner)} part_{index}"
            for index, query in enumerate(self._queries)
        )
        return f"({' UNION ALL '.join(parts)})"
