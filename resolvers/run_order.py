"""What runs are ordered by."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from resolvers.keyset import Keyset


class RunOrderField(StrEnum):
    STARTED_AT = "STARTED_AT"
    COMPLETED_AT = "COMPLETED_AT"
    DURATION = "DURATION"


class OrderDirection(StrEnum):
    ASC = "ASC"
    DESC = "DESC"


@dataclass(frozen=True, slots=True)
class RunOrder:
    """Among equals runs are ordered by id, in the same direction.

    By COMPLETED_AT and DURATION active runs come first in DESC and last in ASC: FOREVER and ENDLESS
    stand in their columns.
    """

    field: RunOrderField = RunOrderField.STARTED_AT
    direction: OrderDirection = OrderDirection.DESC

    def keyset(self) -> Keyset:
        """The same as the database reads it."""
        return Keyset(
            f"runs by {self.field} {self.direction}",
            self.field.lower(),
            descending=self.direction is OrderDirection.DESC,
        )
