"""Rounds: A B, B A, A B, …, so that whatever else the machine does hits both alike."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

T = TypeVar("T")

#: Takes one round of one thing. It warms up by itself.
Measure = Callable[[], Awaitable[T]]


async def interleaved(rounds: int, measures: Sequence[Measure[T]]) -> list[list[T]]:
    """For each measure its value in every round."""
    taken: list[list[T]] = [[] for _ in measures]
    numbered = list(enumerate(measures))
    for round_number in range(rounds):
        for index, measure in reversed(numbered) if round_number % 2 else numbered:
            taken[index].append(await measure())
    return taken
