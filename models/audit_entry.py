"""What was destroyed, ended, shared or granted, and by whom."""

from __future__ import annotations

from enum import StrEnum

from tortoise import Model, fields

from models.fields import InstantField


class AuditAction(StrEnum):
    DELETE_RUNS = "DELETE_RUNS"
    RESTORE_RUNS = "RESTORE_RUNS"
    PURGE_RUNS = "PURGE_RUNS"
    CANCEL_RUNS = "CANCEL_RUNS"
    SHARE_REPORT = "SHARE_REPORT"
    REVOKE_SHARE = "REVOKE_SHARE"
    CREATE_TOKEN = "CREATE_TOKEN"
    REVOKE_TOKEN = "REVOKE_TOKEN"


class AuditEntry(Model):
    """One call; written in the transaction of what it tells of, and never changed or removed."""

    id = fields.UUIDField(primary_key=True)
    at = InstantField()
    action = fields.CharEnumField(AuditAction, max_length=32)
    #: The viewer's name, principal and how they said who they are.
    by = fields.TextField()
    principal = fields.TextField()
    via = fields.TextField()
    #: As their client told it; nothing proves it.
    copilot_session = fields.TextField(null=True)
    #: How many things it was done to.
    count = fields.IntField()
    #: Their ids, 16 bytes each; of what kind the action says.
    targets = fields.BinaryField()

    class Meta:
        table = "audit_entry"
