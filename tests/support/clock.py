"""A clock that stands until it is moved."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)


class Clock:
    """Time as a test wants it: call it for the present, `advance` it."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> datetime:
        """Let time pass; the new present."""
        self.now += timedelta(seconds=seconds)
        return self.now
