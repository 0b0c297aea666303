"""Asking again and again: how many answers a second, and how long one takes."""

from __future__ import annotations

import asyncio
import time

from benchmarks.figures import Latency
from benchmarks.http_client import connected

#: Connections that ask at once: enough that the process under load never waits for us.
CONNECTIONS = 8


async def requests_per_second(port: int, path: str, body: bytes, seconds: float) -> float:
    """Answers a second to CONNECTIONS clients, each of which asks again once it has its answer."""

    async def ask_until(deadline: float) -> int:
        answers = 0
        async with connected(port) as http:
            while time.perf_counter() < deadline:
                await http.post(path, body)
                answers += 1
        return answers

    began = time.perf_counter()
    answers = await asyncio.gather(*(ask_until(began + seconds) for _ in range(CONNECTIONS)))
    return sum(answers) / (time.perf_counter() - began)


async def waits(port: int, path: str, body: bytes, requests: int) -> list[float]:
    """Seconds from each request to its answer, for one client that asks one after the other."""
    taken = []
    async with connected(port) as http:
        for _ in range(requests):
            began = time.perf_counter()
            await http.post(path, body)
            taken.append(time.perf_counter() - began)
    return taken


async def latency(port: int, path: str, body: bytes, requests: int) -> Latency:
    """The same as quantiles."""
    return Latency.of(await waits(port, path, body, requests))
