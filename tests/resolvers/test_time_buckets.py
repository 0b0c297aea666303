"""Where buckets begin, by the clocks of time zones that do as they please."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from models.instants import MICROSECOND, format_instant
from resolvers.errors import BadInput
from resolvers.time_buckets import LENGTH, MAX_BUCKETS, BucketSize, boundaries, zone

SECOND = timedelta(seconds=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def begins(first: str, until: str, size: BucketSize, name: str) -> list[str]:
    found = boundaries(at(first), at(until), size, ZoneInfo(name))
    return [format_instant(begin)[:16] for begin in found]


def test_days_of_a_zone_are_23_and_25_hours_long_where_the_clock_is_moved() -> None:
    spring = begins("2026-03-28T12:00", "2026-03-30T12:00", BucketSize.DAY, "Europe/Berlin")
    assert spring == [
        "2026-03-27T23:00",
        "2026-03-28T23:00",
        "2026-03-29T22:00",
        "2026-03-30T22:00",
    ]
    autumn = begins("2026-10-24T12:00", "2026-10-26T12:00", BucketSize.DAY, "Europe/Berlin")
    assert autumn == [
        "2026-10-23T22:00",
        "2026-10-24T22:00",
        "2026-10-25T23:00",
        "2026-10-26T23:00",
    ]


def test_weeks_begin_on_monday() -> None:
    weeks = begins("2026-11-29T22:59", "2026-11-29T23:01", BucketSize.WEEK, "Europe/Berlin")
    assert weeks == ["2026-11-22T23:00", "2026-11-29T23:00", "2026-12-06T23:00"]


def test_hours_begin_where_the_local_clock_shows_a_whole_one() -> None:
    hours = begins("2026-11-24T12:00", "2026-11-24T12:59", BucketSize.HOUR, "Asia/Kolkata")
    assert hours == ["2026-11-24T11:30", "2026-11-24T12:30", "2026-11-24T13:30"]
    hours = begins("2026-11-24T12:00", "2026-11-24T12:10", BucketSize.HOUR, "Asia/Kathmandu")
    assert hours == ["2026-11-24T11:15", "2026-11-24T12:15"]


def test_an_hour_that_the_clock_shows_twice_makes_two_buckets() -> None:
    hours = begins("2026-10-25T00:00", "2026-10-25T02:30", BucketSize.HOUR, "Europe/Berlin")
    assert hours == ["2026-10-25T00:00", "2026-10-25T01:00", "2026-10-25T02:00", "2026-10-25T03:00"]


def test_an_hour_ends_early_where_the_clock_is_moved_by_half_of_one() -> None:
    hours = begins("2026-04-04T14:00", "2026-04-04T16:00", BucketSize.HOUR, "Australia/Lord_Howe")
    assert hours == ["2026-04-04T14:00", "2026-04-04T14:30", "2026-04-04T15:30", "2026-04-04T16:30"]


def test_a_midnight_that_the_clock_skips_counts_when_it_goes_on() -> None:
    days = begins("2018-11-03T12:00", "2018-11-04T12:00", BucketSize.DAY, "America/Sao_Paulo")
    assert days == ["2018-11-03T03:00", "2018-11-04T03:00", "2018-11-05T02:00"]


def test_a_midnight_that_the_clock_shows_twice_counts_the_first_time() -> None:
    days = begins("2026-10-31T12:00", "2026-11-01T12:00", BucketSize.DAY, "America/Havana")
    assert days == ["2026-10-31T04:00", "2026-11-01T04:00", "2026-11-02T05:00"]


def test_a_day_that_was_left_out_makes_no_bucket() -> None:
    days = begins("2011-12-29T12:00", "2011-12-31T09:00", BucketSize.DAY, "Pacific/Apia")
    assert days == ["2011-12-29T10:00", "2011-12-30T10:00", "2011-12-31T10:00"]


@pytest.mark.parametrize("size", BucketSize)
@pytest.mark.parametrize(
    "name", ["UTC", "America/St_Johns", "Africa/Monrovia", "Asia/Pyongyang", "Antarctica/Troll"]
)
def test_buckets_ascend_and_hold_the_whole_time_whatever_the_zone(
    size: BucketSize, name: str
) -> None:
    for year in (1890, 1919, 1972, 1988, 2018, 2026):
        first = datetime(year, 1, 1, 0, 7, 13, 5, tzinfo=UTC)
        until = first + min(300 * LENGTH[size], timedelta(days=800))
        found = boundaries(first, until, size, ZoneInfo(name))
        assert found[0] <= first < found[1]
        assert found[-2] < until <= found[-1]
        assert all(begin < end for begin, end in pairwise(found))


def test_a_thousand_buckets_are_made_and_one_more_is_refused() -> None:
    first = at("2026-01-01T00:00")
    until = first + MAX_BUCKETS * timedelta(minutes=1)
    tz = ZoneInfo("UTC")
    assert len(boundaries(first, until, BucketSize.MINUTE, tz)) == MAX_BUCKETS + 1
    with pytest.raises(BadInput) as caught:
        boundaries(first, until + MICROSECOND, BucketSize.MINUTE, tz)
    assert caught.value.message == (
        "size: expected a size that makes at most 1000 buckets of the time asked for, "
        "got one that makes 1001"
    )
    almost = timedelta(seconds=30)  # a thousand minutes less one second, in 1001 of the clock's
    with pytest.raises(BadInput, match="got one that makes 1001"):
        boundaries(first + almost, until + almost - SECOND, BucketSize.MINUTE, tz)
    with pytest.raises(BadInput, match="got one that makes 525948000"):
        boundaries(first - timedelta(minutes=525_948_000), first, BucketSize.MINUTE, tz)


def test_the_ends_of_the_calendar_are_refused_where_a_zone_passes_them() -> None:
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    for span in ((first, first + SECOND), (last - SECOND, last)):
        with pytest.raises(BadInput, match=r"filter\.startedAt: expected times"):
            boundaries(*span, BucketSize.WEEK, ZoneInfo("America/New_York"))


@pytest.mark.parametrize("name", ["Europe/Berlin", "UTC", "Asia/Kolkata", "Etc/GMT+12"])
def test_zones_are_known_by_their_iana_names(name: str) -> None:
    assert zone(name).key == name


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../../etc/passwd", "America", "\0", "utc+1"])
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="timeZone: expected an IANA time zone such as"):
        zone(name)
