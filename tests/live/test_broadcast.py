"""A broadcast keeps little, and whoever takes its messages slowly falls behind alone."""

import asyncio
from typing import Any

import pytest

from live import broadcast as broadcasts
from live.broadcast import Broadcast, BrokenOff, Message


def message(end: int, start: int | None = None, seen: int | None = None) -> Message:
    begins = end - 1 if start is None else start
    return Message(b"%d" % end, None, begins, begins if seen is None else seen, end)


def last(end: int) -> Message:
    return Message(b"end", None, end, end, end, is_last=True)


class Client:
    """Takes messages, and only while its socket has room."""

    def __init__(self) -> None:
        self.came: list[str] = []
        self.room = asyncio.Event()
        self.room.set()

    def try_send(self, message: Message) -> bool:
        if self.room.is_set():
            self.came.append(message.payload.decode())
        return self.room.is_set()

    async def send(self, message: Message) -> None:
        await self.room.wait()
        self.came.append(message.payload.decode())

    def take(self, broadcast: Broadcast, number: int = 0) -> asyncio.Task[Message | None]:
        return asyncio.create_task(broadcast.send(number, self))


async def test_each_subscriber_gets_each_message_once_and_in_order() -> None:
    broadcast, clients = Broadcast(0), [Client() for _ in range(3)]
    taking = [client.take(broadcast) for client in clients]
    for number in range(1, 6):
        await broadcast.add(message(number))
        await broadcast.demand()
    await broadcast.add(last(5))
    assert await asyncio.gather(*taking) == [last(5)] * 3
    assert [client.came for client in clients] == [["1", "2", "3", "4", "5", "end"]] * 3


async def test_a_message_is_delivered_on_the_spot_to_all_who_have_taken_every_other() -> None:
    broadcast, clients = Broadcast(0), [Client() for _ in range(3)]
    taking = [client.take(broadcast) for client in clients]
    await broadcast.demand()
    with pytest.raises(StopIteration):  # it ends without a turn of the event loop
        broadcast.add(message(1)).send(None)
    assert [client.came for client in clients] == [["1"]] * 3
    for task in taking:
        task.cancel()
    await asyncio.wait(taking)
    assert broadcast.resting == 0


async def test_one_whose_socket_is_full_waits_alone_and_goes_on_where_it_was() -> None:
    broadcast, slow, fast = Broadcast(0), Client(), Client()
    taking = [client.take(broadcast) for client in (slow, fast)]
    await broadcast.demand()
    slow.room.clear()
    for number in range(1, 4):
        await broadcast.add(message(number))
        await broadcast.demand()
    assert (slow.came, fast.came) == ([], ["1", "2", "3"])
    slow.room.set()
    await broadcast.add(last(3))
    await asyncio.gather(*taking)
    assert slow.came == fast.came == ["1", "2", "3", "end"]


async def test_the_fastest_subscriber_sets_the_pace() -> None:
    broadcast, slow, fast = Broadcast(0), Client(), Client()
    taking = [client.take(broadcast) for client in (slow, fast)]
    await broadcast.demand()
    slow.room.clear()
    fast.room.clear()
    await broadcast.add(message(1))
    demand = asyncio.create_task(broadcast.demand())
    await asyncio.sleep(0)
    assert not demand.done(), "nobody has taken the first message"
    fast.room.set()
    await demand
    slow.room.set()
    await broadcast.add(last(1))
    await asyncio.gather(*taking)


async def test_a_slow_subscriber_ends_where_its_next_message_is_not_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(broadcasts, "MAX_MESSAGES", 2)
    broadcast, slow = Broadcast(0), Client()
    taking = slow.take(broadcast)
    await broadcast.demand()
    slow.room.clear()
    await broadcast.add(message(1))
    await asyncio.sleep(0)  # now it waits for room for that one
    for number in range(2, 5):
        await broadcast.add(message(number))
    slow.room.set()
    assert await taking == message(1)
    assert broadcast.number_at(1, 4) is None
    await broadcast.add(last(4))
    place = broadcast.number_at(3, 4)
    assert place is not None
    again = Client()
    await again.take(broadcast, place)
    assert again.came == ["4", "end"]


