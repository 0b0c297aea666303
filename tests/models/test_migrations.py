"""Migrations: what they leave in the real catalogue, and who refuses what."""

import asyncio
import sqlite3
import sys
from pathlib import Path
from uuid import UUID

import pytest
from tortoise import Tortoise
from tortoise.migrations.api.migrate import migrate as apply_migrations

from models.database import (
    BadDatabaseUrl,
    DatabaseInUse,
    DatabaseUrl,
    SchemaMismatch,
    connection,
    database,
    dialect,
    migrate,
)
from models.run import Run
from models.states import RunStatus
from resolvers.viewer import LOCAL_VIEWER

# What a column of a Tortoise field is on each database.
TYPES = {
    "sqlite": {
        "UUIDField": {"CHAR(36)"},
        "TextField": {"TEXT"},
        "CharField": {"TEXT"},
        "CharEnumFieldInstance": {"TEXT"},
        "IntField": {"INTEGER", "BIGINT"},
        "BigIntField": {"BIGINT"},
        "InstantField": {"BIGINT"},
        "BinaryField": {"BLOB"},
    },
    "postgres": {
        "UUIDField": {"uuid"},
        "TextField": {"text"},
        "CharField": {"text"},
        "CharEnumFieldInstance": {"text"},
        "IntField": {"integer", "bigint"},
        "BigIntField": {"bigint"},
        "InstantField": {"bigint"},
        "BinaryField": {"bytea"},
    },
}


MIGRATIONS = ["0001_initial", "0002_packed_logs", "0003_compressed_payloads", "0004_trust"]


async def columns(table: str) -> dict[str, tuple[str, bool]]:
    """(type, nullable) by column, from the database's own catalogue."""
    if dialect() == "sqlite":
        rows = await connection().execute_query_dict(f"PRAGMA table_info({table})")
        return {row["name"]: (row["type"], not row["notnull"] and not row["pk"]) for row in rows}
    rows = await connection().execute_query_dict(
        "SELECT column_name, data_type, is_nullable FROM information_schema.columns"
        " WHERE table_name = $1",
        [table],
    )
    return {row["column_name"]: (row["data_type"], row["is_nullable"] == "YES") for row in rows}


async def test_every_model_is_its_table_column_by_column(database_url: str) -> None:
    async with database(database_url):
        models = list(Tortoise.apps["models"].values())
        for model in models:
            fields = model._meta.fields_map.items()
            found = await columns(model._meta.db_table)
            # A model that another one extends has all but the columns that can be large.
            is_whole = not any(other in model.__subclasses__() for other in models)
            assert found.keys() >= {name for name, _ in fields}, model
            assert is_whole is (found.keys() == {name for name, _ in fields}), model
            for name, field in fields:
                kind, nullable = found[name]
                assert kind in TYPES[dialect()][type(field).__name__], (model, name)
                assert nullable == field.null, (model, name)


async def test_migrating_twice_does_nothing_the_second_time(bare_database_url: str) -> None:
    assert await migrate(bare_database_url) == MIGRATIONS
    assert await migrate(bare_database_url) == []


ONE = UUID(int=1)
#: A run as the version before the newest migration stored it.
EARLIER = [
    f"INSERT INTO agent (id, name, folded_name, kind, description, created_at)"
    f" VALUES ('{ONE}', 'backup', 'backup', 'TASK', '', 1)",
    f"INSERT INTO cluster (id, name, folded_name, description, created_at)"
    f" VALUES ('{ONE}', 'eu-1', 'eu-1', '', 1)",
    f"INSERT INTO run (id, agent_id, cluster_id, status, revision, changed_at, trigger_source,"
    f" trigger_name, inputs, labels, search_text, started_at, completed_at, duration,"
    f" last_heard_at, attempt, last_sequence, last_event, log_sources)"
    f" VALUES ('{ONE}', '{ONE}', '{ONE}', 'RUNNING', 1, 1, 'MANUAL',"
    f" 'ada', '{{}}', '[]', 'backup', 1, 2, 1,"
    f" 1, 1, 0, 0, '{{}}')",
]


