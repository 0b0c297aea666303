"""What a socket at rest waits with loses nothing, and keeps nobody waiting."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from server.websocket_queue import Inbox, Room


def event(text: str) -> Any:
    return {"type": "websocket.receive", "text": text}


async def started(*tasks: asyncio.Task[Any]) -> None:
    """Let tasks run up to where they wait."""
    await asyncio.wait(tasks, timeout=0)


async def test_events_are_received_in_the_order_in_which_they_came() -> None:
    inbox = Inbox()
    for text in "abc":
        inbox.put_nowait(event(text))
    assert [await inbox.get() for _ in "abc"] == [event(text) for text in "abc"]
    assert inbox.empty()


async def test_a_receiver_waits_for_an_event_and_is_woken_by_the_first_of_several() -> None:
    inbox = Inbox()
    receiving = asyncio.create_task(inbox.get())
    await started(receiving)
    assert not receiving.done()
    inbox.put_nowait(event("a"))
    inbox.put_nowait(event("b"))
    assert await receiving == event("a")
    assert await inbox.get() == event("b")


@pytest.mark.parametrize("comes_before", [True, False])
async def test_an_event_is_not_lost_with_a_receiver_that_is_cancelled(comes_before: bool) -> None:
    inbox = Inbox()
    receiving = asyncio.create_task(inbox.get())
    await started(receiving)
    if comes_before:
        inbox.put_nowait(event("a"))
    receiving.cancel()
    await asyncio.wait({receiving})
    if not comes_before:
        inbox.put_nowait(event("a"))
    assert await inbox.get() == event("a")


async def test_there_is_room_until_it_is_taken_and_once_it_is_given_back_nobody_waits() -> None:
    room = Room()
    assert room.is_set()
    await room.wait()
    room.clear()
    waiting = [asyncio.create_task(room.wait()) for _ in range(3)]
    await started(*waiting)
    room.clear()  # said twice, which changes nothing for those who wait
    assert not room.is_set()
    waiting[0].cancel()
    await started(*waiting)
    assert [one.done() for one in waiting] == [True, False, False]
    room.set()
    assert room.is_set()
    await asyncio.gather(*waiting[1:])


async def test_who_waited_is_let_on_though_there_is_no_room_again() -> None:
    room = Room()
    room.clear()
    waiting = asyncio.create_task(room.wait())
    await started(waiting)
    room.set()
    room.clear()
    await asyncio.wait_for(waiting, 5)
    assert not room.is_set()
