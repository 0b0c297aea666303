"""The rounds of maintenance: run by `agent-runs worker`, and within `serve` on SQLite."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial

import structlog

from models.transactions import is_passing
from resolvers.browser_logins import forget_expired_logins
from resolvers.lost_runs import HEARING_EVERY, end_unconfirmed_cancels, fail_lost_runs, hear
from resolvers.pack_logs import pack_logs
from resolvers.purge import purge
from resolvers.service import Service

log = structlog.get_logger(__name__)

#: Pause between two rounds: how late a lost run, an unconfirmed cancel or a purge may be noticed.
ROUND = timedelta(seconds=2)

Chore = Callable[[Service], Awaitable[int]]


async def maintain(service: Service, stop: asyncio.Event) -> None:
    """Do every chore, again and again, until told to stop."""
    chores: dict[str, Chore] = {
        "runs failed as lost": fail_lost_runs,
        "cancelled runs ended": end_unconfirmed_cancels,
        "deleted runs purged": partial(purge, stop=stop),
        "logs packed": partial(pack_logs, stop=stop),
        "logins forgotten": forget_expired_logins,
    }
    while not stop.is_set():
        for name, chore in chores.items():
            if not stop.is_set():
                await _attempt(name, chore, service)
        await _pause(stop, ROUND)


async def keep_hearing(service: Service, stop: asyncio.Event) -> None:
    """Say again and again that this process can hear reporters, until told to stop."""
    while not stop.is_set():
        await _attempt("hearing", _hear, service)
        await _pause(stop, HEARING_EVERY)


async def _pause(stop: asyncio.Event, length: timedelta) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(length.total_seconds()):
            await stop.wait()


async def _hear(service: Service) -> int:
    await hear(service)
    return 0


async def _attempt(name: str, chore: Chore, service: Service) -> None:
    """One chore of one round. What goes wrong is logged, and the next round tries again."""
    try:
        count = await chore(service)
    except Exception as error:
        if is_passing(error):
            log.warning("database unavailable", chore=name, error=str(error))
        else:
            log.exception("chore failed", chore=name)
        return
    if count:
        log.info(name, count=count)
