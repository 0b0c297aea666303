"""Writes outlive the seconds in which the database is locked or gone."""

import asyncio
import sqlite3

import asyncpg
import pytest

from models import Deletion
from models.database import connection, database
from models.ids import new_id
from models.instants import utc_now
from models.transactions import DatabaseUnavailable, is_passing, transact
from tests.support.commits import one_commit_fails
from tests.support.postgres import PostgresServer


async def write() -> None:
    now = utc_now()
    await Deletion.create(id=new_id(), count=1, by="x", at=now, restorable_until=now)


async def test_what_fails_leaves_nothing_and_is_told(database_url: str) -> None:
    async def body() -> None:
        await write()
        raise LookupError("no")

    async with database(database_url):
        with pytest.raises(LookupError):
            await transact(body)
        assert await Deletion.all().count() == 0


async def test_a_commit_that_fails_is_rolled_back_and_done_again(database_url: str) -> None:
    async with database(database_url):
        with one_commit_fails(sqlite3.OperationalError("database is locked")):
            await transact(write)
        assert await Deletion.all().count() == 1


async def test_a_commit_that_fails_for_good_is_not_committed_by_the_next(
    database_url: str,
) -> None:
    async with database(database_url):
        with one_commit_fails(RuntimeError("disk full")), pytest.raises(RuntimeError):
            await transact(write)
        await transact(write)
        assert await Deletion.all().count() == 1


async def test_a_connection_goes_back_to_the_pool_without_a_statement(postgres_url: str) -> None:
    """Resetting it would cost as much as a small SELECT, behind each."""
    sessions = "SELECT query FROM pg_stat_activity WHERE datname = current_database()"
    async with database(postgres_url) as url:
        await connection().execute_query("SELECT 'told last'")
        onlooker = await asyncpg.connect(url.dsn)
        try:
            others = await onlooker.fetch(f"{sessions} AND pid <> pg_backend_pid()")
        finally:
            await onlooker.close()
    assert {row["query"] for row in others} == {"SELECT 'told last'"}


async def test_patience_ends(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.transactions.PATIENCE_SECONDS", 0.2)

    async def body() -> None:
        raise ConnectionRefusedError

    async with database(database_url):
        with pytest.raises(DatabaseUnavailable):
            await transact(body)


@pytest.mark.parametrize("how", ["kill", "restart"])
async def test_one_task_goes_on_after_any_number_of_outages(
    own_postgres: PostgresServer, how: str
) -> None:
    url = own_postgres.create_database()
    from models.database import migrate

    await migrate(url)
    async with database(url):
        for _ in range(3):
            waiting = asyncio.gather(*(transact(write) for _ in range(12)))
            if how == "kill":
                await asyncio.to_thread(own_postgres.kill)
                await asyncio.to_thread(own_postgres.start)
            else:
                await asyncio.to_thread(own_postgres.restart)
            await waiting
            await asyncio.gather(*(transact(write) for _ in range(12)))
        assert await Deletion.all().count() >= 72


def test_a_parameter_that_does_not_fit_is_no_outage() -> None:
    from asyncpg.exceptions._base import DataError

    assert not is_passing(DataError("invalid input for query argument"))
    assert not is_passing(sqlite3.OperationalError("no such table"))
    assert is_passing(sqlite3.OperationalError("database is locked"))
