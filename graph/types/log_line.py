from __future__ import annotations

from datetime import datetime
from typing import Self

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
    def of(cls, line: log_line.LogLine) -> Self:
        return cls(
            sequence=line.sequence,
            at=line.at,
            level=line.level,
            stream=line.stream,
            step_key=line.step_key,
            attempt=line.attempt,
            source=line.source,
            message=line.message,
            truncated_bytes=line.truncated_bytes,
        )
