from __future__ import annotations

from datetime import datetime

import strawberry

from graph.types.status_count import StatusCount


@strawberry.type(description="The runs that began within one span of time.")
class StatsBucket:
    start: datetime
    by_status: list[StatusCount]
