"""100,000 runs, put there by the databases' own bulk loaders: what lists must stay fast over."""

import random
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any
from uuid import UUID

import asyncpg

from models.database import DatabaseUrl
from models.instants import ENDLESS, FOREVER, to_micros
from models.run import encode_labels, search_text_of
from models.states import RunStatus, TriggerSource
from tests.support.clock import START

COUNT = 100_000
AGENTS = [f"agent-{number}" for number in range(40)]
CLUSTERS = [f"cluster-{number}" for number in range(8)]
USERS = [f"user-{number}" for number in range(300)]
SOURCES = [source for source in TriggerSource if source is not TriggerSource.EVENT]

#: A few runs in the middle of every order have an agent, a cluster, a source and so on that no
#: others have: whoever looks for them without their index reads 50,000 runs, from either end.
RARE = 30
RARE_AGENT, RARE_CLUSTER, RARE_USER = "agent-rare", "cluster-rare", "user-rare"
RARE_SOURCE, RARE_STATUS = TriggerSource.EVENT, RunStatus.RETRYING
SPACING_US = 300_000_000
FIRST_US = to_micros(START) - COUNT * SPACING_US
MEDIAN_US = 600_000_000

COLUMNS = (
    "id",
    "agent_id",
    "cluster_id",
    "status",
    "revision",
    "changed_at",
    "trigger_source",
    "trigger_name",
    "inputs",
    "labels",
    "search_text",
    "started_at",
    "completed_at",
    "duration",
    "last_heard_at",
    "attempt",
    "last_sequence",
    "last_event",
    "log_sources",
    "deleted_at",
)


def started(index: int) -> int:
    """When run `index` began, in microseconds."""
    return FIRST_US + index * SPACING_US


def run_id(index: int) -> UUID:
    """The UUIDv7 of run `index`."""
    return _uuid7(started(index) // 1000, index)


def _uuid7(milliseconds: int, rest: int) -> UUID:
    return UUID(int=milliseconds << 80 | 7 << 76 | 2 << 62 | rest)


AGENT_IDS = {name: _uuid7(0, index) for index, name in enumerate([*AGENTS, RARE_AGENT])}
CLUSTER_IDS = {name: _uuid7(0, index) for index, name in enumerate([*CLUSTERS, RARE_CLUSTER])}


def _runs() -> Iterator[tuple[Any, ...]]:
    source = random.Random(1)
    for index in range(COUNT):
        is_rare = 0 <= index - COUNT // 2 < RARE
        agent = RARE_AGENT if is_rare else source.choice(AGENTS)
        cluster = RARE_CLUSTER if is_rare else source.choice(CLUSTERS)
        user = RARE_USER if is_rare else source.choice(USERS)
        trigger = RARE_SOURCE if is_rare else source.choice(SOURCES)
        is_active = not is_rare and index % 100 == 0
        duration = MEDIAN_US if is_rare else int(source.lognormvariate(0, 1) * MEDIAN_US)
        ended = source.choices(
            (RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED), (80, 15, 5)
        )
        status = RARE_STATUS if is_rare else RunStatus.RUNNING if is_active else ended[0]
        at = started(index)
        yield (
            run_id(index),
            AGENT_IDS[agent],
            CLUSTER_IDS[cluster],
            str(status),
            1,
            at,
            str(trigger),
            user,
            "{}",
            encode_labels([("team", f"team-{index % 7}")]),
            search_text_of(run_id(index), agent, cluster, user, None, None),
            at,
            to_micros(FOREVER) if is_active else at + duration,
            ENDLESS if is_active else duration,
            at,
            1,
            0,
            1,
            "[]",
            at if index % 50 == 7 and not is_rare else None,
        )


def _named() -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    yield "agent", [(key, name, name, "", 0, "TASK") for name, key in AGENT_IDS.items()]
    yield "cluster", [(key, name, name, "", 0) for name, key in CLUSTER_IDS.items()]


NAMED = {
    "agent": ("id", "name", "folded_name", "description", "created_at", "kind"),
    "cluster": ("id", "name", "folded_name", "description", "created_at"),
}


async def fill(url: str) -> None:
    """Put them into a migrated, empty database.

    The indexes are made anew behind the rows, which takes a fraction of the time.
    """
    parsed = DatabaseUrl.parse(url)
    if parsed.file is not None:
        _fill_sqlite(str(parsed.file))
    else:
        await _fill_postgres(url)


def _fill_sqlite(file: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA cache_size=-200000")

        def insert(table: str, columns: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
            places = ",".join("?" * len(columns))
            statement = f"INSERT INTO {table} ({','.join(columns)}) VALUES ({places})"
            texts = (tuple(str(v) if isinstance(v, UUID) else v for v in row) for row in rows)
            connection.executemany(statement, texts)

        indexes = connection.execute(
            "SELECT name, sql FROM sqlite_master"
            " WHERE type = 'index' AND tbl_name = 'run' AND sql IS NOT NULL"
        ).fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        for table, rows in _named():
            insert(table, NAMED[table], iter(rows))
        insert("run", COLUMNS, _runs())
        for _, definition in indexes:
            connection.execute(definition)
        connection.commit()


async def _fill_postgres(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        indexes = await connection.fetch(
            "SELECT indexname, indexdef FROM pg_indexes"
            " WHERE tablename = 'run' AND indexname <> 'run_pkey'"
        )
        for name, _ in indexes:
            await connection.execute(f"DROP INDEX {name}")
        for table, rows in _named():
            await connection.copy_records_to_table(table, records=rows, columns=NAMED[table])
        await connection.copy_records_to_table("run", records=_runs(), columns=COLUMNS)
        for _, definition in indexes:
            await connection.execute(definition)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
