"""Payloads of log chunks are compressed when they come: PostgreSQL need not try as well."""

from __future__ import annotations

from tortoise.migrations.migration import Migration as BaseMigration

from models.ddl import Ddl

#: No row is written anew: it holds for those to come, and those that are there are read as before.
STORAGE = "ALTER TABLE log_chunk ALTER COLUMN payload SET STORAGE EXTERNAL"


class Migration(BaseMigration):
    dependencies = [("models", "0002_packed_logs")]
    operations = [Ddl([STORAGE], only="postgres")]
