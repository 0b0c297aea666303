"""Rows that the shape of the API says are there."""

from __future__ import annotations

from typing import TypeVar

from resolvers.errors import NotFound

T = TypeVar("T")


def present(row: T | None, what: str) -> T:
    """The row; an error where it was deleted after what refers to it was read."""
    if row is None:
        raise NotFound(f"the {what} was deleted meanwhile")
    return row
