"""Lines appended per second with redaction on, against off: over GraphQL and by the resolver."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from benchmarks.figures import Base, Figure, Goal, Unit
from benchmarks.load import per_second
from benchmarks.measures.appending import (
    BATCH_LINES,
    MANY,
    Alone,
    lines_per_second,
    reporters_of,
)
from benchmarks.reporter import Reporter
from benchmarks.rounds import Measure, interleaved
from benchmarks.size import Size
from live.hub import Hub
from models.database import database
from resolvers.redaction import default_redactor, no_redactor
from resolvers.service import Service

SECTION = "redaction"
OFF = "off"
#: A tenth of the speed: issue "Trust", secrets.
GOAL = Goal(1.1)


async def measure(on: int, off: int, url: str, size: Size) -> list[Figure]:
    """By the ports of two services, and a database that no other process has."""
    many_on, many_off = await reporters_of(on, MANY), await reporters_of(off, MANY)

    def over_graphql(port: int, reporters: Sequence[Reporter]) -> Measure[float]:
        return partial(lines_per_second, port, reporters, size.load_seconds)

    async with database(url):
        redacting = await Alone.begin(BATCH_LINES, Service(Hub(), redactor=default_redactor()))
        as_told = await Alone.begin(BATCH_LINES, Service(Hub(), redactor=no_redactor()))
        measures: list[Measure[float]] = [
            over_graphql(on, many_on),
            over_graphql(off, many_off),
            partial(per_second, [redacting.append], size.load_seconds),
            partial(per_second, [as_told.append], size.load_seconds),
        ]
        told_on, told_off, alone_on, alone_off = await interleaved(size.rounds, measures)
    return [
        _figure(f"over GraphQL, {MANY} reporters", told_on, told_off),
        _figure("append_logs alone, in one process", alone_on, alone_off),
    ]


def _figure(name: str, on: list[float], off: list[float]) -> Figure:
    title = f"{name}, {BATCH_LINES} lines a call"
    return Figure(SECTION, title, Unit.LINES, on, Base(OFF, off), GOAL)
