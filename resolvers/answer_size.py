"""How large the answer of one operation is by now.

What an operation costs is known before it runs, as a number of values. How large they are is known
only then: a run's inputs can be a MiB. So they are counted on their way, before they take memory:
when they are read, and when they are put into the answer, where one value may stand many times.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import NoReturn

from resolvers.errors import ApiError


class AnswerTooLarge(ApiError):
    """There is no room for more. It ends the operation as a whole, so that nobody is told of it."""

    code = "LIMIT_EXCEEDED"


def _nothing() -> None:
    pass


class AnswerSize:
    """Bytes that one operation read and tells, neither more than `limit`. `end` is to end it."""

    __slots__ = ("_end", "_read", "is_exceeded", "limit", "told")

    def __init__(self, limit: float = inf, end: Callable[[], None] = _nothing) -> None:
        self.limit = limit
        #: Counted by whoever puts values into the answer.
        self.told = 0
        self.is_exceeded = False
        self._read = 0
        self._end = end

    def tell(self, size: int) -> None:
        """Count bytes before they are put into the answer. Raises AnswerTooLarge."""
        self.told += size
        if self.told > self.limit:
            self.exceed()

    def read(self, size: int) -> None:
        """Count bytes before they are read for the answer. Raises AnswerTooLarge."""
        self._read += size
        if self._read > self.limit:
            self.exceed()

    def check(self) -> None:
        """Raises AnswerTooLarge where that came up before: what follows must not begin."""
        if self.is_exceeded:
            self.exceed()

    def exceed(self) -> NoReturn:
        """End the operation. Raises AnswerTooLarge."""
        if not self.is_exceeded:
            self.is_exceeded = True
            self._end()
        raise AnswerTooLarge("expected an answer with room for more")
