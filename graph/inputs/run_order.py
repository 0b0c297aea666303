from __future__ import annotations

import strawberry

from graph.enums import OrderDirection, RunOrderField
from resolvers import run_order


@strawberry.input(description="What runs are ordered by; among equals, by their ids.")
class RunOrder:
    field: RunOrderField
    direction: OrderDirection

    def plain(self) -> run_order.RunOrder:
        return run_order.RunOrder(self.field, self.direction)


#: The latest first.
NEWEST_FIRST = RunOrder(field=RunOrderField.STARTED_AT, direction=OrderDirection.DESC)
