from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

import models


@strawberry.type(description="One try to run on the target cluster.")
class RunAttempt:
    number: int = strawberry.field(description="From 1.")
    started_at: datetime
    ended_at: datetime | None
    failure: str | None = strawberry.field(
        description="Why it failed; null where it did not, or not yet."
    )

    @classmethod
    def of(cls, row: models.RunAttempt) -> Self:
        return cls(
            number=row.number,
            started_at=row.started_at,
            ended_at=row.ended_at,
            failure=row.failure,
        )
