"""confirmCancel, completeRun, failRun."""

from __future__ import annotations

import strawberry

from graph.context import Info
from graph.fields import mutation
from graph.inputs.end_run import CompleteRunInput, ConfirmCancelInput, FailRunInput
from graph.mutations.outcome import RunPayload, outcome_of
from resolvers import end_run as resolver


@strawberry.type
class ConfirmCancelPayload(RunPayload):
    pass


@strawberry.type
class CompleteRunPayload(RunPayload):
    pass


@strawberry.type
class FailRunPayload(RunPayload):
    pass


@mutation("The run was asked to stop, and has.")
async def confirm_cancel(info: Info, input: ConfirmCancelInput) -> ConfirmCancelPayload:
    context = info.context
    call = resolver.confirm_cancel(context.service, context.viewer, input.plain())
    return ConfirmCancelPayload.of(await outcome_of(call))


@mutation(
    (
        "The run did what it was to do. With its report; where none is given one is drawn up. "
        "Told twice, the first report stays."
    ),
)
async def complete_run(info: Info, input: CompleteRunInput) -> CompleteRunPayload:
    context = info.context
    call = resolver.complete_run(context.service, context.viewer, input.plain())
    return CompleteRunPayload.of(await outcome_of(call))


@mutation(
    "The run failed, where known in a step. Told twice, the first error stays.",
)
async def fail_run(info: Info, input: FailRunInput) -> FailRunPayload:
    context = info.context
    call = resolver.fail_run(context.service, context.viewer, input.plain())
    return FailRunPayload.of(await outcome_of(call))
