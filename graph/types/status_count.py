from __future__ import annotations

from collections.abc import Mapping
from typing import Self

import strawberry

from graph.enums import RunStatus


@strawberry.type(description="How many runs have a status.")
class StatusCount:
    status: RunStatus
    count: int

    @classmethod
    def all_of(cls, counts: Mapping[RunStatus, int]) -> list[Self]:
        return [cls(status=status, count=count) for status, count in counts.items()]
