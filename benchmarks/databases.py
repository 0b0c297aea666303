"""Databases to measure on: migrated and empty, in a folder that is removed afterwards."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from models.database import migrate
from tests.support.engines import sqlite_url
from tests.support.postgres import PostgresServer, run_in_a_loop_of_its_own


class Databases(Protocol):
    """Makes databases of one kind."""

    @property
    def kind(self) -> str:
        """`sqlite` or `postgres`."""

    @property
    def version(self) -> str:
        """Such as `SQLite 3.40.1`."""

    def bare(self, name: str) -> str:
        """The URL of a new database without a table."""

    def migrated(self, name: str) -> str:
        """The URL of a new, migrated, empty database."""


@dataclass(frozen=True, slots=True)
class SqliteDatabases:
    folder: Path
    version: str
    kind: str = "sqlite"

    def bare(self, name: str) -> str:
        return sqlite_url(self.folder / f"{name}.sqlite3")

    def migrated(self, name: str) -> str:
        return _migrated(self.bare(name))


@dataclass(frozen=True, slots=True)
class PostgresDatabases:
    server: PostgresServer
    version: str
    kind: str = "postgres"

    def bare(self, name: str) -> str:
        return self.server.create_database(name=name)

    def migrated(self, name: str) -> str:
        return _migrated(self.bare(name))


def _migrated(url: str) -> str:
    run_in_a_loop_of_its_own(lambda: migrate(url))
    return url


@contextmanager
def databases(kind: str, folder: Path) -> Iterator[Databases]:
    """Databases of a kind, `sqlite` or `postgres`, in an empty folder of ours."""
    if kind == "sqlite":
        yield SqliteDatabases(folder, f"SQLite {sqlite3.sqlite_version}")
        return
    server = PostgresServer.create(folder)
    server.start()
    try:
        yield PostgresDatabases(server, f"PostgreSQL {server.binaries.version()}")
    finally:
        server.remove()
