"""Waiting for what sends no word of itself: another process's files, output and data."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

#: Seconds. Far beyond what anything here takes, and below the time limit of a test.
PATIENCE_S = 60.0
#: Seconds between looks.
POLL_S = 0.01


async def until(look: Callable[[], T]) -> T:
    """The first answer of `look` that is true; the event loop goes on meanwhile."""
    async with asyncio.timeout(PATIENCE_S):
        while not (found := look()):  # noqa: ASYNC110  (another process sets no event)
            await asyncio.sleep(POLL_S)
    return found


def until_now(look: Callable[[], T | None]) -> T:
    """The same where there is no event loop."""
    deadline = time.monotonic() + PATIENCE_S
    while not (found := look()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(POLL_S)
    return found
