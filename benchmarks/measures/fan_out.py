"""Messages to a thousand followers of one run, against sending the same bytes to as many."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from benchmarks.crowd.client import bare
from benchmarks.figures import Base, Figure, Goal, Unit
from benchmarks.measures.delivery import (
    LINES,
    Announcer,
    Process,
    Round,
    delivering,
    follower_of,
    service_source,
)
from benchmarks.rounds import interleaved
from benchmarks.size import Size

SECTION = "fan-out"
FLOOR = "same bytes, sent"


async def measure(service: Process, floor: Process, size: Size) -> list[Figure]:
    """By the service and benchmarks/floor/channels.py."""
    reporter = await service_source(service.port)
    own = follower_of(service.port, reporter)
    async with (
        delivering(service, reporter, own, size.crowd) as ours,
        delivering(floor, Announcer(), bare(floor.port), size.crowd) as base,
    ):
        rounds = await interleaved(
            size.rounds, [partial(one.round, size.load_seconds) for one in (ours, base)]
        )
    return _figures(f"{size.crowd:,} followers, {LINES} lines of 100 characters", *rounds)


def _figures(name: str, ours: Sequence[Round], base: Sequence[Round]) -> list[Figure]:
    return [
        Figure(
            SECTION,
            name,
            Unit.MESSAGES,
            [one.messages_per_second for one in ours],
            Base(FLOOR, [one.messages_per_second for one in base]),
            Goal(1 / 0.7),
        ),
        Figure(
            SECTION,
            f"{name}, CPU per message",
            Unit.MICROSECONDS,
            [one.cpu_per_message for one in ours],
            Base(FLOOR, [one.cpu_per_message for one in base]),
            Goal(1.4),
        ),
        Figure(
            SECTION,
            f"{name}, in a message",
            Unit.COUNT,
            [one.lines_per_message for one in ours],
            Base(FLOOR, [one.lines_per_message for one in base]),
        ),
    ]
