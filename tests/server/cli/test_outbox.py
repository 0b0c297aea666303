"""The bounded queue between a command's output and the service."""

import asyncio

import pytest

from server.cli.outbox import FIELD_BYTES, Item, Limits, Line, Outbox


def line(message: str) -> Line:
    return Line(message, "2026-11-24T01:47:19.000000Z", "STDOUT")


def lines(number: int) -> list[Line]:
    return [line(str(n)) for n in range(number)]


async def test_head_stays_until_it_is_acknowledged() -> None:
    outbox = Outbox()
    await outbox.put(lines(3))
    assert outbox.head() == outbox.head() == lines(3)
    outbox.acknowledge(2)
    assert outbox.head() == lines(3)[2:]


async def test_head_is_bounded_by_number_and_by_size() -> None:
    outbox = Outbox(Limits(call_items=3, call_bytes=4 * FIELD_BYTES))
    await outbox.put(lines(5))
    assert len(outbox.head()) == 3
    outbox.acknowledge(5)
    await outbox.put([line("x" * FIELD_BYTES), line("y" * FIELD_BYTES), line("z")])
    assert len(outbox.head()) == 1


async def test_item_larger_than_a_call_still_goes_alone() -> None:
    outbox = Outbox(Limits(call_bytes=10))
    await outbox.put(lines(2))
    assert len(outbox.head()) == 1


@pytest.mark.parametrize("limits", [Limits(items=10), Limits(bytes=10 * (FIELD_BYTES + 3))])
async def test_put_waits_while_it_is_full_and_goes_on_in_order(limits: Limits) -> None:
    outbox = Outbox(limits)
    putting = asyncio.create_task(outbox.put(lines(25)))
    seen: list[Item] = []
    while len(seen) < 25:
        await asyncio.wait_for(outbox.wait(1), 1)
        assert len(outbox) <= 10
        head = outbox.head()[:4]
        seen += head
        outbox.acknowledge(len(head))
        await asyncio.sleep(0)
    await putting
    assert seen == lines(25)


async def test_wait_ends_with_something_to_tell_with_close_or_with_time() -> None:
    outbox = Outbox()
    assert not await outbox.wait(0.001)
    await outbox.put(lines(1))
    assert await outbox.wait(1)
    outbox.acknowledge(1)
    assert not await outbox.wait(0.001)
    assert not outbox.finished
    outbox.close()
    assert await outbox.wait(1)
    assert outbox.finished


async def test_discard_frees_whoever_waits_and_takes_no_more() -> None:
    outbox = Outbox(Limits(items=1))
    putting = asyncio.create_task(outbox.put(lines(100)))
    await outbox.wait(1)
    assert outbox.discard() == 1
    await putting
    assert outbox.head() == []
