"""Who may do what: tokens, browsers' logins, whose a run is, and the audit."""

from __future__ import annotations

from tortoise.migrations.migration import Migration as BaseMigration

from models.ddl import Ddl

#: Runs that are there were started before anybody had to say who they are.
PRINCIPAL = "ALTER TABLE run ADD COLUMN principal TEXT NOT NULL DEFAULT 'local'"

TABLES = [
    """CREATE TABLE api_token (
        id {uuid} PRIMARY KEY, name TEXT NOT NULL, prefix TEXT NOT NULL,
        secret_hash TEXT NOT NULL UNIQUE,
        role TEXT NOT NULL CHECK (role IN ('VIEWER', 'REPORTER', 'OPERATOR', 'ADMIN')),
        agents TEXT, clusters TEXT, created_by TEXT NOT NULL, created_at BIGINT NOT NULL,
        expires_at BIGINT, revoked_at BIGINT, last_used_at BIGINT)""",
    """CREATE TABLE browser_login (
        id {uuid} PRIMARY KEY, secret_hash TEXT NOT NULL UNIQUE, token_id {uuid},
        viewer TEXT NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL)""",
    """CREATE TABLE audit_entry (
        id {uuid} PRIMARY KEY, at BIGINT NOT NULL, action TEXT NOT NULL, by TEXT NOT NULL,
        principal TEXT NOT NULL, via TEXT NOT NULL, copilot_session TEXT,
        count INTEGER NOT NULL, targets {blob} NOT NULL)""",
]

#: A key is its reporter's own: the same of another neither tells of its run nor blocks it.
KEYS = [
    "DROP INDEX run_by_idempotency_key",
    """CREATE UNIQUE INDEX run_by_idempotency_key ON run (agent_id, principal, idempotency_key)
        WHERE idempotency_key IS NOT NULL""",
]

INDEXES = [
    "CREATE INDEX audit_entry_by_at ON audit_entry (at, id)",
    "CREATE INDEX browser_login_by_end ON browser_login (expires_at)",
]


class Migration(BaseMigration):
    dependencies = [("models", "0003_compressed_payloads")]
    operations = [Ddl([PRINCIPAL, *KEYS, *TABLES, *INDEXES])]
