"""The JSON of a list of rows, put together column by column.

Making a dictionary of each row and encoding that takes most of what a row costs. Here each column
is encoded at once, and its texts are laid between the same pieces of text for every row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import orjson

NULL = b"null"

#: How orjson writes U+0000, which stands between values that are encoded together.
_NUL = b"\\u0000"


class NotPlain(Exception):
    """A value that is out of the ordinary."""


class Texts(NamedTuple):
    """The values of a column as they stand in JSON."""

    #: Each row's; or the one that all rows have.
    of_rows: list[bytes] | bytes
    #: What stands before and behind each.
    quote: bytes = b""


def rows_text(columns: Iterable[tuple[str, Texts]], count: int) -> bytes:
    """`count` rows, at least one, with these columns by key, at least one, as a list of objects."""
    # What is the same in all rows: before, between and behind the values that differ.
    fixed, varying = [b"{"], []
    for key, (texts, quote) in columns:
        fixed[-1] += b"%s:%s" % (orjson.dumps(key), quote)
        if isinstance(texts, bytes):
            fixed[-1] += b"%s%s," % (texts, quote)
        else:
            varying.append(texts)
            fixed.append(quote + b",")
    last = fixed.pop()[:-1] + b"}"
    if not varying:
        return b"[%s]" % b",".join([last] * count)
    behind = [*fixed[1:], last + b"," + fixed[0]]
    return b"[%s%s%s]" % (fixed[0], b"".join(_laid(varying, behind)), last)


def _laid(columns: Sequence[list[bytes]], behind: Sequence[bytes]) -> list[bytes]:
    """The values row by row, each but the very last with what stands behind its column."""
    count, width = len(columns[0]), 2 * len(columns)
    pieces = [b""] * (count * width)
    for index, (texts, piece) in enumerate(zip(columns, behind, strict=True)):
        pieces[2 * index :: width] = texts
        pieces[2 * index + 1 :: width] = [piece] * count
    return pieces[:-1]


# ---------------------------------------------------------------- columns of one type


def string_texts(values: Sequence[Any]) -> Texts:
    """Raises TypeError where one is no string."""
    together = "\0".join(values)
    if is_one(values):
        return Texts(orjson.dumps(values[0]))
    texts = orjson.dumps(together)[1:-1].split(_NUL)
    if len(texts) != len(values):
        # One of them holds the character, or the six that it is written with.
        return Texts(list(map(orjson.dumps, values)))
    return Texts(texts, b'"')


def integer_texts(values: Sequence[Any]) -> Texts:
    """Raises NotPlain where one is no 32-bit integer, as GraphQL's Int is."""
    ends = (values[0], values[-1]) if isinstance(values, range) else values
    if set(map(type, ends)) != {int} or min(ends) < -(2**31) or max(ends) >= 2**31:
        raise NotPlain
    return Texts(orjson.dumps(list(values))[1:-1].split(b","))


def is_one(values: Sequence[Any]) -> bool:
    """Whether all of the values, at least one and all of one type, are the same."""
    return values[0] == values[-1] and values.count(values[0]) == len(values)