async def test_runs_of_an_earlier_version_are_kept_and_belong_to_the_local_person(
    bare_database_url: str,
) -> None:
    async with database(bare_database_url, check=False) as url:
        await apply_migrations(config=url.config(), target=f"models.{MIGRATIONS[-2]}")
        for statement in EARLIER:
            await connection().execute_query(statement)
    assert await migrate(bare_database_url) == MIGRATIONS[-1:]
    async with database(bare_database_url):
        run = await Run.get()
    assert (run.id, run.agent_id, run.trigger_name) == (ONE, ONE, "ada")
    assert (run.status, run.principal) == (RunStatus.RUNNING, LOCAL_VIEWER.principal)


async def test_postgresql_does_not_compress_payloads_again(postgres_url: str) -> None:
    async with database(postgres_url):
        (row,) = await connection().execute_query_dict(
            "SELECT attstorage FROM pg_attribute"
            " WHERE attrelid = 'log_chunk'::regclass AND attname = 'payload'"
        )
    assert row["attstorage"] in ("e", b"e")


async def test_two_that_migrate_postgresql_at_once_wait_for_each_other(
    bare_postgres_url: str,
) -> None:
    command = "import asyncio, sys; from models.database import migrate; "
    command += "print(asyncio.run(migrate(sys.argv[1])))"
    both = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", command, bare_postgres_url, stdout=asyncio.subprocess.PIPE
        )
        for _ in range(2)
    ]
    answers = [(await process.communicate())[0].decode().strip() for process in both]
    assert sorted(answers) == [str(MIGRATIONS), "[]"]


async def test_a_database_that_lacks_migrations_is_refused_with_the_command(
    bare_database_url: str,
) -> None:
    with pytest.raises(
        SchemaMismatch, match=rf"lacks {', '.join(MIGRATIONS)}: run `DATABASE_URL=.* migrate`"
    ):
        async with database(bare_database_url):
            pass


async def test_a_database_that_is_newer_is_refused(database_url: str) -> None:
    async with database(database_url):
        await connection().execute_query(
            "INSERT INTO tortoise_migrations (app, name, applied_at)"
            " VALUES ('models', '9999_future', '2030-01-01 00:00:00')"
        )
    with pytest.raises(SchemaMismatch, match=r"newer than this program .*9999_future"):
        async with database(database_url):
            pass
    with pytest.raises(SchemaMismatch, match="newer than this program"):
        await migrate(database_url)


async def test_a_migration_that_fails_leaves_nothing_behind(bare_sqlite_url: str) -> None:
    file = DatabaseUrl.parse(bare_sqlite_url).file
    assert file is not None
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE step (id INTEGER)")  # in the way of the migration
    connection.close()
    with pytest.raises(Exception, match="step"):
        await migrate(bare_sqlite_url)
    connection = sqlite3.connect(file)
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    connection.close()
    assert "agent" not in tables


async def test_a_second_process_on_sqlite_is_refused_with_a_sentence(sqlite_url: str) -> None:
    async with database(sqlite_url):
        with pytest.raises(DatabaseInUse, match="SQLite serves one"):
            async with database(sqlite_url):
                pass


@pytest.mark.parametrize(
    "text",
    ["", "agent-runs.db", "sqlite://file", "sqlite:///", "mysql://h/db", "postgres://host"],
)
def test_an_unknown_database_url_is_refused_with_examples(text: str) -> None:
    with pytest.raises(BadDatabaseUrl, match="expected sqlite:///file"):
        DatabaseUrl.parse(text)


def test_a_refusal_does_not_show_the_password() -> None:
    with pytest.raises(BadDatabaseUrl) as refusal:
        DatabaseUrl.parse("mysql://user:hunter2@host/db")
    assert "hunter2" not in str(refusal.value)
    with pytest.raises(BadDatabaseUrl) as refusal:
        DatabaseUrl.parse("mysql://mysql:mysql@host/mysql?password=hunter2")
    assert "mysql://mysql@host/mysql'" in str(refusal.value)


def test_a_parameter_that_is_not_known_is_refused_and_sslmode_is_known() -> None:
    with pytest.raises(BadDatabaseUrl, match=r"expected no parameters but .*, got pasword"):
        DatabaseUrl.parse("postgres://h/db?pasword=x")
    credentials = DatabaseUrl.parse("postgres://h/db?sslmode=require").connection()["credentials"]
    assert credentials["ssl"] == "require"
    assert "sslmode" not in credentials


def test_three_slashes_are_relative_and_four_absolute() -> None:
    assert DatabaseUrl.parse("sqlite:///runs.db").file == Path("runs.db")
    assert DatabaseUrl.parse("sqlite:////var/runs.db").file == Path("/var/runs.db")
