"""The steps of a run."""

from __future__ import annotations

from datetime import datetime

from tortoise import Model, fields

from models.fields import InstantField
from models.states import StepStatus


class Step(Model):
    """One step of a workflow, made at its first mention. (run_id, key) is unique.

    Without its output, which can be a MiB: `StepWithOutput`.
    """

    id = fields.UUIDField(primary_key=True)
    run_id = fields.UUIDField()
    #: The workflow's own name for it.
    key = fields.TextField()
    name = fields.TextField()
    #: The order of first mention, from 1; unique within the run.
    position = fields.IntField()
    parent_id = fields.UUIDField(null=True)
    #: The attempt in which it last changed its status.
    attempt = fields.IntField()
    status = fields.CharEnumField(StepStatus, max_length=16, default=StepStatus.PENDING)
    started_at = InstantField(null=True)
    completed_at = InstantField(null=True)
    error_message = fields.TextField(null=True)

    class Meta:
        table = "step"

    @property
    def duration_seconds(self) -> float | None:
        """Seconds from start to end; None before both are known."""
        return seconds_between(self.started_at, self.completed_at)


class StepWithOutput(Step):
    """The whole row: for who writes steps, and who needs what one gave back."""

    #: JSON as text, as it was told; None: no output.
    output = fields.TextField(null=True)

    class Meta:
        table = "step"


def seconds_between(start: datetime | None, end: datetime | None) -> float | None:
    """Seconds from start to end; None where one is missing."""
    return None if start is None or end is None else (end - start).total_seconds()
