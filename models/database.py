"""The database: which one, connecting to it, migrating it."""

from __future__ import annotations

import asyncio
import fcntl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg
from tortoise import BaseDBAsyncClient, Tortoise
from tortoise.backends.base.config_generator import expand_db_url
from tortoise.connection import get_connections
from tortoise.migrations.api.migrate import migrate as apply_migrations
from tortoise.migrations.executor import MigrationExecutor

APP = "models"
_APP = {"models": ["models"], "migrations": "models.migrations"}

#: One process, one connection: SQLite's own wait for a lock that a foreign program holds. Short,
#: since everybody waits with it; `transact` tries again for longer.
SQLITE_BUSY_MS = 2_000
#: Connections to PostgreSQL per process: enough to keep its cores busy, few enough for ten
#: processes within its default of 100.
POSTGRES_POOL = 8
#: Seconds that one statement may take: a longer one is a defect, and holds a connection.
STATEMENT_SECONDS = 30.0
#: Seconds that closing the connections may take.
CLOSE_SECONDS = 2.0
#: What may stand behind the `?` of a PostgreSQL address, as libpq knows it.
QUERY = frozenset(("application_name", "sslmode"))
#: Any constant does: whoever migrates holds it, so that two do not at once.
_MIGRATION_LOCK = 0x6167656E74


class BadDatabaseUrl(ValueError):
    """DATABASE_URL is none that this service understands; the sentence says what is."""


class DatabaseInUse(RuntimeError):
    """Another process has this SQLite file."""


class SchemaMismatch(RuntimeError):
    """The database's migrations are not those of this program; the sentence says what to run."""


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """A DATABASE_URL, understood: `file` of SQLite, or `url` of PostgreSQL."""

    file: Path | None
    url: str

    @classmethod
    def parse(cls, text: str) -> DatabaseUrl:
        """`sqlite:///relative`, `sqlite:////absolute`, `postgres://…` or `postgresql://…`."""
        scheme, found, rest = text.partition("://")
        if found and scheme == "sqlite" and rest.startswith("/") and len(rest) > 1:
            return cls(Path(unquote(rest[1:])), text)
        if found and scheme in ("postgres", "postgresql") and urlsplit(text).path.strip("/"):
            _check_query(text)
            return cls(None, f"asyncpg://{rest}")
        raise BadDatabaseUrl(
            "DATABASE_URL: expected sqlite:///file, sqlite:////absolute/file or "
            f"postgres://user:password@host:port/database, got {without_password(text)!r}"
        )

    @property
    def is_sqlite(self) -> bool:
        return self.file is not None

    @property
    def dsn(self) -> str:
        """PostgreSQL's address as asyncpg and libpq take it."""
        return self.url.replace("asyncpg://", "postgres://", 1)

    @property
    def dialect(self) -> str:
        return "sqlite" if self.is_sqlite else "postgres"

    def connection(self) -> dict[str, Any]:
        """The connection as Tortoise is told it."""
        if self.file is not None:
            return {
                "engine": "tortoise.backends.sqlite",
                "credentials": {
                    "file_path": str(self.file),
                    "busy_timeout": SQLITE_BUSY_MS,
                    # With WAL no commit is lost when the process dies, only when the machine does.
                    "synchronous": "NORMAL",
                },
            }
        connection: dict[str, Any] = expand_db_url(self.url)
        if sslmode := connection["credentials"].pop("sslmode", None):
            connection["credentials"]["ssl"] = sslmode
        pool = {
            "maxsize": POSTGRES_POOL,
            "command_timeout": STATEMENT_SECONDS,
            "reset": _leave_as_it_is,
        }
        connection["credentials"] = pool | connection["credentials"]
        return connection

    def config(self) -> dict[str, Any]:
        """Tortoise's configuration.

        The connection has the dialect's name, since Tortoise keeps the SQL that it wrote by the
        connection's name: a process that opens one database after another must not mix them up.
        """
        return {
            "connections": {self.dialect: self.connection()},
            "apps": {APP: _APP | {"default_connection": self.dialect}},
            "use_tz": True,
        }


async def _leave_as_it_is(_connection: Any) -> None:
    """Give a connection back to the pool without the statement with which asyncpg resets it.

    It would come behind each transaction and each statement outside one, and costs as much as a
    small SELECT. Nothing on a pooled connection sets what outlives a transaction; asyncpg itself
    still rolls back one that is open.
    """


def _check_query(url: str) -> None:
    unknown = parse_qs(urlsplit(url).query).keys() - QUERY
    if unknown:
        expected, got = " and ".join(sorted(QUERY)), ", ".join(sorted(unknown))
        raise BadDatabaseUrl(f"DATABASE_URL: expected no parameters but {expected}, got {got}")


