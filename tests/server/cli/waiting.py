"""Waiting for what sends no word of itself: another process's files and output."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

#: Seconds. Far beyond what anything here takes, and below the time limit of a test.
PATIENCE_S = 60.0


async def until(look: Callable[[], T]) -> T:
    """The first answer of `look` that is true."""
    async with asyncio.timeout(PATIENCE_S):
        while not (found := look()):  # noqa: ASYNC110  (another process sets no event)
            await asyncio.sleep(0.01)
    return found
