"""Times: exact to the microsecond, always with a zone."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.instants import (
    FOREVER,
    Instants,
    format_instant,
    from_micros,
    parse_instant,
    span_micros,
    to_micros,
)

INSTANTS = st.datetimes(
    min_value=datetime(1, 1, 3),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(9999, 12, 29),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@given(INSTANTS)
def test_an_instant_survives_the_database_and_the_wire(instant: datetime) -> None:
    assert from_micros(to_micros(instant)) == instant
    assert parse_instant(format_instant(instant)) == instant


@given(st.lists(INSTANTS))
def test_many_are_written_as_each_is(instants: list[datetime]) -> None:
    many = Instants([to_micros(instant) for instant in instants])
    assert list(many) == instants
    texts = [format_instant(instant).encode() for instant in instants]
    assert many.texts() == texts
    repeated = Instants(list(many.micros) * 3)
    assert repeated.texts() == texts * 3


@given(INSTANTS, INSTANTS)
def test_text_and_number_sort_as_the_instants_do(one: datetime, other: datetime) -> None:
    assert (one < other) == (to_micros(one) < to_micros(other))
    assert (one < other) == (format_instant(one) < format_instant(other))
    assert span_micros(one, other) == to_micros(other) - to_micros(one)


def test_forever_fits_a_64_bit_integer_and_comes_back() -> None:
    assert from_micros(to_micros(FOREVER)) == FOREVER


def test_any_zone_is_understood_and_utc_is_given() -> None:
    instant = parse_instant("2026-11-24T01:47:19.5+05:30")
    assert instant == datetime(
        2026, 11, 24, 1, 47, 19, 500000, tzinfo=timezone(timedelta(hours=5, minutes=30))
    )
    assert format_instant(instant) == "2026-11-23T20:17:19.500000Z"


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24T01:47:19",
        "2026-11-24",
        "1764000000",
        "2026-11-24T01:47:19Zjunk",
        "2026-13-24T01:47:19Z",
        "2026-02-30T01:47:19Z",
        "2026-11-24T25:47:19Z",
        "0001-01-01T00:00:00+23:59",
        "",
        "now",
    ],
)
def test_what_is_no_time_with_a_zone_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        parse_instant(text)
