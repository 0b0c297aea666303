"""The poll carries what another process committed."""

import asyncio
from datetime import timedelta

from live.hub import Hub
from live.poll import Poller
from models.run import Run
from resolvers.service import Service
from tests.support.clock import Clock
from tests.support.reporting import append, begin, complete


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
