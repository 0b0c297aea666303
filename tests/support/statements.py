"""What the database is asked: for tests that count statements or look at their plans."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from models.database import connection

METHODS = ("execute_query", "execute_query_dict", "execute_insert", "execute_many")


class Statement(NamedTuple):
    sql: str
    values: list[Any]


@contextmanager
def recorded() -> Iterator[list[Statement]]:
    """The statements of the block, in order; those within transactions are not among them."""
    client: Any = connection()
    statements: list[Statement] = []

    def recording(execute: Any) -> Any:
        async def record(sql: str, values: Any = None) -> Any:
            statements.append(Statement(sql, list(values or [])))
            return await execute(sql, values)

        return record

    for name in METHODS:
        setattr(client, name, recording(getattr(client, name)))
    try:
        yield statements
    finally:
        for name in METHODS:
            delattr(client, name)