async def test_what_is_kept_is_bounded_in_bytes_but_for_the_latest_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(broadcasts, "MAX_BYTES", 10)
    broadcast = Broadcast(0)
    for number, size in enumerate((6, 6, 4, 50), 1):
        await broadcast.add(Message(b"x" * size, None, number - 1, number - 1, number))
    assert [broadcast.number_at(position, 4) for position in range(5)] == [None, None, None, 3, 4]


async def test_a_position_that_nothing_was_sent_for_is_as_good_as_the_one_before() -> None:
    """A filtered stream passes over lines: wherever among them one stands, the next is the same."""
    broadcast = Broadcast(10)
    await broadcast.add(message(30, start=10, seen=25))
    numbers = {position: broadcast.number_at(position, 40) for position in (9, 10, 25, 26, 30, 40)}
    assert numbers == {9: None, 10: 0, 25: 0, 26: None, 30: 1, 40: 1}
    assert broadcast.number_at(41, 40) is None


async def test_one_that_comes_after_the_last_message_gets_it_too() -> None:
    broadcast, late = Broadcast(5), Client()
    await broadcast.add(last(5))
    place = broadcast.number_at(5, 5)
    assert place is not None
    await late.take(broadcast, place)
    assert late.came == ["end"]


async def test_one_that_is_cancelled_or_fails_takes_nobody_along() -> None:
    broadcast, clients = Broadcast(0), [Client() for _ in range(4)]
    at_rest, full, broken, good = clients

    def fail(_: Message) -> bool:
        raise ConnectionError("gone")

    broken.try_send = fail  # type: ignore[assignment, method-assign]
    taking = [client.take(broadcast) for client in clients]
    await broadcast.demand()
    full.room.clear()
    taking[0].cancel()
    await broadcast.add(message(1))
    taking[1].cancel()  # woken for a message that it does not come to send
    await broadcast.add(last(1))
    outcomes: list[Any] = await asyncio.gather(*taking, return_exceptions=True)
    assert isinstance(outcomes[2], ConnectionError)
    assert [type(outcome) for outcome in outcomes[:2]] == [asyncio.CancelledError] * 2
    assert (at_rest.came, full.came, good.came) == ([], [], ["1", "end"])


async def test_many_are_delivered_to_with_turns_for_others_in_between(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Meanwhile subscribers come and go, and nobody gets a message twice or misses one."""
    monkeypatch.setattr(broadcasts, "MAX_STRIDE", 2)
    broadcast, clients = Broadcast(0), [Client() for _ in range(7)]
    taking = [client.take(broadcast) for client in clients]
    await broadcast.demand()
    adding = asyncio.create_task(broadcast.add(message(1)))
    await asyncio.sleep(0)
    assert sum(len(client.came) for client in clients) == 2
    taking[6].cancel()
    late = Client()
    taking.append(late.take(broadcast, 1))
    await adding
    await broadcast.add(last(1))
    await asyncio.gather(*taking, return_exceptions=True)
    assert [client.came for client in clients] == [["1", "end"]] * 6 + [[]]
    assert late.came == ["end"]


async def test_what_was_sent_before_it_broke_off_is_taken_before_the_reason() -> None:
    broadcast, resting, late = Broadcast(0), Client(), Client()
    taking = [resting.take(broadcast)]
    await broadcast.demand()
    await broadcast.add(message(1))
    broadcast.break_off("the reason")
    taking.append(late.take(broadcast))
    for outcome in await asyncio.gather(*taking, return_exceptions=True):
        assert isinstance(outcome, BrokenOff)
        assert outcome.reason == "the reason"
    assert resting.came == late.came == ["1"]
    with pytest.raises(BrokenOff):
        await broadcast.reached(2)
