"""How often one client may ask: counted by the library `limits`, here or in Valkey for all."""

from __future__ import annotations

import inspect
import math
import time
from typing import Any

import structlog
from limits import RateLimitItem
from limits.aio.strategies import FixedWindowRateLimiter as SharedLimiter
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import FixedWindowRateLimiter as OwnLimiter
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
        # Of connections, made as they are needed.
        self._pool: Any = _pool(url) if url else None
        self._limiter = _shared(url, self._pool) if url else OwnLimiter(MemoryStorage())

    async def count(self, client: str) -> None:
        """Count one request. Raises LimitReached where it is one too many."""
        if self._rate is None:
            return
        try:
            is_within = self._limiter.hit(self._rate, client)
            if inspect.isawaitable(is_within):
                is_within = await is_within
        except Exception as error:
            log.warning("requests are not counted", error=repr(error))
            return
        if not is_within:
            raise await self._too_many(self._rate, client)

    async def close(self) -> None:
        """Close what is open to the broker."""
        if self._pool is not None:
            await self._pool.disconnect()

    async def _too_many(self, rate: RateLimitItem, client: str) -> LimitReached:
        stats = self._limiter.get_window_stats(rate, client)
        if inspect.isawaitable(stats):
            stats = await stats
        retry = max(1, math.ceil(stats.reset_time - time.time()))
        message = f"expected at most {rate.amount} requests in {rate.get_expiry()} s"
        return LimitReached("RATE_LIMIT", rate.amount, message, 429, retry)


def check_rate_url(url: str) -> None:
    """See that RATE_LIMIT_URL names a broker that can count. Raises BadLimit."""
    if url and not url.startswith(_SCHEMES):
        expected = "redis:// or valkey://[user:password@]host:port (rediss:// or valkeys:// by TLS)"
        raise BadLimit(f"RATE_LIMIT_URL: expected {expected}, got {without_password(url)[:60]!r}")


def _pool(url: str) -> Any:
    return ConnectionPool.from_url(
        url, socket_timeout=COUNTING_SECONDS, socket_connect_timeout=COUNTING_SECONDS
    )


def _shared(url: str, pool: Any) -> SharedLimiter:
    address = "valkey://" + url.partition("://")[2]
    return SharedLimiter(storage_from_string(f"async+{address}", connection_pool=pool))
