"""Runs into a migrated database, as fast as it takes them: past the service, by plain SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any
from uuid import UUID

import asyncpg

from benchmarks.data.runs import (
    AGENT_COLUMNS,
    CLUSTER_COLUMNS,
    REPORT_COLUMNS,
    RUN_COLUMNS,
    STEP_COLUMNS,
    Row,
    make_rows,
)
from models.database import DatabaseUrl
from models.instants import utc_now


async def load_runs(url: str, count: int) -> None:
    """Fill the database with `count` runs; about one in a hundred of them is deleted."""
    rows = make_rows(count, utc_now())
    tables = {
        "agent": (AGENT_COLUMNS, rows.agent),
        "cluster": (CLUSTER_COLUMNS, rows.cluster),
        "run": (RUN_COLUMNS, rows.run),
        "step": (STEP_COLUMNS, rows.step),
        "report": (REPORT_COLUMNS, rows.report),
    }
    file = DatabaseUrl.parse(url).file
    if file is not None:
        _into_sqlite(str(file), tables)
    else:
        await _into_postgres(url, tables)


#: Of the loading connection only: two dozen indexes grow at once.
_LOADING_CACHE_KIB = 400 * 1024

Tables = Mapping[str, tuple[Sequence[str], list[Row]]]


def _into_sqlite(file: str, tables: Tables) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(f"PRAGMA cache_size = -{_LOADING_CACHE_KIB}")
        for table, (columns, rows) in tables.items():
            marks = ", ".join("?" * len(columns))
            sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
            connection.executemany(sql, _as_text(rows))


def _as_text(rows: list[Row]) -> Iterator[Row]:
    """Ids as SQLite holds them."""
    for row in rows:
        yield tuple(str(value) if isinstance(value, UUID) else value for value in row)


async def _into_postgres(url: str, tables: Tables) -> None:
    connection: Any = await asyncpg.connect(url)
    try:
        for table, (columns, rows) in tables.items():
            await connection.copy_records_to_table(table, records=rows, columns=columns)
        # What autovacuum does within a minute.
        await connection.execute("ANALYZE")
    finally:
        await connection.close()
