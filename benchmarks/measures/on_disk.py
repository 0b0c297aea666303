"""Bytes of a line on PostgreSQL's disk, with indexes and what is stored beside the table."""

from __future__ import annotations

import asyncio

import asyncpg

from benchmarks.data.load_log import CHUNK_LINES, load_log
from benchmarks.databases import Databases
from benchmarks.figures import Base, Figure, Goal, Unit
from benchmarks.measures.appending import BATCH_LINES
from live.hub import Hub
from models.database import database
from resolvers.pack_logs import pack_logs
from resolvers.service import Service

#: What a packed line may take.
MAX_LINE_BYTES = 40


async def measure(section: str, databases: Databases, lines: int, base: Base) -> list[Figure]:
    """A log as it is appended, in chunks of two sizes, and packed once it has ended."""

    def figure(name: str, taken: int) -> Figure:
        goal = Goal(MAX_LINE_BYTES, is_of_value=True)
        return Figure(section, f"a line on disk, {name}", Unit.BYTES, [taken / lines], base, goal)

    large, small = databases.migrated("large_chunks"), databases.migrated("small_chunks")
    async with database(large):
        await load_log(lines, CHUNK_LINES)
    async with database(small):
        await load_log(lines, BATCH_LINES)
        appended = await bytes_of("log_chunk", small)
        if await pack_logs(Service(hub=Hub()), asyncio.Event()) != 1:
            raise RuntimeError("expected one log to be packed, whole, in one round")
    return [
        figure(f"{CHUNK_LINES} lines a chunk", await bytes_of("log_chunk", large)),
        figure(f"{BATCH_LINES} lines a chunk", appended),
        figure("the latter packed", await bytes_of("log_chunk", small, rewritten=True)),
    ]


async def bytes_of(table: str, url: str, *, rewritten: bool = False) -> int:
    """Of a table and all that belongs to it; `rewritten` without its dead rows, by VACUUM FULL."""
    connection = await asyncpg.connect(url)
    try:
        if rewritten:
            await connection.execute(f"VACUUM FULL {table}")
        size: int = await connection.fetchval("SELECT pg_total_relation_size($1::regclass)", table)
        return size
    finally:
        await connection.close()
