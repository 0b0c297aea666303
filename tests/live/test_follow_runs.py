"""The list, live: what enters, changes, leaves, is deleted; RESET where something was missed."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from uuid import UUID

import pytest

from live import follow_runs as follows
from live.ends import ShuttingDown
from live.follow_runs import RunUpdate, follow_runs
from models.ids import new_id
from models.run import Run
from models.states import ACTIVE, RunStatus
from models.visibility import EVERYTHING, visible_runs
from resolvers.delete_runs import delete_runs, restore_runs
from resolvers.service import Service
from resolvers.viewer import LOCAL_VIEWER
from tests.support.reporting import append, begin, complete, fail, run_id, steps

SECONDS = 10


class Watch:
    """A subscription to the runs with one of some statuses."""

    def __init__(self, updates: AsyncGenerator[RunUpdate, None]) -> None:
        self._updates = updates

    async def next(self) -> tuple[str, UUID | None]:
        async with asyncio.timeout(SECONDS):
            update = await anext(self._updates)
        return update.kind.value, update.run.id if update.run else None


@asynccontextmanager
async def watching(
    service: Service, *statuses: RunStatus, knows_all: bool = True
) -> AsyncIterator[Watch]:
    async def matches(run: Run) -> bool:
        return run.status in statuses

    async def active() -> set[UUID] | None:
        if not knows_all:
            return None
        runs = visible_runs(EVERYTHING).filter(status__in=[s for s in statuses if s in ACTIVE])
        return {run.id for run in await runs.only("id")}

    async with aclosing(follow_runs(service.hub, matches, active)) as updates:
        watch = Watch(updates)
        assert await watch.next() == ("RESET", None)
        yield watch


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follows, "INTERVAL", 0.02)


async def test_a_run_that_begins_enters_and_one_that_ends_leaves(service: Service) -> None:
    async with watching(service, RunStatus.RUNNING) as watch:
        run = await begin(service)
        assert await watch.next() == ("ENTERED", run.id)
        await complete(service, run)
        assert await watch.next() == ("LEFT", run.id)


async def test_a_run_that_was_there_before_changes_in_place(service: Service) -> None:
    run = await begin(service, steps=("a",))
    async with watching(service, *RunStatus) as watch:
        await steps(service, run, a="RUNNING")
        assert await watch.next() == ("CHANGED", run.id)
        await complete(service, run)
        assert await watch.next() == ("CHANGED", run.id)


async def test_a_run_that_fails_enters_the_failed_ones(service: Service) -> None:
    run, other = await begin(service), await begin(service)
    async with watching(service, RunStatus.FAILED) as watch:
        await complete(service, other)
        await fail(service, run)
        assert await watch.next() == ("ENTERED", run.id)


async def test_deletion_and_restoration_are_told_of_ended_runs_too(service: Service) -> None:
    run = await complete(service, await begin(service))
    async with watching(service, RunStatus.COMPLETED) as watch:
        await delete_runs(service, LOCAL_VIEWER, [run_id(run)], force=False)
        assert await watch.next() == ("DELETED", run.id)
        await restore_runs(service, LOCAL_VIEWER, None, [run_id(run)])
        assert await watch.next() == ("ENTERED", run.id)


async def test_log_lines_and_doubled_wake_ups_tell_nothing(service: Service) -> None:
    run = await begin(service)
    async with watching(service, *RunStatus) as watch:
        await append(service, run, 0, "a line")
        service.hub.wake(run.id, revision=None, listed=True)
        marker = await begin(service)
        assert await watch.next() == ("CHANGED", run.id)  # the first look at it
        assert await watch.next() == ("ENTERED", marker.id)
        service.hub.wake(run.id, revision=None, listed=True)
        service.hub.wake(marker.id, revision=None, listed=True)
        last = await begin(service)
        assert await watch.next() == ("ENTERED", last.id)


async def test_changes_of_one_run_are_coalesced_within_the_interval(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follows, "INTERVAL", 0.3)
    loop = asyncio.get_running_loop()
    run = await begin(service, steps=tuple("abcdefgh"))
    async with watching(service, *RunStatus) as watch:
        await steps(service, run, a="RUNNING")
        assert await watch.next() == ("CHANGED", run.id)
        told = loop.time()
        for key in "bcdefgh":
            await steps(service, run, 1, **{key: "RUNNING"})
        assert await watch.next() == ("CHANGED", run.id)
        assert loop.time() - told >= 0.29
        await complete(service, run)
        assert await watch.next() == ("CHANGED", run.id)


async def test_a_reader_that_missed_changes_begins_anew(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("live.hub.MAX_PENDING_RUNS", 2)
    async with watching(service, *RunStatus) as watch:
        for _ in range(4):
            await begin(service)
        assert await watch.next() == ("RESET", None)
        run = await begin(service)
        assert await watch.next() == ("ENTERED", run.id)


async def test_with_too_many_members_to_remember_an_unknown_run_counts_as_one(
    service: Service,
) -> None:
    run = await begin(service)
    async with watching(service, RunStatus.RUNNING, knows_all=False) as watch:
        await complete(service, run)
        assert await watch.next() == ("LEFT", run.id)


async def test_a_run_that_was_purged_before_its_deletion_was_told_makes_lists_begin_anew(
    service: Service,
) -> None:
    """Nothing tells any more which lists it was in."""
    async with watching(service, *RunStatus) as watch:
        service.hub.wake(new_id(), revision=None, listed=True)
        assert await watch.next() == ("RESET", None)


async def test_a_run_that_was_purged_after_its_deletion_was_told_is_passed_over(
    service: Service,
) -> None:
    run = await begin(service)
    async with watching(service, *RunStatus) as watch:
        await delete_runs(service, LOCAL_VIEWER, [run_id(run)], force=True)
        assert await watch.next() == ("DELETED", run.id)
        await Run.filter(id=run.id).delete()
        service.hub.wake(run.id, revision=None, listed=True)
        other = await begin(service)
        assert await watch.next() == ("ENTERED", other.id)


async def test_what_waits_for_its_interval_is_bounded(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follows, "MAX_PENDING_RUNS", 2)
    monkeypatch.setattr(follows, "INTERVAL", 3600.0)
    runs = [await begin(service, steps=("a",)) for _ in range(3)]
    async with watching(service, *RunStatus) as watch:
        for run in runs:
            await steps(service, run, a="RUNNING")
            assert await watch.next() == ("CHANGED", run.id)
        for run in runs:
            await complete(service, run)
        assert await watch.next() == ("RESET", None)


async def test_members_beyond_the_bound_still_leave(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follows, "MAX_MEMBERS", 1)
    async with watching(service, RunStatus.RUNNING) as watch:
        runs = [await begin(service) for _ in range(3)]
        for _ in runs:
            await watch.next()
        for run in runs:
            await complete(service, run)
            assert await watch.next() == ("LEFT", run.id)


async def test_a_shutdown_breaks_the_stream_off(service: Service) -> None:
    async with watching(service, *RunStatus) as watch:
        service.hub.close()
        with pytest.raises(ShuttingDown):
            await watch.next()
