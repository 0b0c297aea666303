"""Which lines of a log a reader asked for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import orjson

from live.log_line import LogLine
from models.log_chunk import LogChunk
from models.states import LogLevel, LogStream


@dataclass(frozen=True, slots=True)
class LogFilter:
    """All that is given must hold; in a collection, any. None is any, empty matches nothing."""

    min_level: LogLevel | None = None
    streams: frozenset[LogStream] | None = None
    step_keys: frozenset[str] | None = None
    attempts: frozenset[int] | None = None
    #: A literal substring, folded by str.casefold: case does not matter.
    contains: str | None = None
    #: from <= at < until
    at_from: datetime | None = None
    at_until: datetime | None = None
    from_sequence: int | None = None

    def matches(self, line: LogLine) -> bool:
        return (
            (self.min_level is None or line.level >= self.min_level)
            and (self.streams is None or line.stream in self.streams)
            and (self.step_keys is None or line.step_key in self.step_keys)
            and (self.attempts is None or line.attempt in self.attempts)
            and (self.at_from is None or line.at >= self.at_from)
            and (self.at_until is None or line.at < self.at_until)
            and (self.from_sequence is None or line.sequence >= self.from_sequence)
            and (self.contains is None or self.contains in line.message.casefold())
        )

    def may_hold(self, chunk: LogChunk) -> bool:
        """Whether a matching line may stand in the chunk, told without its payload.

        Never False for a chunk that holds one.
        """
        last_sequence = chunk.first_sequence + chunk.count - 1
        return (
            (self.min_level is None or chunk.levels >= 1 << self.min_level)
            and (self.streams is None or bool(chunk.streams & _bits(self.streams)))
            and (self.step_keys is None or not self.step_keys.isdisjoint(_steps(chunk)))
            and (self.attempts is None or not self.attempts.isdisjoint(_attempts(chunk)))
            and (self.at_from is None or chunk.last_at >= self.at_from)
            and (self.at_until is None or chunk.first_at < self.at_until)
            and (self.from_sequence is None or last_sequence >= self.from_sequence)
        )


def _bits(values: Collection[int]) -> int:
    return sum(1 << value for value in values)


def _steps(chunk: LogChunk) -> list[str]:
    steps: list[str] = orjson.loads(chunk.steps)
    return steps


def _attempts(chunk: LogChunk) -> list[int]:
    return [segment[0] for segment in orjson.loads(chunk.segments)]
