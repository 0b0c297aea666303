"""Writing to the database: in transactions, through the seconds in which it is locked or gone."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

import asyncpg
from tortoise.exceptions import (
    DBConnectionError,
    OperationalError,
    TransactionManagementError,
)
from tortoise.transactions import in_transaction

T = TypeVar("T")

#: Seconds that a write goes on trying while the database is locked, restarting or gone.
PATIENCE_SECONDS = 15.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0


class DatabaseUnavailable(RuntimeError):
    """The database did not answer, or stayed locked, for PATIENCE_SECONDS."""


async def transact(body: Callable[[], Awaitable[T]]) -> T:
    """Run `body` in one transaction, again from the start where the database faltered.

    `body` must do nothing but read and write the database: it may run several times. A commit
    whose answer was lost is tried again as well, so `body` must know by what it finds that it was
    done already. Raises DatabaseUnavailable once PATIENCE_SECONDS are used up.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE_SECONDS
    pause = _FIRST_PAUSE
    while True:
        try:
            # In a task of its own: Tortoise notes the transaction in the task's context, and leaves
            # it there where BEGIN fails, so that nothing would work in this task ever after.
            return await loop.create_task(_once(body))
        except Exception as error:
            if not is_passing(error):
                raise
            if loop.time() + pause > deadline:
                raise DatabaseUnavailable("the database did not answer; try again later") from error
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


async def _once(body: Callable[[], Awaitable[T]]) -> T:
    """One try. `async with in_transaction()` does not do: it neither gives back the connection
    where BEGIN fails, nor rolls back where COMMIT does.
    """
    context = in_transaction()
    client = await _begin(context)
    try:
        answer = await body()
        await client.commit()
    except BaseException as error:
        await context.__aexit__(type(error), error, error.__traceback__)
        raise
    # It is committed: a connection that breaks while it is given back changes nothing of that, and
    # the pool replaces it.
    with suppress(*PASSING):
        await context.__aexit__(None, None, None)
    return answer


async def _begin(context: Any) -> Any:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await context.__aenter__()
    except BaseException:
        if hasattr(context, "token"):
            # It has a connection, on which there is nothing to roll back.
            await context.__aexit__(TransactionManagementError, None, None)
        raise


#: What is raised while the database is locked, restarting or away; `is_passing` looks closer.
PASSING: tuple[type[Exception], ...] = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.InterfaceError,
    # What asyncpg says of a connection that broke in the middle of something.
    asyncpg.InternalClientError,
    DBConnectionError,
    DatabaseUnavailable,
    OperationalError,
    sqlite3.OperationalError,
    # Refused, reset, timed out, unreachable, a name that does not resolve at the moment.
    OSError,
)


def is_passing(error: BaseException) -> bool:
    """Whether this is the database being locked, restarting or away, which passes."""
    if isinstance(error, OperationalError):
        cause = error.args[0] if error.args else None
        return isinstance(cause, Exception) and is_passing(cause)
    if isinstance(error, sqlite3.OperationalError):
        return "locked" in str(error) or "busy" in str(error)
    # asyncpg's own DataError, a parameter that does not fit, is an InterfaceError as well.
    return isinstance(error, PASSING) and not isinstance(error, ValueError)
