"""The bare database: sqlite3 within the event loop, or a pool of asyncpg, as large as ours."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, Protocol
from urllib.parse import unquote

import asyncpg

#: As many as models/database.py has.
_POOL = 8

Row = Sequence[Any]


class Store(Protocol):
    """What the floors ask of a database."""

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def fetch(self, *queries: str) -> list[Sequence[Row]]:
        """The rows of each query, all read on one connection."""

    async def make_table(self) -> None:
        """A table for texts, with a number for each."""

    async def insert(self, text: str) -> int:
        """Insert a text in a transaction of its own; its number."""


class SqliteStore:
    """With the service's own settings: WAL, synchronous=NORMAL."""

    def __init__(self, file: str) -> None:
        self._file = file

    async def open(self) -> None:
        self._connection = sqlite3.connect(self._file, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")

    async def close(self) -> None:
        self._connection.close()

    async def fetch(self, *queries: str) -> list[Sequence[Row]]:
        return [self._connection.execute(query).fetchall() for query in queries]

    async def make_table(self) -> None:
        self._connection.execute("CREATE TABLE told (number INTEGER PRIMARY KEY, text TEXT)")

    async def insert(self, text: str) -> int:
        self._connection.execute("BEGIN IMMEDIATE")
        number = self._connection.execute("INSERT INTO told (text) VALUES (?)", (text,)).lastrowid
        self._connection.execute("COMMIT")
        assert number is not None
        return number


class PostgresStore:
    def __init__(self, url: str) -> None:
        self._url = url

    async def open(self) -> None:
        self._pool: Any = await asyncpg.create_pool(self._url, min_size=1, max_size=_POOL)

    async def close(self) -> None:
        await self._pool.close()

    async def fetch(self, *queries: str) -> list[Sequence[Row]]:
        async with self._pool.acquire() as connection:
            return [await connection.fetch(query) for query in queries]

    async def make_table(self) -> None:
        await self._pool.execute(
            "CREATE TABLE told (number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text TEXT)"
        )

    async def insert(self, text: str) -> int:
        async with self._pool.acquire() as connection, connection.transaction():
            number: int = await connection.fetchval(
                "INSERT INTO told (text) VALUES ($1) RETURNING number", text
            )
        return number


def store_of(url: str) -> Store:
    """The store behind a DATABASE_URL."""
    if url.startswith("sqlite:///"):
        return SqliteStore(unquote(url.removeprefix("sqlite:///")))
    return PostgresStore(url)
