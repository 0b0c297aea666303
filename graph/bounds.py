"""What becomes of an operation that takes too long, or whose answer grows too large, as it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import TypeVar

from graph.context import Context
from graph.errors import answer_too_large, took_too_long
from resolvers.answer_size import AnswerSize

T = TypeVar("T")


async def bounded(context: Context, is_query: bool, execution: Awaitable[T]) -> T:
    """The result of an operation within its time and its size; the context is told of the latter.

    One that goes beyond is ended with all that it is waiting for. Raises GraphQLError then.
    """
    limits = context.limits
    time = asyncio.timeout(limits.max_operation_seconds)

    def end() -> None:
        with suppress(RuntimeError):  # it is ending already
            time.reschedule(0)

    context.answer_size = size = AnswerSize(limits.max_answer_bytes, end)
    try:
        async with time:
            result = await execution
    except TimeoutError:  # ours: what fields raise stands in the result
        if not size.is_exceeded:
            raise took_too_long(limits.max_operation_seconds, is_query) from None
    if size.is_exceeded:
        raise answer_too_large(limits.max_answer_bytes, is_query)
    return result
