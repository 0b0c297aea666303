from __future__ import annotations

from typing import Self

import strawberry

from graph.enums import StreamEnd
from graph.types.run import Run
from graph.types.step_transition import StepTransition
from live import follow_steps
from resolvers.cursors import event_cursor


@strawberry.type(
    description=(
        "Transitions that happened close together. Also sent, with no transitions, when the run's "
        "own status changes."
    )
)
class TransitionBatch:
    transitions: list[StepTransition]
    run: Run = strawberry.field(description="As it is now.")
    end_cursor: str = strawberry.field(
        description="Everything up to here was sent: come back with it."
    )
    end: StreamEnd | None = strawberry.field(description="Only in the last batch.")

    @classmethod
    def of(cls, batch: follow_steps.TransitionBatch) -> Self:
        return cls(
            transitions=StepTransition.all_of(batch.events),
            run=Run.of(batch.run),
            end_cursor=event_cursor(batch.run.id, batch.end_event),
            end=batch.end,
        )
