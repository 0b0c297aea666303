"""How often one client may ask: counted here, or in Valkey for all processes by `limits`.

The library's own memory starts a thread after each pause of 10 ms, or looks through all clients at
each request; so what is counted here is counted by us.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any, Protocol

import structlog
from limits import RateLimitItem
from limits.aio.strategies import FixedWindowRateLimiter
from limits.storage import storage_from_string
from valkey.asyncio import ConnectionPool

from graph.limits import BadLimit
from models.database import without_password
from server.places import LimitReached

log = structlog.get_logger(__name__)

_SCHEMES = ("redis://", "rediss://", "valkey://", "valkeys://")
#: Seconds that a request may wait to be counted. One that cannot be is let through: a broker that
#: is away must not take the service with it.
COUNTING_SECONDS = 0.5


class Rates:
    """Counts the requests of each client within a window that begins with its first.

    In memory each process counts for itself; with a `url` (RATE_LIMIT_URL) all together.
    """

    def __init__(self, rate: RateLimitItem | None, url: str = "") -> None:
        self._rate = rate
        self._windows: Windows | None = None
        if rate is not None:
            self._windows = SharedWindows(rate, url) if url else OwnWindows(rate)

    async def count(self, client: str) -> None:
        """Count one request. Raises LimitReached where it is one too many."""
        if self._rate is None or self._windows is None:
            return
        try:
            wait = await self._windows.hit(client)
        except Exception as error:
            log.warning("requests are not counted", error=repr(error))
            return
        if wait is not None:
            amount, seconds = self._rate.amount, self._rate.get_expiry()
            message = f"expected at most {amount} requests in {seconds} s"
            raise LimitReached("RATE_LIMIT", amount, message, 429, max(1, math.ceil(wait)))

    async def close(self) -> None:
        """Close what is open to a broker."""
        if self._windows is not None:
            await self._windows.close()


class Windows(Protocol):
    async def hit(self, client: str) -> float | None:
        """Count one request; where it is one too many, the seconds until the window ends."""

    async def close(self) -> None: ...


class OwnWindows:
    """Those of this process. `clock` gives seconds."""

    def __init__(self, rate: RateLimitItem, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._length, self._clock = rate.amount, rate.get_expiry(), clock
        #: By client: how many requests came, and when the window ends.
        self._windows: dict[str, tuple[int, float]] = {}
        self._swept = clock()

    async def hit(self, client: str) -> float | None:
        now = self._clock()
        self._sweep(now)
        count, end = self._windows.get(client, (0, 0.0))
        if end <= now:
            count, end = 0, now + self._length
        self._windows[client] = count + 1, end
        return end - now if count >= self._most else None

    async def close(self) -> None:
        self._windows.clear()

    def _sweep(self, now: float) -> None:
        """Once in a window's length, forget those that are over."""
        if now - self._swept >= self._length:
            self._windows = {key: one for key, one in self._windows.items() if one[1] > now}
            self._swept = now


class SharedWindows:
    """Those of all processes that count in the same broker."""

    def __init__(self, rate: RateLimitItem, url: str) -> None:
        self._rate = rate
        pool: Any = ConnectionPool.from_url(
            url, socket_timeout=COUNTING_SECONDS, socket_connect_timeout=COUNTING_SECONDS
        )
        self._pool = pool
        # The library takes redis:// for a client that we do not have; the protocol is the same.
        address = "async+valkey://" + url.partition("://")[2]
        self._limiter = FixedWindowRateLimiter(storage_from_string(address, connection_pool=pool))

    async def hit(self, client: str) -> float | None:
        if await self._limiter.hit(self._rate, client):
            return None
        return (await self._limiter.get_window_stats(self._rate, client)).reset_time - time.time()

    async def close(self) -> None:
        await self._pool.disconnect()


def check_rate_url(url: str) -> None:
    """See that RATE_LIMIT_URL names a broker that can count. Raises BadLimit."""
    if url and not url.startswith(_SCHEMES):
        expected = "redis:// or valkey://[user:password@]host:port (rediss:// or valkeys:// by TLS)"
        raise BadLimit(f"RATE_LIMIT_URL: expected {expected}, got {without_password(url)[:60]!r}")
