from __future__ import annotations

import strawberry

from graph.enums import RunStatus


@strawberry.type(description="How many runs have a status.")
class StatusCount:
    status: RunStatus
    count: int
