"""Points in time and spans of it, as stored and as told.

Inside the service a point in time is an aware `datetime` in UTC. In the database it is a
64-bit count of microseconds since 1970-01-01T00:00:00Z, the same on SQLite and PostgreSQL
(docs/decisions/0002). Outside it is RFC 3339 with microseconds and "Z".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import overload

import orjson

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

#: The end of what has not ended. It sorts behind every other time, so that keyset pages need no
#: special case for null: active runs come first in DESC and last in ASC.
FOREVER = datetime.max.replace(tzinfo=UTC)

#: The duration, in microseconds, of what has not ended: the largest 64-bit integer.
ENDLESS = 2**63 - 1

# RFC 3339 section 5.6. The zone is mandatory: without one a time means nothing elsewhere.
_RFC3339 = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)


def utc_now() -> datetime:
    """The present, in UTC: the real clock, where functions that decide by time take one."""
    return datetime.now(UTC)


def to_micros(instant: datetime) -> int:
    """Microseconds since the epoch, exact (floats are not: they lose the last digit after 2004)."""
    return (instant - EPOCH) // MICROSECOND


def from_micros(micros: int) -> datetime:
    """The instant that is `micros` microseconds after the epoch."""
    return EPOCH + timedelta(microseconds=micros)


def span_micros(start: datetime, end: datetime) -> int:
    """Microseconds from start to end."""
    return (end - start) // MICROSECOND


def format_instant(instant: datetime) -> str:
    """RFC 3339 in UTC with six digits of a second: `2026-11-24T01:47:19.000000Z`."""
    return f"{instant.astimezone(UTC).isoformat(timespec='microseconds')[:-6]}Z"


def parse_instant(text: str) -> datetime:
    """Read an RFC 3339 time; digits beyond the microsecond are cut off.

    Raises ValueError, with what was expected, for anything else: a time without a zone above all.
    """
    match = _RFC3339.fullmatch(text)
    if match is None:
        raise ValueError("expected an RFC 3339 time with a zone, such as 2026-11-24T01:47:19Z")
    day, clock, fraction, zone = match.groups()
    micros = (fraction or "").ljust(6, "0")[:6]
    zone = "+00:00" if zone in "Zz" else zone
    try:
        return datetime.fromisoformat(f"{day}T{clock}.{micros}{zone}").astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"expected a time that exists ({error})") from error


class Instants(Sequence[datetime]):
    """Points in time as the database has them, made into a `datetime` where one is asked for."""

    __slots__ = ("micros",)

    def __init__(self, micros: Sequence[int]) -> None:
        self.micros = micros

    def texts(self) -> list[bytes]:
        """Each as `format_instant` writes it, in ASCII."""
        differing = set(self.micros)
        if 2 * len(differing) > len(self.micros):
            return _texts(self.micros)
        # The lines of a call have its own time, unless they say otherwise.
        texts = dict(zip(differing, _texts(differing), strict=True))
        return [texts[micros] for micros in self.micros]

    def __len__(self) -> int:
        return len(self.micros)

    @overload
    def __getitem__(self, index: int) -> datetime: ...
    @overload
    def __getitem__(self, index: slice) -> Instants: ...
    def __getitem__(self, index: int | slice) -> datetime | Instants:
        if isinstance(index, slice):
            return Instants(self.micros[index])
        return from_micros(self.micros[index])


def _texts(micros: Collection[int]) -> list[bytes]:
    if not micros:
        return []
    digits = orjson.dumps(list(micros))[1:-1].split(b",")
    # The last six are those of the fraction; before the first seconds of 1970 there are fewer.
    if min(map(len, digits)) <= _FRACTION or b"-" in b"".join(digits):
        return [format_instant(from_micros(int(each))).encode() for each in digits]
    seconds = _Seconds()
    return [seconds[each[:-_FRACTION]] + each[-_FRACTION:] + b"Z" for each in digits]


#: Digits of a second's fraction.
_FRACTION = 6


class _Seconds(dict[bytes, bytes]):
    """Whole seconds since the epoch as they are written, each found once."""

    def __missing__(self, digits: bytes) -> bytes:
        moment = EPOCH + timedelta(seconds=int(digits))
        text = self[digits] = moment.isoformat(timespec="seconds")[:-6].encode() + b"."
        return text
