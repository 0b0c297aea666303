"""Lists of runs, as they stand in several places: all, an agent's, a cluster's."""

from __future__ import annotations

from dataclasses import replace

from graph.connections import Connection
from graph.inputs.run_order import NEWEST_FIRST
from graph.types.run import Run
from models.visibility import Scope
from resolvers.list_runs import count_runs, list_runs
from resolvers.pages import PageRequest
from resolvers.run_filter import RunFilter
from resolvers.run_order import RunOrder


async def run_connection(
    scope: Scope, run_filter: RunFilter | None, order: RunOrder, request: PageRequest
) -> Connection[Run]:
    """A page of the runs that match."""
    page = await list_runs(scope, run_filter, order, request)
    return Connection.of(page, Run.of, lambda: count_runs(scope, run_filter))


async def newest_runs(
    scope: Scope, run_filter: RunFilter, first: int | None, after: str | None
) -> Connection[Run]:
    """A page of the runs that match, the latest first."""
    request = PageRequest.of(first, after, None, None)
    return await run_connection(scope, run_filter, NEWEST_FIRST.plain(), request)


def of_agent(run_filter: RunFilter | None, name: str) -> RunFilter:
    """Of the runs that match, those of one agent."""
    given = run_filter or RunFilter()
    return replace(given, agent_names=_narrowed(given.agent_names, name))


def of_cluster(run_filter: RunFilter | None, name: str) -> RunFilter:
    """Of the runs that match, those on one cluster."""
    given = run_filter or RunFilter()
    return replace(given, cluster_names=_narrowed(given.cluster_names, name))


def _narrowed(names: tuple[str, ...] | None, name: str) -> tuple[str, ...]:
    return (name,) if names is None or name in names else ()
