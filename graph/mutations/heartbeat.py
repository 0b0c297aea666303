"""heartbeat."""

from __future__ import annotations

from typing import Self

import strawberry

import models
from graph.context import Info
from graph.fields import mutation
from graph.inputs.attempts import HeartbeatInput
from graph.inputs.given import given
from graph.mutations.outcome import outcome_of, user_errors
from graph.types.run import Run
from graph.types.user_error import UserError
from resolvers import heartbeat as resolver
from resolvers.errors import Refused


@strawberry.type
class HeartbeatPayload:
    run: Run | None
    interval_seconds: float = strawberry.field(
        description="How often a reporter with nothing to say should say so."
    )
    user_errors: list[UserError]

    @classmethod
    def of(cls, outcome: models.Run | Refused, interval_seconds: float) -> Self:
        if isinstance(outcome, Refused):
            return cls(
                run=Run.maybe_of(outcome.run),
                interval_seconds=interval_seconds,
                user_errors=user_errors([outcome.error]),
            )
        return cls(run=Run.of(outcome), interval_seconds=interval_seconds, user_errors=[])


@mutation(
    (
        "A sign of life, for a reporter that has nothing to tell. As with every call, `run` says "
        "whether somebody asked to cancel."
    ),
)
async def heartbeat(info: Info, input: HeartbeatInput) -> HeartbeatPayload:
    context = info.context
    call = resolver.heartbeat(
        context.service, context.viewer, input.run_id, given(input.attempt, 1)
    )
    interval = context.service.policy.heartbeat.total_seconds()
    return HeartbeatPayload.of(await outcome_of(call), interval)
