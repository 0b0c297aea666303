"""The list of runs: a full page over HTTP, against the same rows read and written bare."""

from __future__ import annotations

from functools import partial

from benchmarks.figures import Base, Figure, Unit, latency_figures
from benchmarks.http_client import GRAPHQL, BadAnswer, connected, data_of, graphql_body
from benchmarks.load import latency, requests_per_second
from benchmarks.rounds import interleaved
from benchmarks.size import PAGE_RUNS, Size

SECTION = "list of runs"
NAME = f"page of {PAGE_RUNS} with agent, cluster, steps, report"
FLOOR = "same rows, bare"

PAGE = """
query Page($first: Int!) {
  runs(first: $first) {
    nodes {
      id status startedAt completedAt durationSeconds
      trigger { source name }
      agent { id name }
      cluster { id name }
      steps { key name status startedAt durationSeconds }
      report { id title summary createdAt }
    }
  }
}
"""


async def measure(service: int, floor: int, size: Size) -> list[Figure]:
    """By the ports of both."""
    body = graphql_body(PAGE, first=PAGE_RUNS)
    await _check_same(service, floor, body)
    rates = await interleaved(
        size.rounds,
        [
            partial(requests_per_second, port, GRAPHQL, body, size.load_seconds)
            for port in (service, floor)
        ],
    )
    waits = await interleaved(
        size.rounds,
        [partial(latency, port, GRAPHQL, body, size.timed_requests) for port in (service, floor)],
    )
    return [
        Figure(SECTION, NAME, Unit.REQUESTS, rates[0], Base(FLOOR, rates[1])),
        *latency_figures(SECTION, NAME, waits[0], FLOOR, waits[1]),
    ]


async def _check_same(service: int, floor: int, body: bytes) -> None:
    """See that both answer the same, but for what the service tells of its cost."""
    answers = []
    for port in (service, floor):
        async with connected(port) as http:
            answers.append(data_of(await http.post(GRAPHQL, body)))
    if answers[0] != answers[1]:
        raise BadAnswer(f"service and floor differ: {str(answers)[:2000]}")
