"""cancelRuns."""

from __future__ import annotations

from typing import Self

import strawberry

from graph.context import Info
from graph.fields import mutation
from graph.inputs.cancel_runs import CancelRunsInput
from graph.mutations.outcome import outcome_of, user_errors
from graph.types.run import Run
from graph.types.user_error import UserError
from resolvers import cancel_runs as resolver
from resolvers.cancel_runs import CancelledRuns
from resolvers.errors import Refused


@strawberry.type
class CancelRunsPayload:
    runs: list[Run] = strawberry.field(description="Those that were asked, now or before.")
    user_errors: list[UserError] = strawberry.field(
        description="One for each id that was not asked; the others were."
    )

    @classmethod
    def of(cls, outcome: CancelledRuns | Refused) -> Self:
        if isinstance(outcome, Refused):
            return cls(runs=[], user_errors=user_errors([outcome.error]))
        runs = [Run.of(run) for run in outcome.runs]
        return cls(runs=runs, user_errors=user_errors(outcome.errors))


@mutation(
    (
        "Ask runs to stop. A run ends when its reporter confirms, or after a grace; "
        "one that is retrying ends at once."
    ),
)
async def cancel_runs(info: Info, input: CancelRunsInput) -> CancelRunsPayload:
    context = info.context
    call = resolver.cancel_runs(context.service, context.viewer, input.checked_ids(), input.reason)
    return CancelRunsPayload.of(await outcome_of(call))
