from __future__ import annotations

import strawberry

from graph.enums import StepStatus


@strawberry.type(description="How many steps of a run have a status.")
class StepCount:
    status: StepStatus
    count: int
