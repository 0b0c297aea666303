"""Subscriptions: what they ask for is checked here, and followed in `live/`."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from uuid import UUID

from live.follow_logs import LogBatch, follow_logs
from live.follow_runs import MAX_MEMBERS, RunUpdate, follow_runs
from live.follow_steps import TransitionBatch, follow_transitions
from live.log_filter import LogFilter
from models.agent import Agent, Cluster
from models.ids import Kind, MalformedId, parse_id_of
from models.run import Run
from models.states import ACTIVE
from resolvers.cursors import parse_event_cursor, parse_log_cursor
from resolvers.errors import BadInput, NotFound
from resolvers.find_nodes import find_run
from resolvers.known_names import AGENT, CLUSTER, NameCache
from resolvers.run_filter import RunFilter, filtered
from resolvers.service import Service


async def follow_log_lines(
    service: Service, run_id: str, after: str | None, log_filter: LogFilter | None
) -> AsyncGenerator[LogBatch, None]:
    """live.follow_logs for a run and a cursor as told. Raises BadInput, NotFound, at once."""
    run = await _run(run_id)
    position = parse_log_cursor("after", run.id, after) if after is not None else 0
    _check_reached(position, run.last_sequence)
    async with aclosing(follow_logs(service.hub, run.id, position, log_filter)) as batches:
        async for batch in batches:
            yield batch


async def follow_step_transitions(
    service: Service, run_id: str, after: str | None
) -> AsyncGenerator[TransitionBatch, None]:
    """live.follow_transitions likewise."""
    run = await _run(run_id)
    position = parse_event_cursor("after", run.id, after) if after is not None else 0
    _check_reached(position, run.last_event)
    async with aclosing(follow_transitions(service.hub, run, position)) as batches:
        async for batch in batches:
            yield batch


async def follow_run_updates(
    service: Service, run_filter: RunFilter | None
) -> AsyncGenerator[RunUpdate, None]:
    """live.follow_runs for a filter. A run's deletion is told of by itself, not as leaving it."""
    wanted = run_filter or RunFilter()

    agents, clusters = NameCache(Agent), NameCache(Cluster)

    async def matches(run: Run) -> bool:
        agent = await agents.find(run.agent_id) if wanted.names[AGENT] else ""
        cluster = await clusters.find(run.cluster_id) if wanted.names[CLUSTER] else ""
        return wanted.matches(run, agent, cluster)

    async def active_members() -> set[UUID] | None:
        active = (await filtered(wanted)).filter(status__in=ACTIVE)
        ids = [run.id for run in await active.only("id").limit(MAX_MEMBERS + 1)]
        return set(ids) if len(ids) <= MAX_MEMBERS else None

    async with aclosing(follow_runs(service.hub, matches, active_members)) as updates:
        async for update in updates:
            yield update


async def _run(text: str) -> Run:
    try:
        run = await find_run(parse_id_of(Kind.RUN, text))
    except MalformedId as error:
        raise BadInput("runId", "an id of a run", text) from error
    if run is None:
        raise NotFound(f"runId: there is no run {text}")
    return run


def _check_reached(position: int, last: int) -> None:
    """A cursor that this service gave lies within what there is."""
    if position > last:
        raise BadInput("after", "a cursor that this service gave", f"one {position - last} ahead")
