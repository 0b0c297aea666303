"""Which lines of a log a reader asked for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from live.chunk_head import ChunkHead
from live.log_line import LogLine
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

    @property
    def first_sequence(self) -> int:
        """No line before this one matches."""
        return max(1, self.from_sequence or 1)

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

    def may_hold(self, chunk: ChunkHead) -> bool:
        """Whether a matching line may stand in the chunk, told without its payload.

        Never False for a chunk that holds one.
        """
        return (
            (self.min_level is None or chunk.levels >= 1 << self.min_level)
            and (self.streams is None or bool(chunk.streams & _bits(self.streams)))
            and (self.step_keys is None or not self.step_keys.isdisjoint(chunk.step_keys))
            and (self.attempts is None or any(o.attempt in self.attempts for o in chunk.owners()))
            and (self.at_from is None or chunk.last_at >= self.at_from)
            and (self.at_until is None or chunk.first_at < self.at_until)
            and (self.from_sequence is None or chunk.last_sequence >= self.from_sequence)
        )


def _bits(values: Collection[int]) -> int:
    return sum(1 << value for value in values)
