from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from graph.enums import StreamEnd
from graph.types.run import Run
from graph.types.step_transition import StepTransition


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
