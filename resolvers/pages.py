"""Pages: what a client asks for, and what it gets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Self, TypeVar

from resolvers.errors import BadInput

T = TypeVar("T")

#: Rows of a page, unless told and at most: one screen, and what a client renders at once.
DEFAULT_PAGE = 20
MAX_PAGE = 200


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Up to `limit` rows of those behind `after` and before `before`.

    They are the first ones, or, where `backwards`, the last ones; in the list's order either way.
    """

    limit: int
    after: str | None = None
    before: str | None = None
    backwards: bool = False

    @classmethod
    def of(
        cls,
        first: int | None,
        after: str | None,
        last: int | None,
        before: str | None,
        *,
        default: int = DEFAULT_PAGE,
        maximum: int = MAX_PAGE,
        from_end: bool = False,
    ) -> Self:
        """The request that a connection's arguments make.

        Both cursors may stand beside either number: together they are a window, of which `first`
        takes the beginning and `last` the end. With neither number a lone `before` pages backwards,
        and without cursors `from_end` says which end is meant. Raises BadInput.
        """
        if first is not None and last is not None:
            raise BadInput("last", "nothing beside first", last)
        for field, number in (("first", first), ("last", last)):
            if number is not None and not 1 <= number <= maximum:
                raise BadInput(field, f"a number from 1 to {maximum}", number)
        if first is not None or last is not None:
            backwards = last is not None
        elif after is not None or before is not None:
            backwards = after is None
        else:
            backwards = from_end
        return cls(first or last or default, after, before, backwards)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows in the list's order, each with its cursor.

    On the side that was paged towards the flag is exact, within the window that a second cursor
    may bound. On the other side it tells whether a cursor was given, which is known for nothing.
    """

    items: list[T]
    cursors: list[str]
    has_next_page: bool
    has_previous_page: bool

    @classmethod
    def of(cls, rows: Sequence[T], request: PageRequest, cursor: Callable[[T], str]) -> Page[T]:
        """The page of up to limit + 1 rows, read in the direction of the request."""
        items = list(rows[: request.limit])
        has_more = len(rows) > request.limit
        if request.backwards:
            items.reverse()
        return cls(
            items=items,
            cursors=[cursor(row) for row in items],
            has_next_page=request.before is not None if request.backwards else has_more,
            has_previous_page=has_more if request.backwards else request.after is not None,
        )
