"""Rounds: A B, B A, A B, …, so that whatever else the machine does hits both alike."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

T = TypeVar("T")

Measure = Callable[[], Awaitable[T]]


async def interleaved(rounds: int, measures: Sequence[Measure[T]]) -> list[list[T]]:
    """For each measure its value in every round. A first round warms up and does not count."""
    taken: list[list[T]] = [[] for _ in measures]
    numbered = list(enumerate(measures))
    for round_number in range(rounds + 1):
        for index, measure in numbered if round_number % 2 else reversed(numbered):
            value = await measure()
            if round_number:
                taken[index].append(value)
    return taken
