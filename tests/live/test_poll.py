"""The poll carries what another process committed."""

import asyncio
from contextlib import ExitStack
from datetime import timedelta

import asyncpg
import pytest

from live import poll
from live.hub import Hub
from live.poll import Poller
from models.database import database
from models.instants import to_micros
from models.run import Run
from resolvers.delete_runs import delete_runs
from resolvers.service import Service
from resolvers.viewer import LOCAL_VIEWER
from tests.support.clock import Clock
from tests.support.reporting import append, begin, complete, run_id
from tests.support.statements import recorded


async def test_a_change_made_elsewhere_wakes_those_who_follow_it(
    service: Service, clock: Clock
) -> None:
    ours = Hub()  # the service publishes to another, as another process would
    poller = Poller(ours, clock)
    run, other = await begin(service), await begin(service)
    with ours.follow_run(run.id) as follower, ours.follow_run(other.id) as bystander:
        await poller.poll()
        assert await follower.wait(0)
        assert await bystander.wait(0)
        await append(service, run, 0, "line")
        await poller.poll()
        assert await follower.wait(0)
        assert not await bystander.wait(0)
        await poller.poll()
        assert not await follower.wait(0)


async def test_lists_hear_of_changes_made_elsewhere_once(service: Service, clock: Clock) -> None:
    ours = Hub()
    poller = Poller(ours, clock)
    with ours.follow_list() as follower:
        await poller.poll()
        follower.take()
        clock.advance(1)
        run = await begin(service)
        await append(service, run, 0, "no change of the list")
        await poller.poll()
        await poller.poll()
        assert follower.take() == ([run.id], False)
        clock.advance(1)
        await complete(service, run)
        await poller.poll()
        assert follower.take() == ([run.id], False)


async def test_a_commit_that_comes_late_is_not_passed_over(service: Service, clock: Clock) -> None:
    ours = Hub()
    poller = Poller(ours, clock)
    with ours.follow_list() as follower:
        await poller.poll()
        clock.advance(20)
        await poller.poll()
        follower.take()
        run = await begin(service)
        late = clock.now - timedelta(seconds=15)
        await Run.filter(id=run.id).update(changed_at=late)
        await poller.poll()
        assert run.id in follower.take()[0]


async def test_the_poll_outlives_what_goes_wrong_and_then_lists_begin_anew(
    service: Service, clock: Clock
) -> None:
    class Failing(Poller):
        fails = 2

        async def poll(self) -> None:
            if self.fails:
                self.fails -= 1
                raise ConnectionError("gone")
            stop.set()

    stop, ours = asyncio.Event(), Hub()
    poller = Failing(ours, clock)
    with ours.follow_list() as follower:
        await poller.run(stop)
        assert follower.take() == ([], True)


async def test_a_burst_makes_lists_begin_anew_at_once_and_when_the_last_may_have_come(
    service: Service, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not in every round for as long as the burst lies within what is looked at again."""
    monkeypatch.setattr(poll, "MAX_CHANGED", 3)
    ours = Hub()
    poller = Poller(ours, clock)
    resets = []
    with ours.follow_list() as follower:
        await poller.poll()
        for _ in range(5):
            await begin(service)
        for second in range(60):
            await poller.poll()
            if follower.take()[1]:
                resets.append(second)
            clock.advance(1)
    assert resets == [0, 30]


async def test_a_steady_stream_of_changes_is_told_run_by_run(
    service: Service, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poll, "MAX_CHANGED", 5)
    ours = Hub()
    poller = Poller(ours, clock)
    resets = 0
    with ours.follow_list() as follower:
        await poller.poll()
        for _ in range(20):
            clock.advance(1)
            run = await begin(service)
            await poller.poll()
            changed, overflowed = follower.take()
            assert changed == [run.id]
            resets += overflowed
    assert resets == 1  # once in OVERLAP, for what may have come late


async def test_without_followers_the_database_is_asked_nothing() -> None:
    poller = Poller(Hub())
    await poller.poll()  # no database is open: a query would be an error


async def test_a_deletion_elsewhere_wakes_those_who_follow_the_run(
    service: Service, clock: Clock
) -> None:
    ours = Hub()
    poller = Poller(ours, clock)
    run = await begin(service)
    with ours.follow_run(run.id) as follower:
        await poller.poll()
        assert await follower.wait(0)
        await delete_runs(service, LOCAL_VIEWER, [run_id(run)], force=True)
        await poller.poll()
        assert await follower.wait(0)


async def test_a_change_that_commits_after_a_later_one_is_heard(
    postgres_url: str, clock: Clock
) -> None:
    """Two real transactions: the first to change is the last to commit."""
    ours = Hub()
    async with database(postgres_url):
        service = Service(hub=Hub(), clock=clock)
        slow, fast = await begin(service), await begin(service)
        poller = Poller(ours, clock)
        with (
            ours.follow_run(slow.id) as follower,
            ours.follow_list() as lists,
        ):
            clock.advance(60)
            await poller.poll()
            await follower.wait(0)
            lists.take()
            connection = await asyncpg.connect(postgres_url)
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute(
                "UPDATE run SET revision = revision + 1, changed_at = $2 WHERE id = $1",
                slow.id,
                to_micros(clock.now),
            )
            clock.advance(10)
            await complete(service, fast)
            await poller.poll()
            assert lists.take() == ([fast.id], False)
            assert not await follower.wait(0)
            clock.advance(10)
            await poller.poll()
            await transaction.commit()
            await connection.close()
            clock.advance(5)
            await poller.poll()
            assert lists.take() == ([slow.id], False)
            assert await follower.wait(0)


async def test_all_followed_runs_cost_one_statement(service: Service, clock: Clock) -> None:
    ours = Hub()
    poller = Poller(ours, clock)
    counts = []
    for followed in (5, 50):
        with ExitStack() as stack:
            for _ in range(followed):
                stack.enter_context(ours.follow_run((await begin(service)).id))
            with recorded() as statements:
                await poller.poll()
            counts.append(len(statements))
    assert counts == [1, 1]


async def test_a_run_that_was_purged_elsewhere_wakes_its_followers_once(
    service: Service, clock: Clock
) -> None:
    ours = Hub()
    poller = Poller(ours, clock)
    run = await begin(service)
    with ours.follow_run(run.id) as follower:
        await poller.poll()
        await follower.wait(0)
        await Run.filter(id=run.id).delete()
        await poller.poll()
        assert await follower.wait(0)
        await poller.poll()
        assert not await follower.wait(0)


async def test_who_asks_for_a_look_need_not_wait_for_the_interval(
    service: Service, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poll, "POLL_SECONDS", 3600.0)
    stop, ours = asyncio.Event(), Hub()
    poller = Poller(ours, clock)
    run = await begin(service)
    with ours.follow_run(run.id) as follower:
        polling = asyncio.create_task(poller.run(stop))
        assert await follower.wait(30)
        await append(service, run, 0, "line")
        poller.look()
        assert await follower.wait(30)
        stop.set()
        async with asyncio.timeout(30):
            await polling
