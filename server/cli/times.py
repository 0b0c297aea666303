"""Points in time and durations, as people write and read them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AGO = re.compile(r"(\d{1,6})([smhdw])", re.ASCII)


def instant_of(text: str, now: datetime) -> str:
    """The RFC 3339 time that `text` means.

    `90s`, `30m`, `24h`, `7d`, `2w` are so long before `now`. Anything else is ISO 8601, a date or
    a date and a time; without a zone it is local time. Raises ValueError with what was expected.
    """
    ago = _AGO.fullmatch(text)
    try:
        if ago:
            instant = now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        else:
            instant = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(
            f"expected a time such as 2026-11-24T08:00, 2026-11-24 or 24h, got {text!r}"
        ) from error
    return rfc3339(instant)


def rfc3339(instant: datetime) -> str:
    """In UTC, with microseconds and "Z"."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def local(text: str | None) -> str:
    """An RFC 3339 time as the clock on the wall shows it, to the second; "" for none."""
    return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M:%S") if text else ""


def duration(seconds: float | None) -> str:
    """`3.2 s`, `4 min 05 s`, `2 h 03 min`, `3 d 04 h`; "" for none."""
    if seconds is None:
        return ""
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = int(seconds)
    for size, name, part, part_name in (
        (86400, "d", 3600, "h"),
        (3600, "h", 60, "min"),
        (60, "min", 1, "s"),
    ):
        if whole >= size:
            return f"{whole // size} {name} {whole % size // part:02} {part_name}"
    raise AssertionError("a minute is at least 60 seconds")
