from __future__ import annotations

from typing import Self

import strawberry

import models


@strawberry.type(
    description="Where a source of log lines stands: a reporter that restarts goes on from here."
)
class LogSource:
    attempt: int
    name: str
    next_offset: int = strawberry.field(description="The offset of the first line not stored yet.")

    @classmethod
    def all_of(cls, run: models.Run) -> list[Self]:
        return [
            cls(attempt=attempt, name=name, next_offset=offset)
            for (attempt, name), offset in run.source_offsets().items()
        ]
