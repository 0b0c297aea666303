"""Lines appended per second with redaction on, against off: over GraphQL and by the resolver."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from benchmarks.data.lines import message, tenth_with_secret, with_secret
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
PLAIN = "no secret"
#: The goal is of what logs are like. Others show what a secret costs.
TEXTS = {
    PLAIN: message,
    "a secret in one line of ten": tenth_with_secret,
    "a secret in every line": with_secret,
}


async def measure(on: int, off: int, url: str, size: Size) -> list[Figure]:
    """By the ports of two services, and a database that no other process has."""
    many_on, many_off = await reporters_of(on, MANY), await reporters_of(off, MANY)

    def over_graphql(port: int, reporters: Sequence[Reporter]) -> Measure[float]:
        return partial(lines_per_second, port, reporters, size.load_seconds)

    measures: list[Measure[float]] = [over_graphql(on, many_on), over_graphql(off, many_off)]
    async with database(url):
        for text in TEXTS.values():
            for redactor in (default_redactor(), no_redactor()):
                alone = await Alone.begin(BATCH_LINES, Service(Hub(), redactor=redactor), text)
                measures.append(partial(per_second, [alone.append], size.load_seconds))
        told_on, told_off, *alone_each = await interleaved(size.rounds, measures)
    figures = [_figure(f"over GraphQL, {MANY} reporters", told_on, told_off, GOAL)]
    for name, redacting, as_told in zip(TEXTS, alone_each[::2], alone_each[1::2], strict=True):
        goal = GOAL if name == PLAIN else None
        title = f"append_logs alone, in one process, {name}"
        figures.append(_figure(title, redacting, as_told, goal))
    return figures


def _figure(name: str, on: list[float], off: list[float], goal: Goal | None) -> Figure:
    title = f"{name}, {BATCH_LINES} lines a call"
    return Figure(SECTION, title, Unit.LINES, on, Base(OFF, off), goal)
