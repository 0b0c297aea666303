"""How streams of a run end, and how they live through an outage."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import TypeVar

from live.hub import Follower
from models.transactions import DatabaseUnavailable, is_passing

T = TypeVar("T")


class StreamEnd(StrEnum):
    RUN_ENDED = "RUN_ENDED"
    RUN_DELETED = "RUN_DELETED"


class ShuttingDown(Exception):
    """The process shuts down: the stream breaks off, without an end. Clients resume elsewhere."""


#: Seconds without news after which a follower looks by itself. It hears of commits of this process
#: at once and of others by wake-up or poll, so this only bounds what a defect there could cost.
FALLBACK_SECONDS = 30.0
#: Seconds that a follower waits for the database to come back: longer than any writer does.
OUTAGE_SECONDS = 300.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0


async def patiently(read: Callable[[], Awaitable[T]], follower: Follower) -> T:
    """Read from the database, waiting while it is away.

    Raises DatabaseUnavailable in the end, and ShuttingDown where the process does not wait for it.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + OUTAGE_SECONDS
    pause = _FIRST_PAUSE
    while True:
        try:
            return await read()
        except Exception as error:
            if not is_passing(error):
                raise
            if follower.closed:
                raise ShuttingDown from error
            if loop.time() + pause > deadline:
                raise DatabaseUnavailable("the database did not answer") from error
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)
