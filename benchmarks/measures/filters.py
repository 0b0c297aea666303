"""The first page of every filter in every order: what scans the table shows as a high number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from statistics import median
from typing import Any

from benchmarks.figures import Grid, Unit
from benchmarks.http_client import GRAPHQL, HttpClient, connected, graphql_body
from benchmarks.load import waits
from benchmarks.size import PAGE_RUNS, Size
from models.instants import format_instant, utc_now

SECTION = "filters"

_PAGE = """
query Page($first: Int!, $filter: RunFilter, $orderBy: RunOrder) {
  runs(first: $first, filter: $filter, orderBy: $orderBy) { nodes { id } }
}
"""
_ORDERS = {
    f"{name} {arrow}": {"field": field, "direction": direction}
    for name, field in (
        ("started", "STARTED_AT"),
        ("completed", "COMPLETED_AT"),
        ("duration", "DURATION"),
    )
    for arrow, direction in (("↓", "DESC"), ("↑", "ASC"))
}

Filter = Mapping[str, Any]


async def measure(service: int, size: Size) -> Grid:
    """By the port of the service: milliseconds for each filter and order."""
    async with connected(service) as http:
        filters = await _filters(http)
    rows = {
        name: [await _cell(service, told, order, size) for order in _ORDERS.values()]
        for name, told in filters.items()
    }
    return Grid(SECTION, Unit.MILLISECONDS, list(_ORDERS), rows)


async def _cell(service: int, told: Filter, order: Filter, size: Size) -> float:
    body = graphql_body(_PAGE, first=PAGE_RUNS, filter=told, orderBy=order)
    return median(await waits(service, GRAPHQL, body, size.requests_per_cell)) * 1_000


async def _filters(http: HttpClient) -> dict[str, Filter]:
    """Every field of the filter; where it matters once for many runs and once for few."""
    nodes = (await http.ask(_PAGE, first=3))["runs"]["nodes"]
    noon = utc_now() - timedelta(days=90)
    day = {"from": format_instant(noon), "until": format_instant(noon + timedelta(days=1))}
    return {
        "none": {},
        "ids: 3": {"ids": [node["id"] for node in nodes]},
        "statuses: COMPLETED (most)": {"statuses": ["COMPLETED"]},
        "statuses: RETRYING (few)": {"statuses": ["RETRYING"]},
        "statuses: 3 of 5": {"statuses": ["RUNNING", "FAILED", "CANCELLED"]},
        "agentNames: often": {"agentNames": ["nightly-etl"]},
        "agentNames: seldom": {"agentNames": ["report-docs"]},
        "agentNames: 3": {"agentNames": ["nightly-etl", "deploy-web", "report-docs"]},
        "agentNames: unknown": {"agentNames": ["nobody"]},
        "clusterNames: seldom": {"clusterNames": ["ap-4"]},
        "triggerSources: COPILOT": {"triggerSources": ["COPILOT"]},
        "triggeredBy: seldom": {"triggeredBy": ["manual-7"]},
        "startedAt: one day": {"startedAt": day},
        "completedAt: one day": {"completedAt": day},
        "durationSeconds: over 1 h": {"durationSeconds": {"from": 3_600}},
        "agent, cluster, status, day": {
            "agentNames": ["nightly-etl"],
            "clusterNames": ["eu-1"],
            "statuses": ["FAILED"],
            "startedAt": day,
        },
        "labels: one of 8": {"labels": [{"name": "team", "value": "team-3"}]},
        "labels: unknown": {"labels": [{"name": "team", "value": "nobody"}]},
        "search: often": {"search": "etl"},
        "search: nothing": {"search": "no such text"},
        "exclude: COMPLETED (most)": {"exclude": [{"statuses": ["COMPLETED"]}]},
        "exclude: one agent": {"exclude": [{"agentNames": ["nightly-etl"]}]},
    }
