from __future__ import annotations

import strawberry

from graph.enums import TriggerSource


@strawberry.type(description="How many runs were begun by one kind of thing.")
class SourceCount:
    source: TriggerSource
    count: int
