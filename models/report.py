"""Reports of completed runs, and the links that share them."""

from __future__ import annotations

from tortoise import Model, fields

from models.fields import InstantField


class Report(Model):
    """The report of a completed run; run_id is unique.

    Without its sections, which can be a MiB: `ReportWithSections`.
    """

    id = fields.UUIDField(primary_key=True)
    run_id = fields.UUIDField()
    title = fields.TextField()
    #: Markdown.
    summary = fields.TextField(default="")
    created_at = InstantField()

    class Meta:
        table = "report"


class ReportWithSections(Report):
    """The whole row: to write a report, and to render it."""

    #: JSON as text; its shape is resolvers/report_document.py's.
    sections = fields.TextField(default="[]")

    class Meta:
        table = "report"


class ReportShare(Model):
    """A link that shows a report to whoever holds its secret, of which only the hash is stored."""

    id = fields.UUIDField(primary_key=True)
    run_id = fields.UUIDField()
    report_id = fields.UUIDField()
    #: SHA-256 of the secret in hex; unique. The secret is random, so it needs no salt.
    secret_hash = fields.CharField(max_length=64)
    created_by = fields.TextField()
    created_at = InstantField()
    #: None: never.
    expires_at = InstantField(null=True)
    revoked_at = InstantField(null=True)
    last_used_at = InstantField(null=True)

    class Meta:
        table = "report_share"
