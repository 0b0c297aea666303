"""Subscriptions: what a client follows, found and checked before anything is sent.

The streams themselves are those of `live/`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from uuid import UUID

from live.follow_logs import LogBatch, follow_logs
from live.follow_runs import MAX_MEMBERS, RunUpdate, follow_runs
from live.follow_steps import TransitionBatch, follow_transitions
from live.log_filter import LogFilter
from live.stretch import Stretch
from models.agent import Agent, Cluster
from models.ids import Kind, MalformedId, parse_id_of
from models.run import Run, keys_of
from models.states import ACTIVE
from models.visibility import EVERYTHING, Scope
from resolvers.cursors import event_cursor, log_cursor, parse_event_cursor, parse_log_cursor
from resolvers.errors import ApiError, BadInput, NotFound, Phrase
from resolvers.find_nodes import find_run
from resolvers.known_names import AGENT, CLUSTER, NameCache
from resolvers.log_filter_checks import check_log_filter
from resolvers.run_filter import RunFilter, filtered
from resolvers.service import Service


async def follow_log_lines(
    service: Service,
    scope: Scope,
    run_id: str,
    after: str | None,
    log_filter: LogFilter | None,
    stretch: Stretch | None = None,
) -> AsyncGenerator[LogBatch, None]:
    """The run's log behind a cursor. Raises ApiError, NotFound, BadInput before the first batch."""
    stretch = stretch or Stretch()
    run = await _find(scope, run_id, stretch)
    check_log_filter(log_filter)
    after = stretch.resume or after
    position = 0 if after is None else parse_log_cursor("after", run.id, after)
    _check_reached(position, run.last_sequence)
    following = follow_logs(service.hub, run.id, position, log_filter, stretch, service.looks)
    async with aclosing(following) as batches:
        async for batch in batches:
            stretch.cursor = log_cursor(run.id, batch.end_sequence)
            yield batch


async def follow_step_transitions(
    service: Service, scope: Scope, run_id: str, after: str | None, stretch: Stretch | None = None
) -> AsyncGenerator[TransitionBatch, None]:
    """The run's transitions behind a cursor. Raises as above."""
    stretch = stretch or Stretch()
    run = await _find(scope, run_id, stretch)
    after = stretch.resume or after
    position = 0 if after is None else parse_event_cursor("after", run.id, after)
    _check_reached(position, run.last_event)
    async with aclosing(follow_transitions(service.hub, run, position, stretch)) as batches:
        async for batch in batches:
            stretch.cursor = event_cursor(run.id, batch.end_event)
            yield batch


async def follow_run_updates(
    service: Service, scope: Scope, run_filter: RunFilter | None, stretch: Stretch | None = None
) -> AsyncGenerator[RunUpdate, None]:
    """The list of runs that match, live."""
    view = ListView((run_filter or RunFilter()).within(scope), scope)
    shows = None if scope.is_everything else view.shows
    newcomers = stretch.newcomers if stretch else None
    following = follow_runs(service.hub, view.matches, view.active_members, newcomers, shows)
    async with aclosing(following) as updates:
        async for update in updates:
            yield update


class ListView:
    """What the stream of the list asks about its filter."""

    def __init__(self, run_filter: RunFilter, scope: Scope = EVERYTHING) -> None:
        self._filter = run_filter
        self._scope = scope
        self._names = run_filter.names
        self._agents = NameCache(Agent)
        self._clusters = NameCache(Cluster)

    async def matches(self, run: Run) -> bool:
        """Whether the run is in the filter, its deletion aside."""
        agent = await self._agents.find(run.agent_id) if self._names[AGENT] else ""
        cluster = await self._clusters.find(run.cluster_id) if self._names[CLUSTER] else ""
        return self._filter.matches(run, agent, cluster)

    async def shows(self, run: Run) -> bool:
        """Whether the run is in the scope."""
        agent = await self._agents.find(run.agent_id)
        cluster = await self._clusters.find(run.cluster_id)
        return self._scope.admits(agent, cluster)

    async def active_members(self) -> set[UUID] | None:
        """The active runs in the filter; None for more than the stream remembers."""
        active = (await filtered(EVERYTHING, self._filter)).filter(status__in=ACTIVE)
        members = set(await keys_of(active.limit(MAX_MEMBERS + 1)))
        return None if len(members) > MAX_MEMBERS else members


async def _find(scope: Scope, run_id: str, stretch: Stretch) -> Run:
    """The run; one that was deleted between two stretches too: its followers are told its end."""
    try:
        key = parse_id_of(Kind.RUN, run_id)
    except MalformedId as error:
        raise ApiError(f"runId: {error}") from error
    begins = stretch.start is None
    run = await (find_run(scope, key) if begins else Run.filter(scope.condition(), id=key).first())
    if run is None:
        raise NotFound(f"runId: there is no run {run_id}")
    return run


def _check_reached(position: int, last: int) -> None:
    """A cursor lies within what there is: one that is ahead would skip what is still to come."""
    if position > last:
        raise BadInput("after", "a cursor that this service gave", Phrase("one ahead of it"))
