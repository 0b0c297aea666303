"""Lines per second into PostgreSQL, and bytes of a line on its disk, against COPY of their text."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

import asyncpg

from benchmarks.data.lines import message
from benchmarks.data.load_log import CHUNK_LINES, start_writing
from benchmarks.databases import Databases
from benchmarks.figures import Base, Figure, Goal, Unit
from benchmarks.measures.appending import BATCH_LINES, MANY, lines_per_second, reporters_of
from benchmarks.reporter import Reporter
from benchmarks.rounds import Measure, interleaved
from benchmarks.size import Size
from live import log_store
from live.log_line import NewLine
from models.database import database
from models.instants import utc_now
from models.states import LogLevel, LogStream
from models.transactions import transact

SECTION = "storing"
COPY = "COPY, a row for each line"
NOTHING = "a mutation that does nothing"


async def measure(service: int, floor: int, databases: Databases, size: Size) -> list[Figure]:
    """By the ports of the service and of benchmarks/floor/mutation.py."""
    reporters = await reporters_of(service, MANY)
    idle = [Reporter.of_floor(BATCH_LINES) for _ in range(MANY)]
    plain = databases.bare("plain")
    chunks = databases.migrated("chunks")
    seconds = max(size.load_seconds, LEAST_SECONDS)
    copying = _Copying(plain, size.stored_lines)
    await copying.begin()
    async with database(chunks):
        storing = await _Storing.begin(size.stored_lines)
        measures: list[Measure[float]] = [
            copying.round,
            storing.round,
            partial(lines_per_second, service, reporters, seconds),
            partial(lines_per_second, floor, idle, seconds),
        ]
        copied, stored, appended, nothing = await interleaved(size.rounds, measures)
    bare = await _bytes_on_disk(plain, "line") / (size.rounds * size.stored_lines)
    packed = await _bytes_on_disk(chunks, "log_chunk") / (size.rounds * size.stored_lines)
    title = f"over GraphQL, {MANY} reporters, {BATCH_LINES} lines a call"
    return [
        Figure(
            SECTION,
            f"the store alone, {CHUNK_LINES} lines a transaction",
            Unit.LINES,
            stored,
            Base(COPY, copied),
            Goal(1),
        ),
        Figure(SECTION, title, Unit.LINES, appended, Base(NOTHING, nothing), Goal(2)),
        Figure(SECTION, title, Unit.LINES, appended, Base(COPY, copied)),
        Figure(
            SECTION,
            f"a line on disk, {CHUNK_LINES} lines a chunk",
            Unit.BYTES,
            [packed],
            Base(COPY, [bare]),
            Goal(MAX_LINE_BYTES, is_of_value=True),
        ),
    ]


#: Of load in one round: on a busy machine a call of each of the many takes a second.
LEAST_SECONDS = 2.0
#: What a packed line may take.
MAX_LINE_BYTES = 40


class _Copying:
    """COPY into one plain table, as binary records or as text, whichever is faster."""

    def __init__(self, url: str, lines: int) -> None:
        self._url = url
        self._records = [(number, message(number)) for number in range(1, lines + 1)]

    async def begin(self) -> None:
        connection = await asyncpg.connect(self._url)
        await connection.execute("CREATE TABLE line (sequence BIGINT, text TEXT)")
        await connection.close()

    async def round(self) -> float:
        """Lines a second."""
        connection = await asyncpg.connect(self._url)
        try:
            began = time.perf_counter()
            await connection.copy_records_to_table("line", records=self._records)
            return len(self._records) / (time.perf_counter() - began)
        finally:
            await connection.close()


class _Storing:
    """The log store, called by this process: a chunk in a transaction, one after the other."""

    def __init__(self, chunks: Sequence[Sequence[NewLine]]) -> None:
        self._chunks = chunks

    @classmethod
    async def begin(cls, lines: int) -> _Storing:
        now = utc_now()
        told = [
            NewLine(message(number), now, LogLevel.INFO, LogStream.STDOUT, None)
            for number in range(1, lines + 1)
        ]
        starts = range(0, lines, CHUNK_LINES)
        return cls([told[start : start + CHUNK_LINES] for start in starts])

    async def round(self) -> float:
        """Lines a second, into a run of its own."""
        run_id = await start_writing()
        began = time.perf_counter()
        stored = 0
        for chunk in self._chunks:
            append = partial(log_store.append, run_id, stored + 1, 1, "main", stored, chunk)
            await transact(append)
            stored += len(chunk)
        return stored / (time.perf_counter() - began)


async def _bytes_on_disk(url: str, table: str) -> int:
    """With its indexes, and with what PostgreSQL stores beside it."""
    connection = await asyncpg.connect(url)
    try:
        size: int = await connection.fetchval("SELECT pg_total_relation_size($1::regclass)", table)
        return size
    finally:
        await connection.close()
