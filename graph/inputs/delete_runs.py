from __future__ import annotations

import strawberry

from graph.inputs.run_filter import RunFilter


@strawberry.input
class DeleteRunsInput:
    ids: list[strawberry.ID] = strawberry.field(description="1000 at most.")
    force: bool | None = strawberry.field(
        default=False, description="Delete active runs too, which are refused otherwise."
    )


@strawberry.input
class DeleteRunsMatchingInput:
    filter: RunFilter = strawberry.field(description="An empty one is refused.")
    expected_count: int = strawberry.field(
        description=(
            "How many the caller saw: where another number matches, nothing is deleted "
            "(COUNT_CHANGED). Nobody deletes what they did not see."
        )
    )
    force: bool | None = strawberry.field(
        default=False, description="Active runs too; otherwise only ended ones match."
    )


@strawberry.input(one_of=True, description="A whole deletion, or single runs.")
class RestoreRunsInput:
    deletion_id: strawberry.ID | None = strawberry.UNSET
    ids: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET, description="1000 at most."
    )
