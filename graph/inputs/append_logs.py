from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import strawberry
from strawberry.types.arguments import InputContext
from strawberry.types.base import StrawberryObjectDefinition

from graph.enums import LogLevel, LogStream
from graph.inputs.given import given
from graph.told_lines import ToldLines
from resolvers.commands import AppendLogs, ToldLine


@strawberry.input(description="One line, which may hold line feeds and stays one.")
class LogLineInput:
    message: str = strawberry.field(
        description=(
            "Comes back byte for byte, except that NUL becomes U+2400, a lone surrogate U+FFFD, "
            "secrets `[redacted]`, and what is longer than 64 KiB is cut, which `truncatedBytes` "
            "tells."
        )
    )
    at: datetime | None = strawberry.field(default=None, description="Absent: now.")
    level: LogLevel | None = LogLevel.INFO
    stream: LogStream | None = LogStream.STDOUT
    step_key: str | None = strawberry.field(
        default=None, description="The step that it belongs to, made at its first mention."
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
    #: What clients may tell; what they told stands in `told`.
    lines: list[LogLineInput] = strawberry.field(description="1000 at most.")
    told: strawberry.Private[tuple[ToldLine, ...]] = ()

    def plain(self) -> AppendLogs:
        return AppendLogs(
            run_id=self.run_id,
            attempt=given(self.attempt, 1),
            source=given(self.source, "main"),
            offset=self.offset,
            lines=self.told,
        )


def _from_input(
    type_: type[AppendLogsInput], value: Mapping[str, Any], context: InputContext
) -> AppendLogsInput:
    """Made of the coerced value at once, without an input object for each line."""
    lines = value["lines"]
    told = type_(
        run_id=value["runId"],
        attempt=value.get("attempt"),
        source=value.get("source"),
        offset=value["offset"],
        lines=[],
    )
    told.told = lines if isinstance(lines, ToldLines) else tuple(map(_told_line, lines))
    return told


def _told_line(line: Mapping[str, Any]) -> ToldLine:
    """A line as graphql-core coerced it."""
    return ToldLine(
        message=line["message"],
        at=line.get("at"),
        level=given(line.get("level"), LogLevel.INFO),
        stream=given(line.get("stream"), LogStream.STDOUT),
        step_key=line.get("stepKey"),
    )


definition: StrawberryObjectDefinition = AppendLogsInput.__strawberry_definition__  # type: ignore[attr-defined]
definition.from_input = _from_input
