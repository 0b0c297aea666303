"""The PostgreSQL that other tests stand on does what they take for granted."""

import os
import traceback
from collections.abc import Callable
from pathlib import Path

import asyncpg
import psutil
import pytest

from tests.support.engines import Engines
from tests.support.postgres import PostgresServer
from tests.support.postgres_binaries import Account, PostgresBinaries


def user_of(server: PostgresServer) -> int:
    return psutil.Process(server.pid).uids().effective


def write_number(server: PostgresServer, url: str, number: int) -> None:
    server.execute("CREATE TABLE IF NOT EXISTS numbers (number int)", url)
    server.execute(f"INSERT INTO numbers VALUES ({number})", url)


def numbers(server: PostgresServer, url: str) -> list[int]:
    return [row["number"] for row in server.execute("SELECT number FROM numbers", url)]


def test_server_never_runs_as_root(postgres: PostgresServer) -> None:
    assert user_of(postgres) == (os.getuid() or Account.unprivileged().uid) != 0


@pytest.mark.skipif(os.getuid() != 0, reason="the other tests run it as such a user")
def test_server_starts_for_a_user_who_is_not_root(
    engines: Engines, postgres: PostgresServer
) -> None:
    """Such a user runs it as itself: here one who owns nothing but an empty folder."""
    account = postgres.account
    folder = engines.folder / "of-another"
    folder.mkdir()
    account.own(folder)

    def start_one() -> None:
        server = PostgresServer.create(folder, postgres.binaries)
        server.start()
        assert (server.account.uid, user_of(server)) == (None, account.uid)
        assert [tuple(row) for row in server.execute("SELECT 1")] == [(1,)]
        server.kill()

    run_as(account, start_one)


def run_as(account: Account, body: Callable[[], None]) -> None:
    """Runs `body` in a child that gave up being root; a new Python might be out of its reach."""
    assert account.uid is not None
    assert account.gid is not None
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.setgroups([])
            os.setgid(account.gid)
            os.setuid(account.uid)
            os.environ["HOME"] = "/nonexistent"
            body()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_two_databases_of_one_template_are_apart(postgres: PostgresServer) -> None:
    template = postgres.create_database()
    write_number(postgres, template, 1)
    one, other = postgres.create_database(template), postgres.create_database(template)
    write_number(postgres, one, 2)
    assert numbers(postgres, one) == [1, 2]
    assert numbers(postgres, other) == [1]
    for url in (one, other, template):
        postgres.drop_database(url)


async def test_database_is_dropped_while_a_connection_to_it_is_open(
    postgres: PostgresServer,
) -> None:
    url = postgres.create_database()
    connection = await asyncpg.connect(url)
    postgres.drop_database(url)
    with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError)):
        await connection.execute("SELECT 1")
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(url)


def test_restart_keeps_the_data_and_the_address(own_postgres: PostgresServer) -> None:
    url = own_postgres.create_database()
    write_number(own_postgres, url, 7)
    before = own_postgres.pid
    own_postgres.restart()
    assert own_postgres.pid not in (None, before)
    assert numbers(own_postgres, url) == [7]


def test_killed_server_keeps_what_it_had_committed(own_postgres: PostgresServer) -> None:
    url = own_postgres.create_database()
    write_number(own_postgres, url, 7)
    own_postgres.kill()
    assert own_postgres.pid is None
    own_postgres.start()
    assert numbers(own_postgres, url) == [7]


async def test_paused_server_answers_once_it_is_resumed(own_postgres: PostgresServer) -> None:
    connection = await asyncpg.connect(own_postgres.url())
    own_postgres.pause()
    with pytest.raises(TimeoutError):
        await connection.fetchval("SELECT 1", timeout=0.1)
    own_postgres.resume()
    await connection.close()
    assert [tuple(row) for row in own_postgres.execute("SELECT 1")] == [(1,)]


def test_binaries_that_the_account_cannot_reach_are_copied(tmp_path: Path) -> None:
    """A home of mode 0700 hides a virtual environment; the copy runs as well as the original."""
    binaries = PostgresBinaries.find()
    copy = binaries.copied_to(tmp_path)
    assert copy.version() == binaries.version()
    assert copy.folder.is_relative_to(tmp_path)


def test_second_process_finds_the_server_by_its_folder(postgres: PostgresServer) -> None:
    attached = PostgresServer.attach(postgres.folder)
    assert (attached.pid, attached.url()) == (postgres.pid, postgres.url())
