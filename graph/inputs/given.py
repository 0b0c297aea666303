"""What a client left out, or set to null where null has no meaning."""

from __future__ import annotations

from typing import TypeVar

from strawberry import UNSET

T = TypeVar("T")


def told(value: T | None) -> T | None:
    """The value of a field of a `@oneOf` input; None where another one was given."""
    return None if value is UNSET else value


def given(value: T | None, default: T) -> T:
    """The value; the default of the schema also where null was given."""
    return default if value is None else value
