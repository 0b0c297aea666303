"""Lines of a log by column, as chunks hold them and as answers are made of them.

Most lines are only passed on: making an object of each would cost more than everything else that
is done to them. Whoever asks for a line gets it as a LogLine, made there and then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, compress
from typing import Any, Self, overload

from live.log_line import LogLine
from models.instants import Instants, from_micros, to_micros

_SEQUENCE, _AT, _MESSAGE = map(LogLine._fields.index, ("sequence", "at", "message"))


class LogLines(Sequence[LogLine]):
    """Some lines of a log, equal to any other sequence of the same lines."""

    __slots__ = ("_columns",)

    def __init__(self, columns: Iterable[Sequence[Any]] = ((),) * len(LogLine._fields)) -> None:
        """`columns` in the order of LogLine's fields, all of one length; times in microseconds."""
        self._columns = tuple(columns)

    @classmethod
    def of(cls, lines: Iterable[LogLine]) -> Self:
        """Lines that exist as objects."""
        if isinstance(lines, cls):
            return lines
        columns = list(zip(*lines, strict=True))
        if not columns:
            return cls()
        columns[_AT] = tuple(map(to_micros, columns[_AT]))
        return cls(columns)

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """The lines of all parts, in their order."""
        filled = [part for part in parts if part]
        if len(filled) < 2:
            return filled[0] if filled else cls()
        columns = zip(*(part._columns for part in filled), strict=True)
        return cls([list(chain.from_iterable(column)) for column in columns])

    @property
    def sequences(self) -> Sequence[int]:
        return self._columns[_SEQUENCE]

    @property
    def messages(self) -> Sequence[str]:
        return self._columns[_MESSAGE]

    def column(self, field: str) -> Sequence[Any]:
        """What each line has in a field of LogLine."""
        index = LogLine._fields.index(field)
        values = self._columns[index]
        return Instants(values) if index == _AT else values

    def that(self, matches: Callable[[LogLine], bool]) -> Self:
        """Those that match."""
        chosen = list(map(matches, self))
        return type(self)([list(compress(column, chosen)) for column in self._columns])

    def __len__(self) -> int:
        return len(self._columns[0])

    def __iter__(self) -> Iterator[LogLine]:
        columns: list[Iterable[Any]] = list(self._columns)
        columns[_AT] = map(from_micros, self._columns[_AT])
        return map(LogLine._make, zip(*columns, strict=True))

    @overload
    def __getitem__(self, index: int) -> LogLine: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...
    def __getitem__(self, index: int | slice) -> LogLine | Self:
        if isinstance(index, slice):
            return type(self)([column[index] for column in self._columns])
        values = [column[index] for column in self._columns]
        values[_AT] = from_micros(values[_AT])
        return LogLine._make(values)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(map(LogLine.__eq__, self, other))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(list(self))
