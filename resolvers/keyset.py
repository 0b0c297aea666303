"""Keyset pages: a page begins behind a place and not behind a number of rows.

So page 1000 costs what page 1 costs, and rows that come or go shift nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from tortoise import Model
from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from models.instants import to_micros
from resolvers.conditions import where
from resolvers.cursors import Place, decode_cursor, encode_cursor
from resolvers.errors import BadInput
from resolvers.pages import Page, PageRequest

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Keyset:
    """The order of a list: by a column, among equals by id."""

    #: What the list is called in cursors, its order included: a cursor holds in this order only.
    list_name: str
    column: str
    descending: bool = False
    #: What the column's values are in a cursor: times stand there as they are stored.
    kind: type[Place] = int

    def cursor(self, row: Model) -> str:
        """The place of a row."""
        value = getattr(row, self.column)
        stored = to_micros(value) if isinstance(value, datetime) else value
        return encode_cursor(self.list_name, stored, str(row.pk))

    def window(self, query: QuerySet[M], request: PageRequest) -> QuerySet[M]:
        """Limit + 1 rows of the page, in the direction of paging: the last tells of more."""
        for field, text in (("after", request.after), ("before", request.before)):
            if text is not None:
                query = query.filter(self._beyond(field, text))
        sign = "-" if self.descending is not request.backwards else ""
        return query.order_by(f"{sign}{self.column}", f"{sign}id").limit(request.limit + 1)

    async def read(self, query: QuerySet[M], request: PageRequest) -> Page[M]:
        """A page of the query's rows. Raises BadInput for a cursor that is none of this list."""
        return Page.of(await self.window(query, request), request, self.cursor)

    def _beyond(self, field: str, text: str) -> Q:
        """The rows behind the cursor `after`, or before the cursor `before`.

        Of the two ways to write it PostgreSQL makes an index condition of this one only.
        """
        value, key = self._place(field, text)
        side = "lt" if self.descending is (field == "after") else "gt"
        beyond = where(self.column, **{side: value}) | where("id", **{side: key})
        return where(self.column, **{f"{side}e": value}) & beyond

    def _place(self, field: str, text: str) -> tuple[Place, UUID]:
        value, key = decode_cursor(field, self.list_name, text, self.kind, str)
        try:
            found = UUID(str(key))
        except ValueError:
            found = None
        if found is None or str(found) != key:
            raise BadInput(field, "a cursor that this service gave", text)
        return value, found
