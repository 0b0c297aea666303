from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Self, cast

import strawberry

from graph.enums import LogLevel, LogStream
from live import log_line


@strawberry.type(
    description=(
        "One line as it was told: never split, line feeds inside kept. It has no `id` on purpose: "
        "clients keep lines outside their normalised cache. Its identity is (run, sequence)."
    )
)
class LogLine:
    sequence: int = strawberry.field(description="From 1, without gaps within the run.")
    at: datetime
    level: LogLevel
    stream: LogStream
    step_key: str | None
    attempt: int
    source: str = strawberry.field(description="Which of the reporter's sources told it.")
    message: str
    truncated_bytes: int | None = strawberry.field(
        description="How many bytes were cut from its end; null where it is whole."
    )

    @classmethod
    def all_of(cls, lines: Sequence[log_line.LogLine]) -> list[Self]:
        """The lines as they were read: their attributes are the fields (graph/rows.py)."""
        return cast("list[Self]", lines)
