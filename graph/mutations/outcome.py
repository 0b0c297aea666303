"""What became of a mutation: an answer, or a refusal, which its payload tells of."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable
from typing import Self, TypeVar

import strawberry

import models
from graph.types.run import Run
from graph.types.user_error import UserError
from resolvers import errors
from resolvers.errors import Refused

T = TypeVar("T")


async def outcome_of(operation: Awaitable[T]) -> T | Refused:
    """The operation's answer, or why it was refused."""
    try:
        return await operation
    except Refused as refusal:
        return refusal


def user_errors(told: Iterable[errors.UserError]) -> list[UserError]:
    """Errors as clients see them."""
    return [UserError.of(error) for error in told]


@strawberry.type
class RunPayload:
    """The base of the payloads that hold the run, and nothing more than that."""

    run: Run | None = strawberry.field(description="As it is now; null where it was not found.")
    user_errors: list[UserError]

    @classmethod
    def of(cls, outcome: models.Run | Refused) -> Self:
        if isinstance(outcome, Refused):
            return cls(run=Run.maybe_of(outcome.run), user_errors=user_errors([outcome.error]))
        return cls(run=Run.of(outcome), user_errors=[])
