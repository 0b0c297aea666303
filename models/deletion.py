"""Deletions of runs, which can be undone for a while."""

from __future__ import annotations

from tortoise import Model, fields

from models.fields import InstantField


class Deletion(Model):
    """One call that deleted runs, which carry its id in `deletion_id` until they are purged."""

    id = fields.UUIDField(primary_key=True)
    #: How many runs it deleted.
    count = fields.IntField()
    by = fields.TextField()
    at = InstantField()
    #: From then on its runs may be purged at any time.
    restorable_until = InstantField()

    class Meta:
        table = "deletion"
