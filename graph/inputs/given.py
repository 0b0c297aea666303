"""What a client left out, or set to null where null has no meaning."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


def given(value: T | None, default: T) -> T:
    """The value; the default of the schema also where null was given."""
    return default if value is None else value
