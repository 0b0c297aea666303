from __future__ import annotations

from dataclasses import replace

import strawberry

from graph.enums import LogLevel, LogStream
from graph.inputs.ranges import DateTimeRange
from live import log_filter
from models.run import fold


@strawberry.input(
    description=(
        "Which log lines. All that is given must hold, and of a list any entry; absent or null is "
        "any, and an empty list matches nothing."
    )
)
class LogFilter:
    min_level: LogLevel | None = strawberry.field(
        default=None, description="This level and those that matter more."
    )
    streams: list[LogStream] | None = None
    step_keys: list[str] | None = None
    attempts: list[int] | None = None
    contains: str | None = strawberry.field(
        default=None, description="A literal part of the message, whatever the case."
    )
    at: DateTimeRange | None = None
    from_sequence: int | None = strawberry.field(
        default=None, description="This line and those behind it."
    )

    def plain(self) -> log_filter.LogFilter:
        """As the log store takes it."""
        return log_filter.LogFilter(
            min_level=self.min_level,
            streams=None if self.streams is None else frozenset(self.streams),
            step_keys=None if self.step_keys is None else frozenset(self.step_keys),
            attempts=None if self.attempts is None else frozenset(self.attempts),
            contains=None if self.contains is None else fold(self.contains),
            at_from=None if self.at is None else self.at.start,
            at_until=None if self.at is None else self.at.until,
            from_sequence=self.from_sequence,
        )


def plain_log_filter(given: LogFilter | None) -> log_filter.LogFilter | None:
    """The same for an argument that may be absent."""
    return None if given is None else given.plain()


def of_step(given: log_filter.LogFilter | None, key: str) -> log_filter.LogFilter:
    """Of the lines that match, those of one step."""
    lines = given or log_filter.LogFilter()
    keys = frozenset({key})
    return replace(lines, step_keys=keys if lines.step_keys is None else keys & lines.step_keys)
