from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import UUID

import strawberry

import models
from graph.context import Info
from graph.enums import StepStatus
from graph.fields import computed
from graph.present import present
from graph.types.step import Step


@strawberry.type(description="A step changed its status. This is history; `step` is the present.")
class StepTransition:
    step_id: strawberry.Private[UUID]
    before: StepStatus | None = strawberry.field(
        name="from", description="Null where the step began."
    )
    to: StepStatus
    at: datetime
    attempt: int

    @classmethod
    def all_of(cls, events: list[models.RunEvent]) -> list[Self]:
        """The transitions of steps among the events, in order."""
        return [cls._of(event, event.step_id) for event in events if event.step_id is not None]

    @classmethod
    def _of(cls, event: models.RunEvent, step_id: UUID) -> Self:
        return cls(
            step_id=step_id,
            before=None if event.from_status is None else StepStatus(event.from_status),
            to=StepStatus(event.to_status),
            at=event.at,
            attempt=event.attempt,
        )

    @computed("The step as it is now.")
    async def step(self, info: Info) -> Step:
        return Step.of(present(await info.context.loaders.step.load(self.step_id), "step"))
