"""Many runs with one follower each and a line a second each."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial

from benchmarks.crowd.client import Crowd, bare, crowd
from benchmarks.crowd.crowd_socket import Opening
from benchmarks.figures import Figure, Goal, Latency, Unit, latency_figures
from benchmarks.http_client import HttpClient, connected
from benchmarks.measures.delivery import (
    Announcer,
    Process,
    Source,
    follower_of,
    service_source,
)
from benchmarks.reporter import Reporter
from benchmarks.rounds import interleaved
from benchmarks.size import Size

SECTION = "many runs"
FLOOR = "same bytes, sent"
#: Connections that the runs' reporters share: a line waits for one only where the service is late.
_CONNECTIONS = 64
#: Runs that are started at once.
_STARTED_AT_ONCE = 16
#: A round is given up after so many times its length; what is not told by then is late.
_SLOWEST = 2
#: Seconds in which a line has to arrive.
SECOND = 1.0


async def measure(service: Process, floor: Process, size: Size) -> list[Figure]:
    """By the service and benchmarks/floor/channels.py."""
    limit = asyncio.Semaphore(_STARTED_AT_ONCE)

    async def started() -> Reporter:
        async with limit:
            return await service_source(service.port, lines=1)

    reporters = await asyncio.gather(*(started() for _ in range(size.crowd)))
    announcers = [Announcer(f"/{number}", lines=1) for number in range(size.crowd)]
    async with crowd() as ours, crowd() as base:
        sides = [
            _Runs(service, reporters, ours),
            _Runs(floor, announcers, base),
        ]
        await sides[0].open([follower_of(service.port, one) for one in reporters])
        await sides[1].open([bare(floor.port, one.path) for one in announcers])
        rounds, bare_rounds = await interleaved(
            size.rounds, [partial(side.round, size.paced_seconds) for side in sides]
        )
    name = f"{size.crowd:,} runs, a follower and a line a second each"
    waits = [[one.latency for one in told] for told in (rounds, bare_rounds)]
    late = [[float(one.late) for one in told] for told in (rounds, bare_rounds)]
    p50, p99 = latency_figures(SECTION, f"{name}, due to arrival", waits[0], FLOOR, waits[1])
    total = size.crowd * size.paced_seconds
    return [
        p50,
        Figure(p99.section, p99.name, p99.unit, p99.rounds, p99.base, Goal(3)),
        Figure(
            SECTION,
            f"{name}, not arrived within theirs, of {total:,}",
            Unit.COUNT,
            late[0],
            goal=Goal(0, is_of_value=True),
        ),
        Figure(SECTION, f"the same at the floor, of {total:,}", Unit.COUNT, late[1]),
    ]


@dataclass(frozen=True, slots=True)
class _Round:
    latency: Latency
    #: Lines that did not arrive within a second after they were due.
    late: int


class _Runs:
    """Runs of one process, each with its follower."""

    def __init__(self, process: Process, sources: Sequence[Source], audience: Crowd) -> None:
        self._process, self._sources, self._audience = process, sources, audience

    async def open(self, openings: Sequence[Opening]) -> None:
        """One line for each: then all are followed."""
        await self._audience.open(openings, timed=True)
        await self._tell([0.0] * len(self._sources), float("inf"))
        await self._audience.reach(1)

    async def round(self, seconds: int) -> _Round:
        """Each run's lines are due a second apart, and the runs evenly within a second."""
        await self._audience.arrivals()
        runs = len(self._sources)
        told_before = [source.offset for source in self._sources]
        # By socket, the next line to arrive.
        nexts = [offset + 1 for offset in told_before]
        began = time.perf_counter()
        due = [began + SECOND * number / runs for number in range(runs * seconds)]
        await self._tell(due, began + _SLOWEST * SECOND * seconds)
        # What is under way has a second to arrive; who comes later is late.
        await asyncio.sleep(SECOND)
        waits = []
        for socket, last, at in await self._audience.arrivals():
            # One message may bring several lines, also of the round before.
            for line in range(nexts[socket], last + 1):
                waits.append(at - due[(line - told_before[socket] - 1) * runs + socket])
            nexts[socket] = max(nexts[socket], last + 1)
        in_time = sum(wait <= SECOND for wait in waits)
        return _Round(Latency.of(waits), runs * seconds - in_time)

    async def _tell(self, due: Sequence[float], deadline: float) -> None:
        """Tell line after line, each when it is due, or as soon as a connection is free."""
        numbers = iter(range(len(due)))

        async def work(http: HttpClient) -> None:
            for number in numbers:
                if time.perf_counter() > deadline:
                    return
                await asyncio.sleep(due[number] - time.perf_counter())
                await self._sources[number % len(self._sources)].append(http)

        async with AsyncExitStack() as stack:
            port = self._process.port
            clients = [
                await stack.enter_async_context(connected(port)) for _ in range(_CONNECTIONS)
            ]
            await asyncio.gather(*map(work, clients))
