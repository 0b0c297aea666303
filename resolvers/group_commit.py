"""Work on many runs that arrives together is committed together.

While one group is being committed the next gathers: a busy service makes few large transactions,
and whoever comes alone waits for nobody. Each piece of work is answered after the commit that
holds it, never before. See docs/decisions/0013.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import defaultdict, deque
from collections.abc import Coroutine, Sequence
from typing import Any, Generic, Self, TypeVar
from uuid import UUID

import structlog

from models.transactions import DatabaseUnavailable

A = TypeVar("A")

log = structlog.get_logger(__name__)

#: Pieces of work in one transaction: beyond this a larger group saves next to nothing more.
MAX_GROUP = 64
#: Log lines in one transaction: some MB, so that nobody waits long for those ahead.
MAX_GROUP_LINES = 20_000
#: Groups that are committed at once: while one waits for the disk the other is made ready.
GROUPS_AT_ONCE = 2


class Work(ABC, Generic[A]):
    """What one call does to one run."""

    def __init__(self, key: UUID, lines: int) -> None:
        #: Of the run.
        self.key = key
        #: Log lines that it stores at most.
        self.lines = lines
        self.answer: asyncio.Future[A] = asyncio.get_running_loop().create_future()

    def settle(self, answer: A) -> None:
        """Answer, if anybody waits."""
        if not self.answer.done():
            self.answer.set_result(answer)

    def fail(self, error: Exception) -> None:
        """Raise it where the answer is waited for, if it is."""
        if not self.answer.done():
            self.answer.set_exception(error)

    @classmethod
    @abstractmethod
    async def together(cls, group: Sequence[Self]) -> list[A | None]:
        """Do all of it in one transaction; the answers, None for what has to be done alone.

        Works of one run stand in their order, and once one of a run has to be done alone so have
        those behind it. Where it raises, nothing is done.
        """

    @abstractmethod
    async def alone(self) -> A:
        """Do it in a transaction of its own, or tell by an exception why not."""


class GroupCommit:
    """Gathers work and has it done.

    Works of one run are done in the order in which they came, and never two groups at once hold the
    same run, so that groups do not wait for each other's locks.
    """

    def __init__(self) -> None:
        self._waiting: dict[UUID, deque[Work[Any]]] = {}
        self._busy: set[UUID] = set()
        self._groups = 0
        self._is_due = False
        # asyncio keeps only weak references to tasks.
        self._tasks: set[asyncio.Task[None]] = set()

    async def do(self, work: Work[A]) -> A:
        """Have it done; its answer after the commit. Raises what it raises alone."""
        self._waiting.setdefault(work.key, deque()).append(work)
        if not self._is_due:
            # One turn of the loop later, so that what arrived in this one goes together.
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._begin)
        return await work.answer

    def _begin(self) -> None:
        self._is_due = False
        while self._groups < GROUPS_AT_ONCE and (group := self._take()):
            self._groups += 1
            self._spawn(self._commit(group))

    def _take(self) -> list[Work[Any]]:
        """What comes next of the runs that nobody is at."""
        group: list[Work[Any]] = []
        lines = 0
        for key in [key for key in self._waiting if key not in self._busy]:
            queue = self._waiting[key]
            while queue and len(group) < MAX_GROUP and lines < MAX_GROUP_LINES:
                work = queue.popleft()
                group.append(work)
                lines += work.lines
                self._busy.add(key)
            if queue:
                break
            del self._waiting[key]
        return group

    async def _commit(self, group: list[Work[Any]]) -> None:
        try:
            answers = await type(group[0]).together(group)
        except DatabaseUnavailable as error:
            # Who came since has waited for nothing but the same: nobody waits twice.
            self._busy -= {work.key for work in group}
            for work in [*group, *self._abandon()]:
                work.fail(error)
            return
        except Exception as error:
            # One of them is why; alone each is told what is wrong with it, and no other.
            log.warning("group not committed", count=len(group), error=repr(error))
            answers = [None] * len(group)
        finally:
            self._groups -= 1
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._begin)
        self._answer(group, answers)

    def _answer(self, group: Sequence[Work[Any]], answers: Sequence[Any]) -> None:
        left: defaultdict[UUID, list[Work[Any]]] = defaultdict(list)
        for work, answer in zip(group, answers, strict=True):
            if answer is None:
                left[work.key].append(work)
            else:
                work.settle(answer)
        self._busy -= {work.key for work in group} - left.keys()
        for works in left.values():
            self._spawn(self._one_by_one(works))

    async def _one_by_one(self, works: Sequence[Work[Any]]) -> None:
        """Works of one run, in their order."""
        for work in works:
            try:
                work.settle(await work.alone())
            except Exception as error:
                work.fail(error)
        self._busy.discard(works[0].key)
        self._begin()

    def _abandon(self) -> list[Work[Any]]:
        """All that waits, taken out of the queue."""
        waiting = [work for queue in self._waiting.values() for work in queue]
        self._waiting.clear()
        return waiting

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
