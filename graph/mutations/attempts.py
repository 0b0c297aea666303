"""scheduleRetry, startAttempt."""

from __future__ import annotations

import strawberry

from graph.context import Info
from graph.fields import mutation
from graph.inputs.attempts import ScheduleRetryInput, StartAttemptInput
from graph.mutations.outcome import RunPayload, outcome_of
from resolvers import attempts as resolver


@strawberry.type
class ScheduleRetryPayload(RunPayload):
    pass


@strawberry.type
class StartAttemptPayload(RunPayload):
    pass


@mutation(
    "The cluster could not be reached: the run is RETRYING until the next attempt.",
)
async def schedule_retry(info: Info, input: ScheduleRetryInput) -> ScheduleRetryPayload:
    context = info.context
    call = resolver.schedule_retry(context.service, context.viewer, input.plain())
    return ScheduleRetryPayload.of(await outcome_of(call))


@mutation(
    (
        "Begin the next attempt; from then on reporters of older ones are refused. "
        "Steps that are not completed are pending again."
    ),
)
async def start_attempt(info: Info, input: StartAttemptInput) -> StartAttemptPayload:
    context = info.context
    call = resolver.start_attempt(context.service, context.viewer, input.run_id, input.number)
    return StartAttemptPayload.of(await outcome_of(call))
