"""Where the packing of an ended run's log stands."""

from __future__ import annotations

from tortoise.migrations.migration import Migration as BaseMigration

from models.ddl import Ddl

COLUMN = "ALTER TABLE run ADD COLUMN unpacked_from BIGINT DEFAULT 1"

#: The runs that are still to be packed; active ones, which have no end yet, come last. Its columns
#: stay as they are while lines are taken in: PostgreSQL would otherwise write every index of the
#: run anew with each append.
INDEX = """CREATE INDEX run_to_pack ON run (completed_at)
    WHERE unpacked_from IS NOT NULL AND deleted_at IS NULL"""


class Migration(BaseMigration):
    dependencies = [("models", "0001_initial")]
    operations = [Ddl([COLUMN, INDEX])]
