"""The attempts of a run: one, or more where its cluster could not be reached."""

from __future__ import annotations

from tortoise import fields

from models.fields import InstantField
from models.keyed_by_run import KeyedByRun


class RunAttempt(KeyedByRun):
    #: From 1; with run_id the key.
    number = fields.IntField()
    started_at = InstantField()
    ended_at = InstantField(null=True)
    #: Why another attempt followed, or the error that the run failed with; else None.
    failure = fields.TextField(null=True)

    class Meta:
        table = "run_attempt"
