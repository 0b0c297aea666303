"""Lines per second into PostgreSQL, and bytes of a line on its disk, against COPY of their text."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from functools import partial
from io import BytesIO
from itertools import chain
from uuid import UUID

import asyncpg

from benchmarks.data.lines import message
from benchmarks.data.load_log import CHUNK_LINES, lines_of
from benchmarks.databases import Databases
from benchmarks.figures import Base, Figure, Goal, Unit
from benchmarks.load import per_second
from benchmarks.measures import on_disk
from benchmarks.measures.appending import (
    BATCH_LINES,
    MANY,
    Alone,
    lines_per_second,
    reporters_of,
)
from benchmarks.reporter import Reporter
from benchmarks.rounds import Measure, interleaved
from benchmarks.size import Size
from live.chunk_insert import NewChunk, insert, pack, place
from live.hub import Hub
from live.log_line import NewLine
from models.database import database
from models.ids import new_id
from models.transactions import transact
from resolvers.group_commit import GROUPS_AT_ONCE, MAX_GROUP_LINES
from resolvers.service import Service

SECTION = "storing"
COPY = "COPY, a row for each line"
NOTHING = "a mutation that does nothing"
#: Chunks of one transaction: the largest group that resolvers/group_commit.py makes of them.
CHUNKS = MAX_GROUP_LINES // CHUNK_LINES
#: Reporters that keep as many groups full as are committed at once.
BUSY = CHUNKS * GROUPS_AT_ONCE


async def measure(service: int, floor: int, databases: Databases, size: Size) -> list[Figure]:
    """By the ports of the service and of benchmarks/floor/mutation.py."""
    reporters = await reporters_of(service, MANY)
    idle = [Reporter.of_floor(BATCH_LINES) for _ in range(MANY)]
    plain = databases.bare("plain")
    seconds = max(size.load_seconds, LEAST_SECONDS)
    copying = _Copying(plain, size.stored_lines)
    await copying.begin()
    async with database(databases.migrated("chunks")):
        alone = Service(hub=Hub())
        busy = [(await Alone.begin(CHUNK_LINES, alone)).append for _ in range(BUSY)]
        measures: list[Measure[float]] = [
            copying.records,
            copying.text,
            _Storing(size.stored_lines).round,
            partial(per_second, busy, seconds),
            partial(lines_per_second, service, reporters, seconds),
            partial(lines_per_second, floor, idle, seconds),
        ]
        records, text, stored, called, appended, nothing = await interleaved(size.rounds, measures)
    base = Base(COPY, [max(pair) for pair in zip(records, text, strict=True)])
    over_graphql = f"over GraphQL, {MANY} reporters, {BATCH_LINES} lines a call"
    bare = await on_disk.bytes_of("line", plain) / copying.copied
    return [
        _figure(f"the store alone, {CHUNKS} chunks a transaction", stored, base, Goal(1)),
        _figure(f"append_logs alone, {BUSY} reporters, {CHUNK_LINES} lines a call", called, base),
        _figure(over_graphql, appended, Base(NOTHING, nothing), Goal(2)),
        _figure(over_graphql, appended, base),
        *await on_disk.measure(SECTION, databases, size.stored_lines, Base(COPY, [bare])),
    ]


def _figure(name: str, rounds: list[float], base: Base, goal: Goal | None = None) -> Figure:
    return Figure(SECTION, name, Unit.LINES, rounds, base, goal)


#: Of load in one round: on a busy machine a call of each of the many takes a second.
LEAST_SECONDS = 2.0


class _Copying:
    """COPY into one plain table: of binary records, and of text that was made ready before."""

    def __init__(self, url: str, lines: int) -> None:
        self._url = url
        self._records = [(number, message(number)) for number in range(1, lines + 1)]
        # Nothing in the messages has to be escaped.
        self._text = "".join(f"{number}\t{text}\n" for number, text in self._records).encode()
        #: Lines that are in the table.
        self.copied = 0

    async def begin(self) -> None:
        self._connection = await asyncpg.connect(self._url)
        await self._connection.execute("CREATE TABLE line (sequence BIGINT, text TEXT)")

    async def records(self) -> float:
        """Lines a second."""
        began = time.perf_counter()
        await self._connection.copy_records_to_table("line", records=self._records)
        return self._rate(began)

    async def text(self) -> float:
        """Lines a second."""
        began = time.perf_counter()
        await self._connection.copy_to_table("line", source=BytesIO(self._text), format="text")
        return self._rate(began)

    def _rate(self, began: float) -> float:
        seconds = time.perf_counter() - began
        self.copied += len(self._records)
        return len(self._records) / seconds


class _Storing:
    """The log store, called by this process as group commit calls it for busy reporters.

    Some groups at once, each a transaction with a chunk for each of its runs. Without what a run's
    own row costs, which is in `append_logs alone`.
    """

    def __init__(self, lines: int) -> None:
        chunks = [
            lines_of(range(first, first + CHUNK_LINES)) for first in range(1, lines, CHUNK_LINES)
        ]
        self._groups = [chunks[start : start + CHUNKS] for start in range(0, len(chunks), CHUNKS)]
        self._lines = len(chunks) * CHUNK_LINES

    async def round(self) -> float:
        """Lines a second, into new runs."""
        runs = [new_id() for _ in range(CHUNKS)]
        groups = iter(enumerate(self._groups))
        began = time.perf_counter()
        await asyncio.gather(*(_write(runs, groups) for _ in range(GROUPS_AT_ONCE)))
        return self._lines / (time.perf_counter() - began)


async def _write(
    runs: Sequence[UUID], groups: Iterable[tuple[int, Sequence[Sequence[NewLine]]]]
) -> None:
    for number, group in groups:
        packed = [pack(lines) for lines in group]
        await transact(partial(_insert, runs, number * CHUNK_LINES, packed))


async def _insert(runs: Iterable[UUID], before: int, packed: Iterable[Sequence[NewChunk]]) -> None:
    """A call's chunks for each run, of which `before` lines are stored."""
    pairs = zip(runs, packed, strict=False)
    rows = (place(run, before + 1, 1, "main", before, chunks) for run, chunks in pairs)
    await insert(chain.from_iterable(rows))
