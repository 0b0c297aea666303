"""Hand-written DDL inside Tortoise's migrations, with each dialect's words for the same type."""

from __future__ import annotations

from collections.abc import Sequence

from tortoise.migrations.operations import RunSQL
from tortoise.migrations.schema_editor.base import BaseSchemaEditor

#: Names sort by code point on both, whatever the locale that PostgreSQL's cluster was made with.
TYPES = {
    "sqlite": {"uuid": "CHAR(36)", "blob": "BLOB", "name": "TEXT"},
    "postgres": {"uuid": "UUID", "blob": "BYTEA", "name": 'TEXT COLLATE "C"'},
}


class Ddl(RunSQL):
    """Statements, one each, in which `{uuid}`, `{blob}` and `{name}` stand for the dialect's types.

    They go through `execute_query` and not through Tortoise's `execute_script`, which on SQLite
    commits the surrounding transaction first and would leave half a migration behind.
    """

    def __init__(self, statements: Sequence[str], *, only: str | None = None) -> None:
        """`only` names the dialect to run them on, where the other one has no such thing."""
        super().__init__(statements)
        self._only = only

    async def _run_sql(self, state_editor: BaseSchemaEditor, sqls: Sequence[str]) -> None:
        dialect = state_editor.client.capabilities.dialect
        if self._only not in (None, dialect):
            return
        types = TYPES[dialect]
        for statement in sqls:
            sql = statement.format(**types)
            if state_editor.collect_sql:
                state_editor.collected_sql.append(sql)
            else:
                await state_editor.client.execute_query(sql)
