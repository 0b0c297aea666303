"""A broadcast keeps little, and whoever takes its messages slowly falls behind alone."""

import asyncio
from contextlib import aclosing

import pytest

from live import broadcast as broadcasts
from live.broadcast import Broadcast, BrokenOff, Message


def message(end: int, start: int | None = None, seen: int | None = None) -> Message:
    begins = end - 1 if start is None else start
    return Message(str(end), None, begins, begins if seen is None else seen, end)


def last(end: int) -> Message:
    return Message("end", None, end, end, end, is_last=True)


async def taken(broadcast: Broadcast, number: int = 0) -> list[str]:
    return [message.text async for message in broadcast.follow(number)]


async def test_each_subscriber_gets_each_message_once_and_in_order() -> None:
    broadcast = Broadcast(0)
    subscribers = [asyncio.create_task(taken(broadcast)) for _ in range(3)]
    for number in range(1, 6):
        broadcast.add(message(number))
        await broadcast.demand()
    broadcast.add(last(5))
    assert await asyncio.gather(*subscribers) == [["1", "2", "3", "4", "5", "end"]] * 3


async def test_the_fastest_subscriber_sets_the_pace() -> None:
    broadcast = Broadcast(0)
    broadcast.add(message(1))
    demand = asyncio.create_task(broadcast.demand())
    slow, fast = broadcast.follow(0), broadcast.follow(0)
    async with aclosing(slow), aclosing(fast):
        assert (await anext(slow)).text == (await anext(fast)).text == "1"
        await asyncio.sleep(0)
        assert not demand.done(), "both are still at the first message"
        waiting = asyncio.ensure_future(anext(fast))
        await demand
        broadcast.add(message(2))
        assert (await waiting).text == "2"


async def test_a_slow_subscriber_ends_where_its_next_message_is_not_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(broadcasts, "MAX_MESSAGES", 2)
    broadcast = Broadcast(0)
    async with aclosing(broadcast.follow(0)) as slow:
        broadcast.add(message(1))
        assert (await anext(slow)).text == "1"
        for number in range(2, 5):
            broadcast.add(message(number))
        with pytest.raises(StopAsyncIteration):
            await anext(slow)
    assert broadcast.number_at(1, 4) is None
    broadcast.add(last(4))
    place = broadcast.number_at(3, 4)
    assert place is not None
    assert await taken(broadcast, place) == ["4", "end"]


async def test_what_is_kept_is_bounded_in_characters_but_for_the_latest_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(broadcasts, "MAX_CHARACTERS", 10)
    broadcast = Broadcast(0)
    for number, size in enumerate((6, 6, 4, 50), 1):
        broadcast.add(Message("x" * size, None, number - 1, number - 1, number))
    assert [broadcast.number_at(position, 4) for position in range(5)] == [None, None, None, 3, 4]


async def test_a_position_that_nothing_was_sent_for_is_as_good_as_the_one_before() -> None:
    """A filtered stream passes over lines: wherever among them one stands, the next is the same."""
    broadcast = Broadcast(10)
    broadcast.add(message(30, start=10, seen=25))
    numbers = {position: broadcast.number_at(position, 40) for position in (9, 10, 25, 26, 30, 40)}
    assert numbers == {9: None, 10: 0, 25: 0, 26: None, 30: 1, 40: 1}
    assert broadcast.number_at(41, 40) is None


async def test_one_that_is_cancelled_takes_nobody_along() -> None:
    broadcast = Broadcast(0)
    one, other = (asyncio.create_task(taken(broadcast)) for _ in range(2))
    await broadcast.demand()
    one.cancel()
    await asyncio.wait({one})
    broadcast.add(last(0))
    assert await other == ["end"]


async def test_what_was_sent_before_it_broke_off_is_taken_before_the_reason() -> None:
    broadcast = Broadcast(0)
    broadcast.add(message(1))
    broadcast.break_off("the reason")
    async with aclosing(broadcast.follow(0)) as messages:
        assert (await anext(messages)).text == "1"
        with pytest.raises(BrokenOff) as raised:
            await anext(messages)
    assert raised.value.reason == "the reason"
    with pytest.raises(BrokenOff):
        await broadcast.reached(2)
