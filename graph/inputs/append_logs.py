from __future__ import annotations

from datetime import datetime

import strawberry

from graph.enums import LogLevel, LogStream
from graph.inputs.given import given
from resolvers.commands import AppendLogs, ToldLine


@strawberry.input(description="One line, which may hold line feeds and stays one.")
class LogLineInput:
    message: str = strawberry.field(
        description=(
            "Comes back byte for byte, except that NUL becomes U+2400, a lone surrogate U+FFFD, "
            "and what is longer than 64 KiB is cut, which `truncatedBytes` tells."
        )
    )
    at: datetime | None = strawberry.field(default=None, description="Absent: now.")
    level: LogLevel | None = LogLevel.INFO
    stream: LogStream | None = LogStream.STDOUT
    step_key: str | None = strawberry.field(
        default=None, description="The step that it belongs to, made at its first mention."
    )

    def plain(self) -> ToldLine:
        return ToldLine(
            message=self.message,
            at=self.at,
            level=given(self.level, LogLevel.INFO),
            stream=given(self.stream, LogStream.STDOUT),
            step_key=self.step_key,
        )


@strawberry.input
class AppendLogsInput:
    run_id: strawberry.ID
    attempt: int | None = 1
    source: str | None = strawberry.field(
        default="main", description="One of several that tell lines of this run side by side."
    )
    offset: int = strawberry.field(
        description=(
            "Of the first line within its source and attempt, from 0. What is stored already is "
            "skipped, if it is the same."
        )
    )
    lines: list[LogLineInput] = strawberry.field(description="1000 at most.")

    def plain(self) -> AppendLogs:
        return AppendLogs(
            run_id=self.run_id,
            attempt=given(self.attempt, 1),
            source=given(self.source, "main"),
            offset=self.offset,
            lines=tuple(line.plain() for line in self.lines),
        )
