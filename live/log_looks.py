"""Looks at the ends of logs: those of followers that were woken together are one statement.

A group commit wakes the followers of all its runs in one turn of the event loop. A statement for
each would cost more than everything else that is done for a follower then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
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
        self._asked: list[tuple[Look, asyncio.Future[Rows]]] = []
        # asyncio keeps only weak references to tasks.
        self._tasks: set[asyncio.Task[None]] = set()

    async def take(self, look: Look) -> Rows:
        """What the store has, read after this was called. Raises what the database raises."""
        loop = asyncio.get_running_loop()
        found: asyncio.Future[Rows] = loop.create_future()
        if not self._asked:
            loop.call_soon(self._begin)
        self._asked.append((look, found))
        return await found

    def _begin(self) -> None:
        asked, self._asked = self._asked, []
        for start in range(0, len(asked), MAX_LOOKS):
            task = asyncio.create_task(_answer(asked[start : start + MAX_LOOKS]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)


async def _answer(asked: Sequence[tuple[Look, asyncio.Future[Rows]]]) -> None:
    try:
        answers = await read([look for look, _ in asked])
    except Exception as error:
        for _, found in asked:
            if not found.done():
                found.set_exception(error)
        return
    for (_, found), rows in zip(asked, answers, strict=True):
        # Whoever asked may have gone away.
        if not found.done():
            found.set_result(rows)


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
