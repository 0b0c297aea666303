"""Looks at the ends of logs: those of followers that were woken together are one statement.

A group commit wakes the followers of all its runs in one turn of the event loop. A statement for
each would cost more than everything else that is done for a follower then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from live.chunk_head import HEAD_COLUMNS
from models.database import connection, dialect
from models.visibility import IS_VISIBLE

#: Looks in one statement: those that a group commit wakes.
MAX_LOOKS = 64
#: Chunks that one statement reads at most (some MB of payload), an even share for each look. Who
#: finds a whole share looks again.
MAX_CHUNKS = 64

#: What was found: a row for each chunk, or one of nulls for none, with the run's own columns.
#: Without a row the run is not there, or deleted.
Rows: TypeAlias = Sequence[Any]

_COLUMNS = ", ".join(f"chunk.{name}" for name in (*HEAD_COLUMNS, "payload"))
_CHUNKS = """
FROM log_chunk chunk WHERE chunk.run_id = {run_id}
    AND chunk.first_sequence > {after} AND chunk.first_sequence <= {until}
ORDER BY chunk.first_sequence LIMIT"""
_POSTGRES = f"""
SELECT look.number, run.status, run.last_sequence, {_COLUMNS}
FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) WITH ORDINALITY
    AS look (run_id, after, until, number)
JOIN run ON run.id = look.run_id AND {IS_VISIBLE}
LEFT JOIN LATERAL (
    SELECT {_COLUMNS} {_CHUNKS.format(run_id="run.id", after="look.after", until="look.until")} $4
) chunk ON true
ORDER BY look.number, chunk.first_sequence"""
_SQLITE = f"""
SELECT run.status, run.last_sequence, {_COLUMNS}
FROM run LEFT JOIN (
    SELECT chunk.run_id, {_COLUMNS} {_CHUNKS.format(run_id="?1", after="?2", until="?3")} ?4
) chunk ON chunk.run_id = run.id
WHERE run.id = ?1 AND {IS_VISIBLE}
ORDER BY chunk.first_sequence"""


class Look(NamedTuple):
    """What stands in a run's log in the chunks that begin with after < sequence <= until?"""

    run_id: UUID
    after: int
    until: int


class Looks:
    """Takes the looks that are asked for in one turn of the event loop as one."""

    def __init__(self) -> None:
        #: The one that gathers; None while nobody asks.
        self._batch: _Batch | None = None

    async def take(self, look: Look) -> Rows:
        """What the store has, read after this was called. Raises what the database raises."""
        if self._batch is None or len(self._batch.looks) == MAX_LOOKS:
            self._batch = _Batch(self._close)
        return await self._batch.take(look)

    def _close(self, batch: _Batch) -> None:
        if self._batch is batch:
            self._batch = None


class _Batch:
    """Looks that go together. It ends with the last who waits for it."""

    def __init__(self, close: Callable[[_Batch], None]) -> None:
        self.looks: list[Look] = []
        self._close = close
        self._waiting = 0
        # A task begins in the next turn: until then others may join.
        self._task = asyncio.create_task(self._read())

    async def take(self, look: Look) -> Rows:
        number = len(self.looks)
        self.looks.append(look)
        self._waiting += 1
        try:
            return (await asyncio.shield(self._task))[number]
        finally:
            self._waiting -= 1
            if not self._waiting and not self._task.done():
                await self._abandon()

    async def _read(self) -> list[Rows]:
        self._close(self)
        return await read(self.looks)

    async def _abandon(self) -> None:
        """Nobody waits any more: whoever asks now must not join what is cancelled."""
        self._close(self)
        self._task.cancel()
        await asyncio.wait({self._task})


async def read(looks: Sequence[Look]) -> list[Rows]:
    """What each look, at least one, finds. On PostgreSQL in one statement.

    SQLite is asked in this process, one statement after the other in any case.
    """
    chunks = MAX_CHUNKS // len(looks)
    client = connection()
    if dialect() == "sqlite":
        values = [[str(look.run_id), look.after, look.until, chunks] for look in looks]
        return [(await client.execute_query(_SQLITE, one))[1] for one in values]
    _, rows = await client.execute_query(_POSTGRES, [*zip(*looks, strict=True), chunks])
    found = {number: list(own) for number, own in groupby(rows, itemgetter("number"))}
    return [found.get(number, ()) for number in range(1, len(looks) + 1)]
