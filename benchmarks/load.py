"""Asking again and again: how much gets done in a second, and how long one answer takes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack

from benchmarks.figures import Latency
from benchmarks.http_client import HttpClient, connected

#: Connections that ask at once: enough that the process under load never waits for us.
CONNECTIONS = 8
#: What does not count at the beginning of a round: connections are made and caches are warmed.
WARM_UP_SECONDS = 0.2
#: Of timed requests: one more for every so many, and one at least.
WARM_UP_ONE_OF = 20
#: Seconds that timed requests may take in one round: on a busy machine there are fewer of them.
WAITS_SECONDS = 4.0

#: Does something once, and tells how much that was.
Turn = Callable[[], Awaitable[int]]


async def per_second(workers: Sequence[Turn], seconds: float) -> float:
    """What all workers get done in a second; each takes turn after turn."""
    began = time.perf_counter() + WARM_UP_SECONDS

    async def work(turn: Turn) -> int:
        done = 0
        while (now := time.perf_counter()) < began + seconds:
            amount = await turn()
            if now >= began:
                done += amount
        return done

    done = await asyncio.gather(*map(work, workers))
    return sum(done) / (time.perf_counter() - began)


async def requests_per_second(port: int, path: str, body: bytes, seconds: float) -> float:
    """Answers a second to CONNECTIONS clients, each of which asks again once it has its answer."""

    def asking(http: HttpClient) -> Turn:
        async def ask() -> int:
            await http.post(path, body)
            return 1

        return ask

    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(connected(port)) for _ in range(CONNECTIONS)]
        return await per_second(list(map(asking, clients)), seconds)


async def waits(port: int, path: str, body: bytes, requests: int) -> list[float]:
    """Seconds from each request to its answer, for one client that asks one after the other."""
    taken: list[float] = []
    async with connected(port) as http:
        for _ in range(1 + requests // WARM_UP_ONE_OF):
            await http.post(path, body)
        deadline = time.perf_counter() + WAITS_SECONDS
        while len(taken) < requests and (began := time.perf_counter()) < deadline:
            await http.post(path, body)
            taken.append(time.perf_counter() - began)
    return taken


async def latency(port: int, path: str, body: bytes, requests: int) -> Latency:
    """The same as quantiles."""
    return Latency.of(await waits(port, path, body, requests))
