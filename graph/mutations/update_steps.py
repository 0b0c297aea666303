"""updateSteps."""

from __future__ import annotations

from typing import Self

import strawberry

from graph.context import Info
from graph.fields import mutation
from graph.inputs.update_steps import UpdateStepsInput
from graph.mutations.outcome import outcome_of, user_errors
from graph.types.run import Run
from graph.types.step import Step
from graph.types.user_error import UserError
from resolvers import update_steps as resolver
from resolvers.errors import Refused
from resolvers.update_steps import UpdatedSteps


@strawberry.type
class UpdateStepsPayload:
    steps: list[Step] = strawberry.field(description="Those told of, in the order told.")
    run: Run | None
    user_errors: list[UserError]

    @classmethod
    def of(cls, outcome: UpdatedSteps | Refused) -> Self:
        if isinstance(outcome, Refused):
            errors = user_errors([outcome.error])
            return cls(steps=[], run=Run.maybe_of(outcome.run), user_errors=errors)
        steps = [Step.of(step) for step in outcome.steps]
        return cls(steps=steps, run=Run.of(outcome.run), user_errors=[])


@mutation(
    "Tell of steps, several at once, whole or not at all; made at first mention.",
)
async def update_steps(info: Info, input: UpdateStepsInput) -> UpdateStepsPayload:
    context = info.context
    call = resolver.update_steps(context.service, context.viewer, input.plain())
    return UpdateStepsPayload.of(await outcome_of(call))
