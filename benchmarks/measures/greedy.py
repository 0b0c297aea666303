"""What a bystander waits while a greedy client is being refused, against a quiet service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from itertools import cycle

import orjson

from benchmarks.figures import Figure, Goal, Latency, latency_figures
from benchmarks.http_client import GRAPHQL, BadAnswer, HttpClient, connected, graphql_body
from benchmarks.load import latency
from benchmarks.rounds import interleaved
from benchmarks.size import Size

SECTION = "greedy clients"
QUIET = "quiet"
#: The p99 of a bystander's wait, at most so many times that of a quiet service.
GOAL = Goal(2.0)
#: For a p99 that is more than the longest wait.
WAITS_PER_ROUND = 5
BYSTANDER = graphql_body("{ __typename }")


def _aliases(number: int) -> str:
    return "{ " + " ".join(f"a{number}_{each}: __typename" for each in range(1_000)) + " }"


def _depth(number: int) -> str:
    return f"query Q{number} " + "{ a" * 5_000 + " }" * 5_000


def _digits(number: int) -> str:
    return f"query Q{number} {{ runs(first: {'9' * 5_000}) {{ nodes {{ id }} }} }}"


def _fragments(number: int) -> str:
    bomb = (f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(60))
    return f"query Q{number} {{ ...F0 }} {' '.join(bomb)} fragment F60 on Query {{ __typename }}"


def _pages(number: int) -> str:
    inner = "agent { runs(first: 200) { nodes { id status } } }"
    return f"query Q{number} {{ runs(first: 200) {{ nodes {{ {inner} }} }} }}"


#: Each makes documents of which no two are the same, so that none is remembered.
GREEDY: dict[str, Callable[[int], str]] = {
    "1,000 aliases": _aliases,
    "5,000 levels": _depth,
    "a number of 5,000 digits": _digits,
    "fragments that double 60 times": _fragments,
    "pages of 200 in pages of 200": _pages,
}


def _new(number: int) -> str:
    return f"query Q{number} {{ runs(first: 1) {{ nodes {{ {'id status ' * 240} }} }} }}"


#: Within all limits, and none that is remembered: it is answered, at its own pace.
ALLOWED = {"new documents of 480 fields": _new}


async def measure(service: int, size: Size) -> list[Figure]:
    """By the port of the service."""
    figures: list[Figure] = []
    for name, make in {**GREEDY, **ALLOWED}.items():
        requests = size.timed_requests * WAITS_PER_ROUND
        quiet = partial(latency, service, GRAPHQL, BYSTANDER, requests)
        beside = partial(_beside, service, make, name in GREEDY, quiet)
        held, alone = await interleaved(size.rounds, [beside, quiet])
        goal = GOAL if name in GREEDY else None
        figures += latency_figures(SECTION, f"beside {name}", held, QUIET, alone)[:1]
        figures += latency_figures(SECTION, f"beside {name}", held, QUIET, alone, goal)[1:]
    return figures


async def _beside(
    service: int,
    make: Callable[[int], str],
    is_refused: bool,
    measured: Callable[[], Awaitable[Latency]],
) -> Latency:
    """The same while a client asks for too much, again and again."""
    async with _asking(service, make, is_refused):
        return await measured()


@asynccontextmanager
async def _asking(
    service: int, make: Callable[[int], str], is_refused: bool
) -> AsyncIterator[None]:
    # Made beforehand, so that it is not us who hold up the bystander: more than are remembered.
    bodies = [graphql_body(make(number)) for number in range(1_000)]
    async with connected(service) as http:
        task = asyncio.create_task(_ask(http, bodies, is_refused))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait({task})
        if not task.cancelled():
            task.result()


async def _ask(http: HttpClient, bodies: Sequence[bytes], is_refused: bool) -> None:
    for body in cycle(bodies):
        answer = orjson.loads(await http.post(GRAPHQL, body))
        if ("errors" in answer) is not is_refused:
            raise BadAnswer(f"{'not ' if is_refused else ''}refused: {body[:100]!r}")
