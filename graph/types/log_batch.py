from __future__ import annotations

from typing import Self
from uuid import UUID

import strawberry

from graph.enums import StreamEnd
from graph.types.log_line import LogLine
from live import follow_logs
from resolvers.cursors import log_cursor


@strawberry.type(description="Lines that arrived close together.")
class LogBatch:
    lines: list[LogLine] = strawberry.field(
        description=(
            "Those that match. A filtered follower gets none now and then, for its cursor's sake."
        )
    )
    end_cursor: str = strawberry.field(
        description="Everything up to here was looked at: come back with it."
    )
    end: StreamEnd | None = strawberry.field(description="Only in the last batch.")

    @classmethod
    def of(cls, run_id: UUID, batch: follow_logs.LogBatch) -> Self:
        return cls(
            lines=LogLine.all_of(batch.lines),
            end_cursor=log_cursor(run_id, batch.end_sequence),
            end=batch.end,
        )
