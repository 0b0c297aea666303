"""Transitions are replayed in order, then followed, then ended."""

import asyncio
from contextlib import aclosing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from live import follow_steps as follows
from live.ends import ShuttingDown, StreamEnd
from live.follow_steps import TransitionBatch, follow_transitions
from models.run import Run
from models.run_event import RunEvent
from models.states import RunStatus
from models.step import Step
from resolvers.attempts import start_attempt
from resolvers.delete_runs import delete_runs
from resolvers.service import Service
from resolvers.viewer import LOCAL_VIEWER
from tests.support.reporting import begin, complete, fail, retry, run_id, steps


async def collect(service: Service, run: Run, after: int = 0) -> list[TransitionBatch]:
    return [batch async for batch in follow_transitions(service.hub, run, after)]


async def told(run: Run, batches: list[TransitionBatch]) -> list[tuple[str, str | None, str]]:
    keys = {step.id: step.key for step in await Step.filter(run_id=run.id)}
    return [
        (keys[event.step_id], event.from_status, event.to_status)
        for batch in batches
        for event in batch.events
        if event.step_id
    ]


async def test_history_and_what_is_to_come_are_one_stream(service: Service) -> None:
    run = await begin(service, steps=("a", "b"))
    following = asyncio.create_task(collect(service, run))
    await steps(service, run, a="RUNNING")
    await steps(service, run, a="COMPLETED", b="RUNNING")
    await fail(service, run, step_key="b")
    batches = await following
    assert await told(run, batches) == [
        ("a", None, "PENDING"),
        ("b", None, "PENDING"),
        ("a", "PENDING", "RUNNING"),
        ("a", "RUNNING", "COMPLETED"),
        ("b", "PENDING", "RUNNING"),
        ("b", "RUNNING", "FAILED"),
    ]
    assert [batch.end for batch in batches if batch.end] == [StreamEnd.RUN_ENDED]
    assert batches[-1].run.status is RunStatus.FAILED


async def test_a_follower_resumes_behind_its_cursor(service: Service) -> None:
    run = await begin(service, steps=("a",))
    await steps(service, run, a="COMPLETED")
    await complete(service, run)
    whole = await collect(service, run)
    for after in range(whole[-1].end_event + 1):
        rest = await collect(service, run, after)
        expected = [e.sequence for b in whole for e in b.events if e.sequence > after]
        assert [e.sequence for b in rest for e in b.events] == expected


async def test_the_runs_own_status_is_told_by_a_batch_without_transitions(
    service: Service,
) -> None:
    run = await begin(service)
    batches = follow_transitions(service.hub, run, run.last_event)
    following = asyncio.ensure_future(anext(batches))
    await retry(service, run)
    batch = await following
    assert (batch.events, batch.run.status, batch.end) == ([], RunStatus.RETRYING, None)
    await start_attempt(service, LOCAL_VIEWER, run_id(run), 2)
    assert (await anext(batches)).run.status is RunStatus.RUNNING
    await batches.aclose()


async def test_a_deleted_run_ends_with_the_run_as_it_was_seen_last(service: Service) -> None:
    run = await begin(service, steps=("a",))
    await delete_runs(service, LOCAL_VIEWER, [run_id(run)], force=True)
    (batch,) = await collect(service, run)
    assert (batch.end, batch.run.id, batch.events) == (StreamEnd.RUN_DELETED, run.id, [])


async def test_a_deletion_is_heard_in_the_middle_of_a_replay(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follows, "MAX_BATCH_EVENTS", 2)
    run = await begin(service, steps=tuple("abcdef"))
    async with aclosing(follow_transitions(service.hub, run, 0)) as batches:
        assert (await anext(batches)).end_event == 2
        await delete_runs(service, LOCAL_VIEWER, [run_id(run)], force=True)
        batch = await anext(batches)
        assert (batch.events, batch.end_event, batch.end) == ([], 2, StreamEnd.RUN_DELETED)


async def test_a_shutdown_breaks_the_stream_off_without_an_end(service: Service) -> None:
    run = await begin(service, steps=("a",))
    service.hub.close()
    batches = follow_transitions(service.hub, run, 0)
    assert (await anext(batches)).end is None
    with pytest.raises(ShuttingDown):
        await anext(batches)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    cuts=st.lists(st.lists(st.integers(0, 3), max_size=5), min_size=1, max_size=3),
    pauses=st.lists(st.integers(0, 5), min_size=1, max_size=9),
    keys=st.lists(st.sampled_from("abcd"), unique=True),
)
async def test_a_follower_that_is_cut_off_and_resumes_has_every_transition_once(
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
    cuts: list[list[int]],
    pauses: list[int],
    keys: list[str],
) -> None:
    monkeypatch.setattr(follows, "MAX_BATCH_EVENTS", 2)
    run = await begin(service, steps=tuple(keys))

    async def write() -> None:
        for turn, key in enumerate(keys):
            for _ in range(pauses[turn % len(pauses)]):
                await asyncio.sleep(0)
            await steps(service, run, 1, **{key: "RUNNING"})
        await complete(service, run)

    async def read(cuts: list[int]) -> list[int]:
        seen: list[int] = []
        cursor = 0
        for batches_until_cut in [*cuts, 10**9]:
            async with aclosing(follow_transitions(service.hub, run, cursor)) as batches:
                for _ in range(batches_until_cut):
                    batch = await anext(batches)
                    seen += [event.sequence for event in batch.events]
                    cursor = batch.end_event
                    if batch.end is StreamEnd.RUN_ENDED:
                        return seen
        raise AssertionError("no end")

    _, *readings = await asyncio.gather(write(), *map(read, cuts))
    whole = await RunEvent.filter(run_id=run.id).exclude(step_id=None).order_by("sequence")
    assert readings == [[event.sequence for event in whole]] * len(cuts)
    assert service.hub.follower_count == 0
