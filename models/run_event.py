"""The history of a run: every change of its own status and of its steps'."""

from __future__ import annotations

from tortoise import fields

from models.fields import InstantField
from models.keyed_by_run import KeyedByRun


class RunEvent(KeyedByRun):
    """One transition. Subscriptions replay them by `sequence`, which has no gaps within a run."""

    #: From 1; with run_id the key.
    sequence = fields.IntField()
    at = InstantField()
    attempt = fields.IntField()
    #: None: the transition is of the run itself.
    step_id = fields.UUIDField(null=True)
    #: A StepStatus or RunStatus by its name; None where it began.
    from_status = fields.CharField(max_length=16, null=True)
    to_status = fields.CharField(max_length=16)

    class Meta:
        table = "run_event"
