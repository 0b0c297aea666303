"""Pages far into a list against its first page, by cursor."""

from __future__ import annotations

from functools import partial

from benchmarks.figures import Figure, latency_figures
from benchmarks.http_client import GRAPHQL, HttpClient, connected, graphql_body
from benchmarks.load import latency
from benchmarks.measures.listing import PAGE
from benchmarks.rounds import interleaved
from benchmarks.size import PAGE_RUNS, Size

SECTION = "deep pages"

_AFTER = PAGE.replace("$first: Int!", "$first: Int!, $after: String").replace(
    "first: $first)", "first: $first, after: $after)"
)
_CURSOR = """
query Cursor($first: Int!, $after: String) {
  runs(first: $first, after: $after) { pageInfo { endCursor } }
}
"""
#: The most that one page may have: to be there soon.
_STRIDE = 200


async def measure(service: int, size: Size) -> list[Figure]:
    """By the port of the service."""
    async with connected(service) as http:
        cursor = await _cursor_behind(http, (size.deep_page - 1) * PAGE_RUNS)
    first = graphql_body(_AFTER, first=PAGE_RUNS)
    deep = graphql_body(_AFTER, first=PAGE_RUNS, after=cursor)
    waits = await interleaved(
        size.rounds,
        [partial(latency, service, GRAPHQL, body, size.timed_requests) for body in (deep, first)],
    )
    return latency_figures(SECTION, f"runs, page {size.deep_page:,}", waits[0], "page 1", waits[1])


async def _cursor_behind(http: HttpClient, runs: int) -> str | None:
    """The cursor of run number `runs`, by walking there as a client does."""
    after: str | None = None
    while runs > 0:
        step = min(_STRIDE, runs)
        page = (await http.ask(_CURSOR, first=step, after=after))["runs"]
        after = page["pageInfo"]["endCursor"]
        runs -= step
    return after
