"""What subscriptions check before they follow, and what they ask of a filter."""

from contextlib import aclosing
from typing import Any
from uuid import UUID

import pytest

from live.follow_runs import RunUpdateKind
from live.log_filter import LogFilter
from models.ids import Kind, global_id, new_id
from models.run import Run
from models.states import RunStatus
from models.visibility import EVERYTHING as ALL
from models.visibility import Scope
from resolvers import follow
from resolvers.cursors import event_cursor, log_cursor
from resolvers.errors import ApiError, BadInput, NotFound
from resolvers.follow import follow_log_lines, follow_run_updates, follow_step_transitions
from resolvers.run_filter import RunExclusion, RunFilter
from resolvers.service import Service
from tests.support.clock import START
from tests.support.factories import make_run
from tests.support.statements import recorded


def streams(service: Service, run_id: str, after: str | None = None) -> list[Any]:
    return [
        follow_log_lines(service, ALL, run_id, after, None),
        follow_step_transitions(service, ALL, run_id, after),
    ]


@pytest.mark.parametrize("run_id", ["", "x", "run_x", f"step_{UUID(int=7)}", "\0", "\ud800"])
async def test_what_is_no_id_of_a_run_is_an_error_before_anything_is_sent(
    service: Service, run_id: str
) -> None:
    for stream in streams(service, run_id):
        with pytest.raises(ApiError, match="runId: expected an id"):
            await anext(stream)


async def test_an_unknown_and_a_deleted_run_are_not_found(service: Service) -> None:
    deleted = await make_run(deleted_at=START)
    for key in (new_id(), deleted.id):
        for stream in streams(service, global_id(Kind.RUN, key)):
            with pytest.raises(NotFound, match="runId: there is no run run_"):
                await anext(stream)


async def test_a_cursor_of_another_run_or_ahead_of_this_one_is_refused(service: Service) -> None:
    run, other = await make_run(last_event=1), await make_run(last_event=1)
    run_id = global_id(Kind.RUN, run.id)
    cursors = [
        (log_cursor(other.id, 0), event_cursor(other.id, 0)),
        (log_cursor(run.id, 1), event_cursor(run.id, 2)),
        (event_cursor(run.id, 0), log_cursor(run.id, 0)),
    ]
    for of_log, of_events in cursors:
        with pytest.raises(BadInput, match="after: expected a cursor"):
            await anext(follow_log_lines(service, ALL, run_id, of_log, None))
        with pytest.raises(BadInput, match="after: expected a cursor"):
            await anext(follow_step_transitions(service, ALL, run_id, of_events))


async def test_a_log_filter_that_cannot_be_is_refused(service: Service) -> None:
    run_id = global_id(Kind.RUN, (await make_run()).id)
    with pytest.raises(BadInput, match=r"filter\.fromSequence: expected a number from 1"):
        await anext(follow_log_lines(service, ALL, run_id, None, LogFilter(from_sequence=0)))


async def test_nothing_is_left_behind_when_a_subscription_is_closed(service: Service) -> None:
    run = await make_run()
    async with aclosing(follow_run_updates(service, ALL, None)) as updates:
        assert (await anext(updates)).kind is RunUpdateKind.RESET
        assert service.hub.follower_count == 1
    assert service.hub.follower_count == 0
    ended = await make_run(seconds=1)
    async with aclosing(
        follow_log_lines(service, ALL, global_id(Kind.RUN, ended.id), None, None)
    ) as it:
        await anext(it)
    assert service.hub.follower_count == 0
    assert run.is_active


async def test_an_agent_made_after_the_subscription_began_matches_by_its_name(
    service: Service,
) -> None:
    wanted = RunFilter(
        agent_names=("later",), exclude=(RunExclusion(cluster_names=("elsewhere",)),)
    )
    async with aclosing(follow_run_updates(service, ALL, wanted)) as updates:
        await anext(updates)
        other = await make_run(agent="other")
        excluded = await make_run(agent="later", cluster="elsewhere")
        run = await make_run(agent="later")
        for one in (other, excluded, run):
            service.hub.publish(one.id, revision=None, listed=True)
        update = await anext(updates)
        assert update.kind is RunUpdateKind.ENTERED
        assert update.run is not None
        assert update.run.id == run.id


async def test_an_active_run_that_was_in_the_list_leaves_it(service: Service) -> None:
    wanted = RunFilter(statuses=(RunStatus.RUNNING,))
    run = await make_run()
    async with aclosing(follow_run_updates(service, ALL, wanted)) as updates:
        await anext(updates)
        await Run.filter(id=run.id).update(status=RunStatus.FAILED)
        service.hub.publish(run.id, revision=None, listed=True)
        assert (await anext(updates)).kind is RunUpdateKind.LEFT


async def test_names_are_looked_up_once_and_only_for_a_filter_that_names(service: Service) -> None:
    runs = [await make_run(agent="a") for _ in range(3)]
    for wanted, look_ups in ((RunFilter(), 0), (RunFilter(agent_names=("a",)), 1)):
        view = follow.ListView(wanted)
        with recorded() as statements:
            assert [await view.matches(run) for run in runs] == [True] * 3
        assert len(statements) == look_ups


async def test_a_run_outside_of_the_scope_is_not_told_of_even_as_one_that_left(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With more active runs than are remembered any run might be in the client's list."""
    monkeypatch.setattr(follow, "MAX_MEMBERS", 0)
    mine = await make_run(cluster="mine")
    foreign = await make_run(cluster="foreign")
    scope = Scope(clusters=frozenset({"mine"}))
    async with aclosing(follow_run_updates(service, scope, None)) as updates:
        assert (await anext(updates)).kind is RunUpdateKind.RESET
        for run in (foreign, mine):
            service.hub.publish(run.id, revision=2, listed=True)
        update = await anext(updates)
    assert update.run is not None
    assert update.run.id == mine.id


async def test_active_members_are_the_active_runs_in_the_filter_up_to_a_bound(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = [await make_run(agent=name) for name in "aab"]
    await make_run(agent="a", seconds=1)
    view = follow.ListView(RunFilter(agent_names=("a",)))
    assert await view.active_members() == {runs[0].id, runs[1].id}
    monkeypatch.setattr(follow, "MAX_MEMBERS", 1)
    assert await view.active_members() is None
