"""The hub loses no wake-up and keeps nothing of those who left."""

import asyncio

import pytest

from live import hub as hubs
from live.hub import Hub
from models.ids import new_id


async def test_a_change_between_reading_and_waiting_is_not_missed() -> None:
    hub, run_id = Hub(), new_id()
    with hub.follow_run(run_id) as follower:
        hub.publish(run_id, listed=False)
        hub.publish(run_id, listed=False)
        assert await follower.wait(0)
        assert not await follower.wait(0)  # both were one


async def test_a_follower_that_waits_is_woken_by_its_run_only() -> None:
    hub, run_id = Hub(), new_id()
    with hub.follow_run(run_id) as follower:
        waiting = asyncio.create_task(follower.wait())
        await asyncio.sleep(0)
        hub.publish(new_id(), listed=True)
        await asyncio.sleep(0)
        assert not waiting.done()
        hub.publish(run_id, listed=False)
        assert await waiting


async def test_lists_hear_of_what_they_show_each_run_once() -> None:
    hub, one, other = Hub(), new_id(), new_id()
    with hub.follow_list() as follower:
        for run_id in (one, other, one):
            hub.publish(run_id, listed=True)
        hub.publish(new_id(), listed=False)
        assert follower.take() == ([one, other], False)
        assert follower.take() == ([], False)


async def test_a_list_that_does_not_keep_up_is_told_so_and_stays_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hubs, "MAX_PENDING_RUNS", 3)
    hub = Hub()
    with hub.follow_list() as follower:
        for _ in range(10):
            hub.publish(new_id(), listed=True)
        changed, overflowed = follower.take()
        assert (len(changed), overflowed) == (3, True)


async def test_nothing_is_kept_of_those_who_left() -> None:
    hub, run_id = Hub(), new_id()
    with hub.follow_run(run_id), hub.follow_list():
        assert hub.follower_count == 2
    with pytest.raises(RuntimeError), hub.follow_run(run_id):
        raise RuntimeError
    assert hub.follower_count == 0
    assert hub.followed_runs() == []


async def test_closing_wakes_everybody_for_good_also_those_who_come_later() -> None:
    hub, run_id = Hub(), new_id()
    with hub.follow_run(run_id) as follower, hub.follow_list() as lists:
        hub.close()
        for each in (follower, lists):
            assert each.closed
            assert await each.wait()
            assert await each.wait()
    with hub.follow_run(run_id) as late:
        assert late.closed


async def test_a_run_that_waits_already_makes_no_overflow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubs, "MAX_PENDING_RUNS", 1)
    hub, run_id = Hub(), new_id()
    with hub.follow_list() as follower:
        hub.publish(run_id, listed=True)
        hub.publish(run_id, listed=True)
        assert follower.take() == ([run_id], False)


async def test_a_hub_tells_when_the_last_follower_has_gone() -> None:
    hub, run_id = Hub(), new_id()
    with hub.follow_run(run_id), hub.follow_list():
        waiting = asyncio.create_task(hub.deserted())
        await asyncio.sleep(0)
        assert not waiting.done()
    await waiting
