"""Checks of what stands in filters: how many values, how long texts, ranges that begin and end.

All raise BadInput, which names the field.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from typing import TypeVar

from models.instants import ENDLESS, format_instant
from resolvers.errors import BadInput, Phrase, counted
from resolvers.text import MAX_NAME, unstorable

T = TypeVar("T")

#: Values of one filter, all lists together. A page repeats them for each of the MAX_BRANCHES that
#: it reads (resolvers/list_runs.py), and either database takes some 32,000 parameters.
MAX_VALUES = 1_000
#: Labels of one filter: each is looked for in the text of each row that comes that far.
MAX_LABELS = 100
#: Entries of `exclude`.
MAX_EXCLUSIONS = 20
#: Characters of a search: longer than any name that it looks in.
MAX_SEARCH = 200


def check_text(field: str, text: str, most: int = MAX_NAME) -> str:
    """The text, which is no longer than `most` and of characters that can be stored."""
    if len(text) > most:
        raise BadInput(field, f"at most {most} characters", counted(len(text), "characters"))
    if character := unstorable(text):
        raise BadInput(field, "text without NUL and lone surrogates", Phrase(character))
    return text


def check_count(field: str, count: int, most: int) -> None:
    """Not more than `most` values."""
    if count > most:
        raise BadInput(field, f"at most {most} values", counted(count, "values"))


def distinct(values: Sequence[T]) -> tuple[T, ...]:
    """Each value once."""
    return tuple(dict.fromkeys(values))


def check_span(field: str, start: datetime | None, until: datetime | None) -> None:
    """A range of times ends after its beginning."""
    if start is not None and until is not None and until <= start:
        expected = f"a time after {format_instant(start)}"
        raise BadInput(f"{field}.until", expected, format_instant(until))


def check_numbers(field: str, start: float | None, until: float | None) -> None:
    """A range of numbers ends after its beginning, and both are numbers."""
    for name, number in (("from", start), ("until", until)):
        if number is not None and not math.isfinite(number):
            raise BadInput(f"{field}.{name}", "a number", number)
    if start is not None and until is not None and until <= start:
        raise BadInput(f"{field}.until", f"a number above {start}", until)


def first_micros(seconds: float) -> int:
    """The least whole number of microseconds that is not below so many seconds.

    1.1 seconds are 1,100,000 microseconds: what people wrote counts, not the nearest binary
    fraction. At most ENDLESS, at least 0, so that it can be compared with every duration.
    """
    micros = Decimal(repr(seconds)).scaleb(6).to_integral_value(ROUND_CEILING)
    return min(max(int(micros), 0), ENDLESS)
