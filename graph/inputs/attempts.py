from __future__ import annotations

from datetime import datetime

import strawberry

from graph.inputs.given import given
from resolvers.commands import ScheduleRetry


@strawberry.input
class ScheduleRetryInput:
    run_id: strawberry.ID
    attempt: int | None = 1
    reason: str = strawberry.field(description="Why the cluster could not be reached.")
    next_attempt_at: datetime | None = None

    def plain(self) -> ScheduleRetry:
        return ScheduleRetry(
            run_id=self.run_id,
            attempt=given(self.attempt, 1),
            reason=self.reason,
            next_attempt_at=self.next_attempt_at,
        )


@strawberry.input
class StartAttemptInput:
    run_id: strawberry.ID
    number: int = strawberry.field(
        description="One more than the current attempt's; the same twice is fine."
    )


@strawberry.input
class HeartbeatInput:
    run_id: strawberry.ID
    attempt: int | None = 1
