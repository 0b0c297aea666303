from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

import models
from graph.ids import client_id
from graph.types.node import Node
from models.ids import Kind


@strawberry.type(description="One call that deleted runs, which `restoreRuns` undoes for a while.")
class Deletion(Node):
    count: int = strawberry.field(description="How many runs it deleted.")
    by: str
    at: datetime
    restorable_until: datetime | None = strawberry.field(
        description="From then on its runs may be removed for good at any time."
    )

    @classmethod
    def of(cls, row: models.Deletion) -> Self:
        return cls(
            id=client_id(Kind.DELETION, row.id),
            count=row.count,
            by=row.by,
            at=row.at,
            restorable_until=row.restorable_until,
        )

    @classmethod
    def maybe_of(cls, row: models.Deletion | None) -> Self | None:
        """The same for a row that may not be there."""
        return None if row is None else cls.of(row)
