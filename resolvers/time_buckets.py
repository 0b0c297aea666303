"""Where buckets of time begin, by the clocks of a time zone.

DAY and WEEK begin at midnight by the wall clock, a week on Monday: a day may have 23 or 25 hours. A
midnight that the clock shows twice counts the first time, and one that it skips where it would have
been. HOUR and MINUTE begin where the wall clock shows a whole one: for +05:30 at half past in UTC.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from itertools import count, groupby
from zoneinfo import ZoneInfo, available_timezones

from resolvers.errors import BadInput, Phrase

#: Buckets of one answer: as many as a chart can show.
MAX_BUCKETS = 1_000


class BucketSize(StrEnum):
    MINUTE = "MINUTE"
    HOUR = "HOUR"
    DAY = "DAY"
    WEEK = "WEEK"


#: How long a bucket is while nobody moves the clock.
LENGTH = {
    BucketSize.MINUTE: timedelta(minutes=1),
    BucketSize.HOUR: timedelta(hours=1),
    BucketSize.DAY: timedelta(days=1),
    BucketSize.WEEK: timedelta(weeks=1),
}


@cache
def _names() -> frozenset[str]:
    return frozenset(available_timezones())


def zone(name: str) -> ZoneInfo:
    """The time zone of an IANA name. Raises BadInput."""
    if name not in _names():
        raise BadInput("timeZone", "an IANA time zone such as Europe/Berlin", name)
    return ZoneInfo(name)


def boundaries(first: datetime, until: datetime, size: BucketSize, tz: ZoneInfo) -> list[datetime]:
    """Where the buckets begin that hold first <= t < until, and where the last of them ends.

    In UTC and ascending. Raises BadInput for more than MAX_BUCKETS, with how many it would be.
    """
    _check_number(-((first - until) // LENGTH[size]))
    try:
        begins = _days if size in (BucketSize.DAY, BucketSize.WEEK) else _clock_units
        found = list(begins(first, until, size, tz))
    except OverflowError as error:
        raise BadInput("filter.startedAt", "times that every zone's calendar has", first) from error
    _check_number(len(found) - 1)
    return found


def _check_number(buckets: int) -> None:
    if buckets > MAX_BUCKETS:
        expected = f"a size that makes at most {MAX_BUCKETS} buckets of the time asked for"
        raise BadInput("size", expected, Phrase(f"one that makes {buckets}"))


def _days(first: datetime, until: datetime, size: BucketSize, tz: ZoneInfo) -> Iterator[datetime]:
    day = first.astimezone(tz).date()
    if size is BucketSize.WEEK:
        day -= timedelta(days=day.weekday())
    if _midnight(day, tz) > first:  # before 1970 some clocks skipped more than midnight itself
        day -= LENGTH[size]
    midnights = (_midnight(day + n * LENGTH[size], tz) for n in count())
    # A day that a zone left out, as Samoa did to cross the date line, begins with the next one.
    for begin, _ in groupby(midnights):
        yield begin
        if begin >= until:
            return


def _midnight(day: date, tz: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, tz).astimezone(UTC)


def _clock_units(
    first: datetime, until: datetime, size: BucketSize, tz: ZoneInfo
) -> Iterator[datetime]:
    begin = first - _past(first, size, tz)
    while begin < until:
        yield begin
        begin += LENGTH[size]
        # Where the clock was moved by a part of an hour this bucket ends early.
        begin -= _past(begin, size, tz)
    yield begin


def _past(at: datetime, size: BucketSize, tz: ZoneInfo) -> timedelta:
    """How much of its hour or minute has gone by on the wall clock."""
    wall = at.astimezone(tz)
    minutes = 0 if size is BucketSize.MINUTE else wall.minute
    return timedelta(minutes=minutes, seconds=wall.second, microseconds=wall.microsecond)
