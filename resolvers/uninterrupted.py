"""Mutations run to their end, whatever becomes of the client that asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

# asyncio keeps only weak references to tasks.
_running: set[asyncio.Task[Any]] = set()


def uninterrupted(
    operation: Callable[P, Coroutine[Any, Any, T]],
) -> Callable[P, Coroutine[Any, Any, T]]:
    """Shield an operation from the cancellation of its caller.

    A client that goes away cancels the task that serves it. Between a commit and the publishing of
    what it changed that would leave followers waiting, and within a transaction it would leave
    Tortoise's lock on SQLite held for ever.
    """

    @wraps(operation)
    async def whole(*args: P.args, **kwargs: P.kwargs) -> T:
        task = asyncio.create_task(operation(*args, **kwargs))
        _running.add(task)
        task.add_done_callback(_forget)
        return await asyncio.shield(task)

    return whole


async def finish_operations(seconds: float) -> None:
    """Wait for the operations under way, whose clients may have gone; `seconds` at most."""
    if _running:
        await asyncio.wait(_running, timeout=seconds)


def _forget(task: asyncio.Task[Any]) -> None:
    _running.discard(task)
    if not task.cancelled():
        task.exception()  # it was told to the caller, or nobody is left to hear it
