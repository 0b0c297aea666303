"""Databases that one test after another uses."""

import asyncpg
import pytest

from models.database import migrate
from tests.support.engines import Engines


def cluster(name: str) -> str:
    """A statement that makes a cluster for each row of `one`."""
    return (
        "INSERT INTO cluster (id, name, folded_name, description, created_at)"
        f" SELECT gen_random_uuid(), {name}, {name}, '', 0"
    )


async def test_what_one_test_left_is_not_seen_by_the_next(engines: Engines) -> None:
    with engines.postgres_database(migrate) as url:
        left_open = await asyncpg.connect(url)
        await left_open.execute(cluster("'eu-1'"))
    with engines.postgres_database(migrate) as again:
        assert again == url
        connection = await asyncpg.connect(again)
        assert await connection.fetchval("SELECT count(*) FROM cluster") == 0
        assert await connection.fetchval("SELECT count(*) FROM tortoise_migrations") > 0
        await connection.close()
    with pytest.raises((asyncpg.InterfaceError, asyncpg.PostgresError)):
        await left_open.execute("SELECT 1")


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE cluster RENAME TO gone",
        "CREATE INDEX one_more ON cluster (name)",
        "DROP TABLE audit_entry",
        "DELETE FROM tortoise_migrations",
        cluster("'eu-' || one") + " FROM generate_series(1, 50000) AS one",
    ],
)
async def test_a_database_that_is_no_longer_as_it_was_made_is_used_by_nobody_else(
    engines: Engines, change: str
) -> None:
    with engines.postgres_database(migrate) as url:
        connection = await asyncpg.connect(url)
        await connection.execute(change)
        await connection.close()
    with engines.postgres_database(migrate) as other:
        assert other != url
