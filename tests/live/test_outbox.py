"""What other processes are still to be told is bounded, and nothing of it is forgotten."""

import pytest

from live.wakeups import outbox
from live.wakeups.message import MAX_BYTES, MAX_RUNS, Reached, Wakeup
from live.wakeups.outbox import Outbox
from models.ids import new_id

ORIGIN = "0123456789abcdef"


async def test_a_run_is_told_once_with_its_highest_revision() -> None:
    box, run_id = Outbox(ORIGIN), new_id()
    for revision, listed in [(2, True), (4, False), (3, False)]:
        box.note(run_id, revision=revision, listed=listed)
    assert box.take() == Wakeup(ORIGIN, [Reached(run_id, 4, True)])
    assert box.take() is None


async def test_of_an_unknown_revision_the_highest_is_unknown() -> None:
    box, run_id = Outbox(ORIGIN), new_id()
    for revision in (2, None, 3):
        box.note(run_id, revision=revision, listed=False)
    assert box.take() == Wakeup(ORIGIN, [Reached(run_id, None, False)])


async def test_the_largest_message_fits_and_comes_out_as_it_went_in() -> None:
    box = Outbox(ORIGIN)
    for _ in range(MAX_RUNS + 1):
        box.note(new_id(), revision=2**31 - 1, listed=False)
    wakeup = box.take()
    assert wakeup is not None
    assert len(wakeup.reached) == MAX_RUNS
    assert len(wakeup.encode()) <= MAX_BYTES
    assert Wakeup.decode(wakeup.encode()) == wakeup
    rest = box.take()
    assert rest is not None
    assert len(rest.reached) == 1


async def test_more_than_it_holds_makes_everybody_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "MAX_PENDING", 3)
    box = Outbox(ORIGIN)
    for _ in range(10):
        box.note(new_id(), revision=1, listed=True)
        assert len(box) <= 3
    look = Wakeup(ORIGIN, [], look=True)
    assert box.take() == look
    assert box.take() is None
    box.put_back(look)
    assert box.take() == look


async def test_what_may_not_have_arrived_is_told_again_with_what_came_since() -> None:
    box, run_id = Outbox(ORIGIN), new_id()
    box.note(run_id, revision=1, listed=True)
    lost = box.take()
    assert lost is not None
    box.note(run_id, revision=2, listed=False)
    box.put_back(lost)
    assert box.take() == Wakeup(ORIGIN, [Reached(run_id, 2, True)])
