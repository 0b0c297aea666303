"""Since when the service has been able to hear its reporters without a break."""

from __future__ import annotations

from tortoise import Model, fields

from models.fields import InstantField


class Hearing(Model):
    """One row. Serving processes renew `until`; whoever renews after a gap sets `since` anew.

    Silence makes a run LOST only while it could be heard: the worker counts from `since`, so that
    after a start or an outage each run gets its full time again.
    """

    id = fields.IntField(primary_key=True, default=1)
    since = InstantField()
    until = InstantField()

    class Meta:
        table = "hearing"
