"""deleteRuns, deleteRunsMatching, restoreRuns."""

from __future__ import annotations

from typing import Self

import strawberry

from graph.context import Info
from graph.fields import mutation
from graph.ids import client_id
from graph.inputs.delete_runs import DeleteRunsInput, DeleteRunsMatchingInput, RestoreRunsInput
from graph.inputs.given import given, told
from graph.mutations.outcome import outcome_of, user_errors
from graph.types.deletion import Deletion
from graph.types.user_error import UserError
from models.ids import Kind
from resolvers import delete_runs as resolver
from resolvers.delete_runs import DeletedMatching, DeletedRuns, RestoredRuns
from resolvers.errors import Refused


@strawberry.type
class DeleteRunsPayload:
    deleted_run_ids: list[strawberry.ID]
    deletion: Deletion | None = strawberry.field(
        description="By which `restoreRuns` undoes it; null where nothing was deleted."
    )
    user_errors: list[UserError] = strawberry.field(
        description="One for each id that was not deleted; the others are."
    )

    @classmethod
    def of(cls, outcome: DeletedRuns | Refused) -> Self:
        if isinstance(outcome, Refused):
            return cls(deleted_run_ids=[], deletion=None, user_errors=user_errors([outcome.error]))
        return cls(
            deleted_run_ids=[client_id(Kind.RUN, key) for key in outcome.run_ids],
            deletion=Deletion.maybe_of(outcome.deletion),
            user_errors=user_errors(outcome.errors),
        )


@strawberry.type
class DeleteRunsMatchingPayload:
    deleted_count: int
    matched_count: int = strawberry.field(
        description="How many match now: what to expect, where it was another number."
    )
    deletion: Deletion | None = strawberry.field(
        description="By which `restoreRuns` undoes it; null where nothing was deleted."
    )
    user_errors: list[UserError]

    @classmethod
    def of(cls, outcome: DeletedMatching | Refused) -> Self:
        if isinstance(outcome, Refused):
            errors = user_errors([outcome.error])
            return cls(deleted_count=0, matched_count=0, deletion=None, user_errors=errors)
        return cls(
            deleted_count=outcome.deleted_count,
            matched_count=outcome.matched_count,
            deletion=Deletion.maybe_of(outcome.deletion),
            user_errors=user_errors(outcome.errors),
        )


@strawberry.type
class RestoreRunsPayload:
    restored_count: int
    user_errors: list[UserError]

    @classmethod
    def of(cls, outcome: RestoredRuns | Refused) -> Self:
        if isinstance(outcome, Refused):
            return cls(restored_count=0, user_errors=user_errors([outcome.error]))
        return cls(restored_count=outcome.count, user_errors=user_errors(outcome.errors))


@mutation(
    (
        "Delete runs, with their reports, links, logs and steps. They are gone for everybody at "
        "once, and can be restored for a while."
    ),
)
async def delete_runs(info: Info, input: DeleteRunsInput) -> DeleteRunsPayload:
    context = info.context
    call = resolver.delete_runs(
        context.service, context.viewer, input.ids, given(input.force, False)
    )
    return DeleteRunsPayload.of(await outcome_of(call))


@mutation("Delete every run that matches a filter.")
async def delete_runs_matching(
    info: Info, input: DeleteRunsMatchingInput
) -> DeleteRunsMatchingPayload:
    context = info.context
    call = resolver.delete_runs_matching(
        context.service,
        context.viewer,
        input.filter.plain(),
        input.expected_count,
        given(input.force, False),
    )
    return DeleteRunsMatchingPayload.of(await outcome_of(call))


@mutation(
    "Undo a deletion, until its runs are removed for good.",
)
async def restore_runs(info: Info, input: RestoreRunsInput) -> RestoreRunsPayload:
    context = info.context
    call = resolver.restore_runs(
        context.service, context.viewer, told(input.deletion_id), told(input.ids)
    )
    return RestoreRunsPayload.of(await outcome_of(call))
