from __future__ import annotations

from datetime import datetime

import strawberry

from resolvers.run_filter import InstantRange, NumberRange


@strawberry.input(description="`from` ≤ t < `until`; an end that is absent is open.")
class DateTimeRange:
    start: datetime | None = strawberry.field(name="from", default=None)
    until: datetime | None = None

    def plain(self) -> InstantRange:
        return InstantRange(self.start, self.until)


@strawberry.input(description="`from` ≤ x < `until`; an end that is absent is open.")
class FloatRange:
    start: float | None = strawberry.field(name="from", default=None)
    until: float | None = None

    def plain(self) -> NumberRange:
        return NumberRange(_plain(self.start), _plain(self.until))


def _plain(value: float | None) -> float | None:
    """Without the text that a client's number may remember, which no database driver expects."""
    return None if value is None else float(value)
