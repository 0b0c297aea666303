from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

import models


@strawberry.type(description="Somebody asked for the run to be stopped; its status follows.")
class Cancellation:
    by: str
    at: datetime
    reason: str | None

    @classmethod
    def of(cls, run: models.Run) -> Self | None:
        """None where nobody asked."""
        if run.cancel_requested_at is None:
            return None
        return cls(
            by=run.cancel_requested_by or "",
            at=run.cancel_requested_at,
            reason=run.cancel_reason,
        )
