"""startRun."""

from __future__ import annotations

from typing import Self

import strawberry

from graph.context import Info
from graph.fields import mutation
from graph.inputs.start_run import StartRunInput
from graph.mutations.outcome import outcome_of, user_errors
from graph.types.run import Run
from graph.types.user_error import UserError
from resolvers import start_run as resolver
from resolvers.errors import Refused
from resolvers.start_run import StartedRun


@strawberry.type
class StartRunPayload:
    run: Run | None
    created: bool = strawberry.field(
        description="False where the idempotency key was known: then this is the run it began."
    )
    user_errors: list[UserError]

    @classmethod
    def of(cls, outcome: StartedRun | Refused) -> Self:
        if isinstance(outcome, Refused):
            return cls(run=None, created=False, user_errors=user_errors([outcome.error]))
        return cls(run=Run.of(outcome.run), created=outcome.created, user_errors=[])


@mutation(
    "Begin a run. Its agent and its cluster are made at their first mention.",
)
async def start_run(info: Info, input: StartRunInput) -> StartRunPayload:
    context = info.context
    call = resolver.start_run(context.service, context.viewer, input.plain())
    return StartRunPayload.of(await outcome_of(call))
