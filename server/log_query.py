"""What the query string of logs.txt asks for: which lines, and how they are sent.

The lines are those of the API's LogFilter, with a parameter for each entry of a list.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Self, TypeVar

from starlette.datastructures import QueryParams

from live.log_filter import LogFilter
from models.run import fold
from models.states import LogLevel, LogStream
from resolvers.errors import BadInput, counted
from resolvers.log_filter_checks import LogFilterNames, check_log_filter

E = TypeVar("E", bound=Enum)

#: What may be told once, and any number of times.
_SINGLE = ("level", "contains", "from", "follow", "download")
_MANY = ("stream", "step", "attempt")
_NAMES = LogFilterNames(
    step_keys="step", attempts="attempt", contains="contains", from_sequence="from"
)
_FLAGS = {"0": False, "1": True}
#: Of a number: an Int of GraphQL.
_MOST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class LogQuery:
    #: None: all of them.
    lines: LogFilter | None
    #: Whether the answer goes on with what is written.
    follows: bool
    #: Whether a browser is to make a file of it.
    downloads: bool

    @classmethod
    def of(cls, told: QueryParams) -> Self:
        """Raises BadInput, which names the parameter."""
        for name in told:
            if name not in (*_SINGLE, *_MANY):
                raise BadInput("parameter", f"one of {', '.join((*_SINGLE, *_MANY))}", name)
        return cls(_lines(told), _flag(told, "follow"), _flag(told, "download"))


def _lines(told: QueryParams) -> LogFilter | None:
    level, contains, first = (_single(told, name) for name in ("level", "contains", "from"))
    streams, steps, attempts = (told.getlist(name) for name in _MANY)
    lines = LogFilter(
        min_level=None if level is None else _member("level", level, LogLevel),
        streams=frozenset(_member("stream", each, LogStream) for each in streams) or None,
        step_keys=frozenset(steps) or None,
        attempts=frozenset(_number("attempt", each) for each in attempts) or None,
        contains=None if contains is None else fold(contains),
        from_sequence=None if first is None else _number("from", first),
    )
    check_log_filter(lines, _NAMES)
    return None if lines == LogFilter() else lines


def _single(told: QueryParams, name: str) -> str | None:
    values = told.getlist(name)
    if len(values) > 1:
        raise BadInput(name, "one value", counted(len(values), "values"))
    return values[0] if values else None


def _flag(told: QueryParams, name: str) -> bool:
    value = _single(told, name)
    if value is None:
        return False
    if value not in _FLAGS:
        raise BadInput(name, "0 or 1", value)
    return _FLAGS[value]


def _number(name: str, text: str) -> int:
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(_MOST))
    if not (is_number and 1 <= int(text) <= _MOST):
        raise BadInput(name, f"a number from 1 to {_MOST}", text)
    return int(text)


def _member(name: str, text: str, kind: type[E]) -> E:
    try:
        return kind[text.upper()]
    except KeyError as error:
        raise BadInput(name, f"one of {', '.join(kind.__members__)}", text) from error
