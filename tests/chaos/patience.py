"""How long things may take here, on a busy machine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

#: Seconds for anything of a round. Less than the 30 after which a follower looks by itself
#: (`live.ends.FALLBACK_SECONDS`), so that a wake-up or a poll that is missing is found.
PATIENCE = 25.0
#: Seconds between looks, and before a client tries again.
POLL = 0.05


class RanOut(AssertionError):
    """Something did not come about in time."""


async def within(what: str, awaitable: Any, seconds: float = PATIENCE) -> Any:
    """Its outcome. Raises RanOut, which names what was waited for."""
    try:
        async with asyncio.timeout(seconds) as bound:
            return await awaitable
    except TimeoutError as error:
        if not bound.expired():
            raise
        raise RanOut(f"{what}: not within {seconds:g} s") from error


async def until(what: str, look: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait until `look` says yes. Raises RanOut."""

    async def looking() -> None:
        while not look():  # noqa: ASYNC110 - other processes set no event
            await asyncio.sleep(POLL)

    await within(what, looking(), seconds)
