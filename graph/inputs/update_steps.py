from __future__ import annotations

from datetime import datetime
from typing import TypeVar

import strawberry

from graph.enums import StepStatus
from graph.inputs.given import given
from graph.json_text import JsonText
from resolvers import commands
from resolvers.commands import StepUpdate, Unset, UpdateSteps

T = TypeVar("T")


@strawberry.input(description="What changes of a step. Absent: unchanged; null: cleared.")
class StepUpdateInput:
    key: str = strawberry.field(description="The workflow's own name for it.")
    name: str | None = strawberry.UNSET
    parent_key: str | None = strawberry.UNSET
    status: StepStatus | None = strawberry.UNSET
    output: JsonText | None = strawberry.UNSET
    error_message: str | None = strawberry.UNSET
    at: datetime | None = strawberry.field(
        default=None, description="When its status changed. Absent: now."
    )

    def plain(self) -> StepUpdate:
        return StepUpdate(
            key=self.key,
            name=_told(self.name),
            parent_key=_told(self.parent_key),
            status=_told(self.status),
            output=_told(self.output),
            error_message=_told(self.error_message),
            at=self.at,
        )


@strawberry.input
class UpdateStepsInput:
    run_id: strawberry.ID
    attempt: int | None = 1
    steps: list[StepUpdateInput] = strawberry.field(
        description="Made at their first mention. 1000 at most."
    )

    def plain(self) -> UpdateSteps:
        return UpdateSteps(
            run_id=self.run_id,
            attempt=given(self.attempt, 1),
            steps=tuple(step.plain() for step in self.steps),
        )


def _told(value: T) -> T | Unset:
    """Strawberry's mark for what is absent becomes the resolvers' own."""
    return commands.UNSET if value is strawberry.UNSET else value
