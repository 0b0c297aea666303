"""The lines of appendLogs, taken in all at once.

graphql-core coerces each field of each line by itself, and Strawberry then makes an input object of
each line: together most of what an append costs. Lines that came in a variable and are of the plain
kind are made into what the resolver takes in one go, behind the same schema. Whatever is out of
the ordinary, an error above all, is left to graphql-core, which tells it exactly.
See docs/decisions/0015.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self

from graphql import GraphQLInputType, GraphQLSchema, get_nullable_type
from graphql.execution.values import VariableValues

from models.instants import parse_instant
from models.states import LogLevel, LogStream
from resolvers.commands import ToldLine

#: The input that holds the lines, and its field.
INPUT, FIELD = "AppendLogsInput", "lines"

_KEYS = frozenset(("message", "at", "level", "stream", "stepKey"))
_LEVELS: dict[Any, LogLevel] = {None: LogLevel.INFO, **LogLevel.__members__}
_STREAMS: dict[Any, LogStream] = {None: LogStream.STDOUT, **LogStream.__members__}


class ToldLines(tuple[ToldLine, ...]):
    """Lines that need no further coercion."""

    __slots__ = ()


class TakenOut(NamedTuple):
    """Variables without the lines, and the lines."""

    variable: str
    lines: ToldLines
    #: The variables as they came.
    told: Mapping[str, Any]
    #: The same, with an empty list in the place of the lines.
    rest: dict[str, Any]

    @classmethod
    def of(cls, variables: Mapping[str, Any] | None) -> Self | None:
        """None where there are no lines, or some that are not plain."""
        for name, value in (variables or {}).items():
            if type(value) is dict and type(value.get(FIELD)) is list:
                lines = told_lines(value[FIELD])
                if lines is None:
                    return None
                assert variables is not None
                return cls(name, lines, variables, {**variables, name: {**value, FIELD: []}})
        return None

    def put_back(self, schema: GraphQLSchema, values: VariableValues) -> bool:
        """Put the lines in their place; whether that is where lines belong."""
        source = values.sources.get(self.variable)
        if source is None or not _is_input(schema, source.signature.type):
            return False
        values.sources[self.variable] = source._replace(value=self.told[self.variable])
        values.coerced[self.variable] = {**values.coerced[self.variable], FIELD: self.lines}
        return True


def _is_input(schema: GraphQLSchema, type_: GraphQLInputType) -> bool:
    return get_nullable_type(type_) is schema.type_map.get(INPUT)


def told_lines(lines: Sequence[Any]) -> ToldLines | None:
    """Lines as JSON has them, coerced; None where one of them is not plain."""
    try:
        return ToldLines([_line(line) for line in lines])
    except (KeyError, ValueError, TypeError):
        return None


def _line(line: Any) -> ToldLine:
    """Raises KeyError, ValueError or TypeError where the line is not plain."""
    message = line["message"]
    if type(message) is not str or type(line) is not dict:
        raise TypeError
    if len(line) == 1:
        return ToldLine(message)
    if not line.keys() <= _KEYS:
        raise KeyError
    at, step_key = line.get("at"), line.get("stepKey")
    if not (step_key is None or type(step_key) is str) or not (at is None or type(at) is str):
        raise TypeError
    return ToldLine(
        message,
        None if at is None else parse_instant(at),
        _LEVELS[line.get("level")],
        _STREAMS[line.get("stream")],
        step_key,
    )
