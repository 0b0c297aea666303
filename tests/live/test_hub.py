"""The hub loses no wake-up and keeps nothing of those who left."""

import asyncio
from uuid import UUID

import pytest

from live import hub as hubs
from live.hub import Hub
from models.ids import new_id


async def test_a_change_between_reading_and_waiting_is_not_missed() -> None:
    hub, run_id = Hub(), new_id()
    with hub.follow_run(run_id) as follower:
        hub.publish(run_id, revision=None, listed=False)
        hub.publish(run_id, revision=None, listed=False)
        assert await follower.wait(0)
        assert not await follower.wait(0)  # both were one


async def test_a_follower_that_waits_is_woken_by_its_run_only() -> None:
    hub, run_id = Hub(), new_id()
    with hub.follow_run(run_id) as follower:
        waiting = asyncio.create_task(follower.wait())
        await asyncio.sleep(0)
        hub.publish(new_id(), revision=None, listed=True)
        await asyncio.sleep(0)
        assert not waiting.done()
        hub.publish(run_id, revision=None, listed=False)
        assert await waiting


async def test_lists_hear_of_what_they_show_each_run_once() -> None:
    hub, one, other = Hub(), new_id(), new_id()
    with hub.follow_list() as follower:
        for run_id in (one, other, one):
            hub.publish(run_id, revision=None, listed=True)
        hub.publish(new_id(), revision=None, listed=False)
        assert follower.take() == ([one, other], False)
        assert follower.take() == ([], False)


async def test_a_list_that_does_not_keep_up_is_told_so_and_stays_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hubs, "MAX_PENDING_RUNS", 3)
    hub = Hub()
    with hub.follow_list() as follower:
        for _ in range(10):
            hub.publish(new_id(), revision=None, listed=True)
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
        hub.publish(run_id, revision=None, listed=True)
        hub.publish(run_id, revision=None, listed=True)
        assert follower.take() == ([run_id], False)


async def test_a_hub_tells_when_the_last_follower_has_gone() -> None:
    hub, run_id = Hub(), new_id()
    with hub.follow_run(run_id), hub.follow_list():
        waiting = asyncio.create_task(hub.deserted())
        await asyncio.sleep(0)
        assert not waiting.done()
    await waiting


async def test_a_revision_wakes_once_however_often_it_is_told() -> None:
    hub, run_id = Hub(), new_id()
    with hub.follow_run(run_id) as follower:
        for revision, wakes in [(2, True), (2, False), (1, False), (3, True), (None, True)]:
            hub.wake(run_id, revision=revision, listed=False)
            assert await follower.wait(0) is wakes, revision


async def test_a_change_of_lists_is_told_once_and_not_hidden_by_calls_that_changed_nothing() -> (
    None
):
    hub, run_id = Hub(), new_id()
    with hub.follow_list() as lists:
        hub.wake(run_id, revision=5, listed=True)
        hub.wake(run_id, revision=5, listed=True)
        assert lists.take() == ([run_id], False)
        # The end, made in another process, whose wake-up was lost; told here once more.
        hub.wake(run_id, revision=6, listed=False)
        hub.wake_run(run_id, revision=6)
        hub.wake(run_id, revision=6, listed=True)
        assert lists.take() == ([run_id], False)


async def test_what_is_published_is_announced_and_what_is_heard_is_not() -> None:
    hub, run_id, told = Hub(), new_id(), []

    def announce(run_id: UUID, *, revision: int | None, listed: bool) -> None:
        told.append((run_id, revision, listed))

    with hub.announced_by(announce):
        hub.publish(run_id, revision=1, listed=True)
        hub.wake(run_id, revision=2, listed=True)
    hub.publish(run_id, revision=3, listed=True)
    assert told == [(run_id, 1, True)]


async def test_what_lists_were_told_is_remembered_within_bounds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("live.hub.MAX_LISTED", 3)
    hub = Hub()
    with hub.follow_list():
        for _ in range(10):
            hub.wake(new_id(), revision=1, listed=True)
        assert len(hub._listed) == 3
    assert not hub._listed
