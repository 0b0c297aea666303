"""A log of a million lines: its ends against a short one's, and what following all of it takes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import psutil

from benchmarks.crowd.client import OPERATION_ID, bare, crowd, subscribed
from benchmarks.crowd.crowd_socket import Opening
from benchmarks.figures import Base, Figure, Goal, Unit, latency_figures
from benchmarks.http_client import GRAPHQL, graphql_body
from benchmarks.load import latency
from benchmarks.measures.delivery import FOLLOW, Process
from benchmarks.rounds import interleaved
from benchmarks.size import Size

SECTION = "logs"

_LINES = "{ nodes { sequence at level stream stepKey message } }"
#: The two ends of a log, as a page of it: the most lines there may be, and what a screen shows.
_ENDS = {
    "first 1,000 lines": "logs(first: 1000)",
    "last 100 lines": "logs(last: 100)",
}
#: Seconds between looks at the service's memory.
_SAMPLE_SECONDS = 0.02
_MEBIBYTE = 1024 * 1024
#: Seconds that following the long log may take.
_PATIENCE = 120.0


async def measure_pages(service: int, long: str, short: str, size: Size) -> list[Figure]:
    """Pages at both ends of the long run's log against those of the short one's, by their ids."""
    figures = []
    for name, field in _ENDS.items():
        document = f"query Lines($id: ID!) {{ run(id: $id) {{ {field} {_LINES} }} }}"
        bodies = [graphql_body(document, id=run_id) for run_id in (long, short)]
        waits = await interleaved(
            size.rounds,
            [partial(latency, service, GRAPHQL, body, size.timed_requests // 2) for body in bodies],
        )
        title = f"{name} of {size.lines:,}"
        base = f"of {size.short_lines:,}"
        figures += latency_figures(SECTION, title, waits[0], base, waits[1], Goal(2))
    return figures


async def measure_following(
    service: Process, floor: Process, long: str, size: Size
) -> list[Figure]:
    """Follow the long run from its first line to its end, and watch the service's memory.

    By the service and benchmarks/floor/catching_up.py.
    """
    stored = f"/{long.removeprefix('run_')}/{OPERATION_ID}"
    bare_rate = await _lines_per_second(bare(floor.port, stored), size.lines)
    process = psutil.Process(service.pid)
    at_rest = process.memory_info().rss / _MEBIBYTE
    async with _peak_of(process) as peak:
        rate = await _lines_per_second(subscribed(service.port, FOLLOW, runId=long), size.lines)
    title = f"following all {size.lines:,} lines"
    floor_rate = Base("same bytes, read and sent", [bare_rate])
    base = Base("at rest", [at_rest])
    return [
        Figure(SECTION, title, Unit.LINES, [rate], floor_rate, Goal(2)),
        Figure(SECTION, f"{title}, peak memory", Unit.MEBIBYTES, [max(peak)], base),
    ]


async def _lines_per_second(opening: Opening, lines: int) -> float:
    """All lines, each once and in order, over one socket."""
    async with crowd() as audience:
        began = time.perf_counter()
        await audience.open([opening])
        await audience.reach(lines, _PATIENCE)
        return lines / (time.perf_counter() - began)


@asynccontextmanager
async def _peak_of(process: psutil.Process) -> AsyncIterator[list[float]]:
    """Samples of the resident memory of a process during the block, in MiB."""
    samples = [process.memory_info().rss / _MEBIBYTE]

    async def sample() -> None:
        while True:
            await asyncio.sleep(_SAMPLE_SECONDS)
            samples.append(process.memory_info().rss / _MEBIBYTE)

    sampling = asyncio.create_task(sample())
    try:
        yield samples
    finally:
        sampling.cancel()
