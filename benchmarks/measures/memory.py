"""Resident memory of an idle follower, against a bare WebSocket of the same server."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial

import psutil

from benchmarks.crowd.client import bare
from benchmarks.figures import Base, Figure, Goal, Unit
from benchmarks.measures.delivery import (
    Announcer,
    Process,
    delivering,
    follower_of,
    service_source,
)
from benchmarks.rounds import interleaved
from benchmarks.size import Size

SECTION = "memory"
KIBIBYTE = 1024

Start = Callable[[], AbstractContextManager[Process]]


async def measure(start_service: Start, start_floor: Start, size: Size) -> list[Figure]:
    """A fresh process for each value: what was freed stays with a process that had more."""
    ours, base = await interleaved(
        size.rounds,
        [
            partial(_of_service, start_service, size.crowd),
            partial(_of_floor, start_floor, size.crowd),
        ],
    )
    name = f"per idle follower, of {size.crowd:,}"
    return [
        Figure(SECTION, name, Unit.KIBIBYTES, ours, Base("bare WebSocket", base), Goal(1.5)),
    ]


async def _of_service(start: Start, followers: int) -> float:
    with start() as process:
        for_a_first = await service_source(process.port)
        async with delivering(process, for_a_first, follower_of(process.port, for_a_first), 1):
            pass
        reporter = await service_source(process.port)
        before = _rss(process)
        opening = follower_of(process.port, reporter)
        async with delivering(process, reporter, opening, followers):
            return (_rss(process) - before) / followers / KIBIBYTE


async def _of_floor(start: Start, followers: int) -> float:
    with start() as process:
        await warmed_up(process)
        before = _rss(process)
        async with delivering(process, Announcer(), bare(process.port), followers):
            return (_rss(process) - before) / followers / KIBIBYTE


async def warmed_up(floor: Process) -> None:
    """One socket and one message at a floor, which load what is loaded once."""
    async with delivering(floor, Announcer("/first"), bare(floor.port, "/first"), 1):
        pass


def _rss(process: Process) -> float:
    rss: int = psutil.Process(process.pid).memory_info().rss
    return rss