def without_password(url: str) -> str:
    """The address without what is secret in it: its password, and its query, which may hold one."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    user = f"{parts.username}@" if parts.username else ""
    return f"{parts.scheme}://{user}{host}{parts.path}" if parts.netloc else url.partition("?")[0]


@asynccontextmanager
async def database(
    text: str, *, check: bool = True, alone: bool = True
) -> AsyncIterator[DatabaseUrl]:
    """Connect to the database for the length of the block.

    Raises BadDatabaseUrl, DatabaseInUse where another process has the SQLite file, and, unless
    `check` is off, SchemaMismatch where its migrations are not this program's. Not `alone`: beside
    a service that has the file, for something short of which that one need not hear.
    """
    url = DatabaseUrl.parse(text)
    with _sole_use(url) if alone else nullcontext():
        await Tortoise.init(config=url.config(), _enable_global_fallback=True)
        _prepare_inserts()
        try:
            if check:
                await check_schema(url)
            yield url
        finally:
            # A frozen server does not answer a good-bye: asyncpg then breaks its connections off.
            with suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await Tortoise.close_connections()


def _prepare_inserts() -> None:
    """Have Tortoise make the INSERT of each table with all of its columns.

    It keeps one for each table, that of the first model of it that is used for anything, and some
    models lack columns that can be large (`Run` and `RunWithInputs`).
    """
    client, models = connection(), Tortoise.apps[APP].values()
    for model in sorted(models, key=lambda model: len(model._meta.fields), reverse=True):
        client.executor_class(model=model, db=client)


async def migrate(text: str) -> list[str]:
    """Bring the database up to this program's schema; the names of the migrations applied."""
    async with database(text, check=False) as url, _migration_lock(url):
        applied: list[str] = []

        def note(event: str, _app: str, name: str) -> None:
            if event == "apply_done":
                applied.append(name)

        if await _unknown_migrations():
            raise SchemaMismatch(await _mismatch(url) or "")
        await apply_migrations(config=url.config(), direction="forward", progress=note)
        return applied


async def check_schema(url: DatabaseUrl) -> None:
    """Raise SchemaMismatch, with what to do, unless database and program match."""
    if sentence := await _mismatch(url):
        raise SchemaMismatch(sentence)


async def _mismatch(url: DatabaseUrl) -> str | None:
    if unknown := await _unknown_migrations():
        return (
            f"the database is newer than this program (it has {', '.join(unknown)}): "
            "run a newer version of agent-runs"
        )
    if missing := await _missing_migrations():
        where = without_password(url.dsn)
        command = f"DATABASE_URL={where} agent-runs migrate"
        return f"the database lacks {', '.join(missing)}: run `{command}`"
    return None


def _executor() -> MigrationExecutor:
    return MigrationExecutor(connection(), {APP: _APP})


async def _missing_migrations() -> list[str]:
    return [step.migration.name for step in await _executor().plan()]


async def _unknown_migrations() -> list[str]:
    executor = _executor()
    await executor.loader.build_graph()
    known = {key.name for key in executor.loader.disk_migrations}
    return sorted(key.name for key in executor.loader.applied_migrations if key.name not in known)


@asynccontextmanager
async def _migration_lock(url: DatabaseUrl) -> AsyncIterator[None]:
    """One migration at a time. SQLite's file is ours alone already."""
    if url.is_sqlite:
        yield
        return
    connection = await asyncpg.connect(url.dsn)
    try:
        await connection.execute(f"SELECT pg_advisory_lock({_MIGRATION_LOCK})")
        yield
    finally:
        await connection.close()


@contextmanager
def _sole_use(url: DatabaseUrl) -> Iterator[None]:
    """SQLite is for one process: hold an advisory lock on a file beside the database."""
    if url.file is None:
        yield
        return
    try:
        lock = Path(f"{url.file}.lock").open("ab")  # noqa: SIM115 - closed below
    except OSError as error:
        raise BadDatabaseUrl(
            f"DATABASE_URL: {url.file} cannot be opened: {error.strerror}"
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DatabaseInUse(
                f"{url.file} is used by another process: SQLite serves one. Stop that one, "
                "or use PostgreSQL (DATABASE_URL=postgres://…) for several."
            ) from error
        yield


def connection() -> BaseDBAsyncClient:
    """The connection to the database, or the transaction that surrounds the caller."""
    handler = get_connections()
    (name,) = handler.db_config
    return handler.get(name)


def dialect() -> str:
    """`sqlite` or `postgres`: for the few places whose SQL differs."""
    return connection().capabilities.dialect
