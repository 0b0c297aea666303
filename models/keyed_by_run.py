"""Rows whose key is (run, number): the base of attempts, events and log chunks."""

from __future__ import annotations

from tortoise import Model, fields


class KeyedByRun(Model):
    """A row keyed by its run first, so that its table can be split by run.

    The table's primary key is (run_id, number column), which Tortoise cannot say: it is told that
    `run_id` alone is. Hence such rows are inserted, selected, updated and deleted by filter, and
    never with `save()` or `delete()` of an instance.
    """

    run_id = fields.UUIDField(primary_key=True)

    class Meta:
        abstract = True
