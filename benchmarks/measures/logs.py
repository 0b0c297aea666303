"""A log of a million lines: its ends against a short one's, and what following all of it takes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import psutil

from benchmarks.figures import Base, Figure, Unit, latency_figures
from benchmarks.http_client import GRAPHQL, BadAnswer, graphql_body
from benchmarks.load import latency
from benchmarks.rounds import interleaved
from benchmarks.size import Size
from benchmarks.sockets import subscribed

SECTION = "logs"

_LINES = "{ nodes { sequence at level stream stepKey message } }"
#: The two ends of a log, as a page of it: the most lines there may be, and what a screen shows.
_ENDS = {
    "first 1,000 lines": "logs(first: 1000)",
    "last 100 lines": "logs(last: 100)",
}
FOLLOW = """
subscription Follow($runId: ID!) {
  logLines(runId: $runId) { lines { sequence message } end }
}
"""
#: Seconds between looks at the service's memory.
_SAMPLE_SECONDS = 0.02
_MEBIBYTE = 1024 * 1024


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
        figures += latency_figures(SECTION, title, waits[0], base, waits[1])
    return figures


async def measure_following(service: int, pid: int, long: str, size: Size) -> list[Figure]:
    """Follow the long run from its first line to its end, and watch the service's memory."""
    process = psutil.Process(pid)
    at_rest = process.memory_info().rss / _MEBIBYTE
    began = time.perf_counter()
    async with _peak_of(process) as peak:
        lines = await _follow(service, long)
    took = time.perf_counter() - began
    if lines != size.lines:
        raise BadAnswer(f"followed {lines} lines of {size.lines}")
    title = f"following all {size.lines:,} lines"
    base = Base("at rest", [at_rest])
    return [
        Figure(SECTION, title, Unit.LINES, [lines / took]),
        Figure(SECTION, f"{title}, peak memory", Unit.MEBIBYTES, [max(peak)], base),
    ]


async def _follow(service: int, run_id: str) -> int:
    """How many lines came, each once and in order."""
    expected = 1
    async with subscribed(service, FOLLOW, runId=run_id) as results:
        async for result in results:
            for line in result["logLines"]["lines"]:
                if line["sequence"] != expected:
                    raise BadAnswer(f"got line {line['sequence']}, expected {expected}")
                expected += 1
    return expected - 1


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
