"""The first schema.

Times are BIGINT microseconds since the epoch, JSON and enums are TEXT: the same on both
databases (docs/decisions/0002). Tables of a run's rows have no foreign key to it: they are
purged in order, in small batches, and can be split by run.
"""

from __future__ import annotations

from tortoise.migrations.migration import Migration as BaseMigration

from models.ddl import Ddl

TABLES = [
    """CREATE TABLE agent (
        id {uuid} PRIMARY KEY, name {name} NOT NULL UNIQUE, folded_name TEXT NOT NULL,
        description TEXT NOT NULL, created_at BIGINT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('TASK', 'WORKFLOW')))""",
    """CREATE TABLE cluster (
        id {uuid} PRIMARY KEY, name {name} NOT NULL UNIQUE, folded_name TEXT NOT NULL,
        description TEXT NOT NULL, created_at BIGINT NOT NULL)""",
    """CREATE TABLE run (
        id {uuid} PRIMARY KEY,
        agent_id {uuid} NOT NULL REFERENCES agent (id),
        cluster_id {uuid} NOT NULL REFERENCES cluster (id),
        status TEXT NOT NULL
            CHECK (status IN ('RUNNING', 'RETRYING', 'COMPLETED', 'FAILED', 'CANCELLED')),
        revision BIGINT NOT NULL, changed_at BIGINT NOT NULL,
        trigger_source TEXT NOT NULL, trigger_name TEXT NOT NULL,
        trigger_url TEXT, trigger_external_id TEXT,
        inputs TEXT NOT NULL, labels TEXT NOT NULL, search_text TEXT NOT NULL,
        idempotency_key TEXT, fingerprint TEXT,
        started_at BIGINT NOT NULL, completed_at BIGINT NOT NULL, duration BIGINT NOT NULL,
        last_heard_at BIGINT NOT NULL, attempt INTEGER NOT NULL, next_attempt_at BIGINT,
        cancel_requested_by TEXT, cancel_requested_at BIGINT, cancel_reason TEXT,
        error_code TEXT, error_message TEXT, error_details TEXT, error_step_id {uuid},
        last_sequence BIGINT NOT NULL, last_event INTEGER NOT NULL, log_sources TEXT NOT NULL,
        deleted_at BIGINT, deletion_id {uuid},
        CHECK (started_at <= completed_at))""",
    """CREATE TABLE step (
        id {uuid} PRIMARY KEY, run_id {uuid} NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL,
        position INTEGER NOT NULL, parent_id {uuid}, attempt INTEGER NOT NULL,
        status TEXT NOT NULL CHECK (status IN
            ('PENDING', 'RUNNING', 'COMPLETED', 'FAILED', 'SKIPPED', 'CANCELLED')),
        started_at BIGINT, completed_at BIGINT, output TEXT, error_message TEXT,
        UNIQUE (run_id, key), UNIQUE (run_id, position), CHECK (started_at <= completed_at))""",
    """CREATE TABLE run_attempt (
        run_id {uuid} NOT NULL, number INTEGER NOT NULL, started_at BIGINT NOT NULL,
        ended_at BIGINT, failure TEXT, PRIMARY KEY (run_id, number))""",
    """CREATE TABLE run_event (
        run_id {uuid} NOT NULL, sequence INTEGER NOT NULL, at BIGINT NOT NULL,
        attempt INTEGER NOT NULL, step_id {uuid}, from_status TEXT, to_status TEXT NOT NULL,
        PRIMARY KEY (run_id, sequence))""",
    """CREATE TABLE log_chunk (
        run_id {uuid} NOT NULL, first_sequence BIGINT NOT NULL, count INTEGER NOT NULL,
        first_at BIGINT NOT NULL, last_at BIGINT NOT NULL,
        levels INTEGER NOT NULL, streams INTEGER NOT NULL,
        steps TEXT NOT NULL, segments TEXT NOT NULL, payload {blob} NOT NULL,
        PRIMARY KEY (run_id, first_sequence), CHECK (count > 0))""",
    """CREATE TABLE report (
        id {uuid} PRIMARY KEY, run_id {uuid} NOT NULL UNIQUE, title TEXT NOT NULL,
        summary TEXT NOT NULL, sections TEXT NOT NULL, created_at BIGINT NOT NULL)""",
    """CREATE TABLE report_share (
        id {uuid} PRIMARY KEY, run_id {uuid} NOT NULL, report_id {uuid} NOT NULL,
        secret_hash TEXT NOT NULL UNIQUE, created_by TEXT NOT NULL, created_at BIGINT NOT NULL,
        expires_at BIGINT, revoked_at BIGINT, last_used_at BIGINT)""",
    """CREATE TABLE deletion (
        id {uuid} PRIMARY KEY, count INTEGER NOT NULL, by TEXT NOT NULL, at BIGINT NOT NULL,
        restorable_until BIGINT NOT NULL)""",
    """CREATE TABLE hearing (
        id INTEGER PRIMARY KEY CHECK (id = 1), since BIGINT NOT NULL, until BIGINT NOT NULL)""",
]

#: Every order of the run list, alone and behind each column that a filter fixes: whichever single
#: filter meets whichever order, the first page is read off an index. Deleted runs are in none.
ORDERS = ("started_at", "completed_at", "duration")
FILTERS = ("status", "agent_id", "cluster_id", "trigger_source", "trigger_name")

RUN_LIST_INDEXES = [
    f"CREATE INDEX run_by_{order} ON run ({order}, id) WHERE deleted_at IS NULL" for order in ORDERS
] + [
    f"CREATE INDEX run_by_{column}_{order} ON run ({column}, {order}, id) WHERE deleted_at IS NULL"
    for column in FILTERS
    for order in ORDERS
]

INDEXES = [
    *RUN_LIST_INDEXES,
    # What changed since the last poll.
    "CREATE INDEX run_by_changed_at ON run (changed_at)",
    # What the purge looks for, and what one deletion took.
    "CREATE INDEX run_by_deleted_at ON run (deleted_at) WHERE deleted_at IS NOT NULL",
    "CREATE INDEX run_by_deletion ON run (deletion_id) WHERE deletion_id IS NOT NULL",
    """CREATE UNIQUE INDEX run_by_idempotency_key ON run (agent_id, idempotency_key)
        WHERE idempotency_key IS NOT NULL""",
    "CREATE INDEX step_by_status ON step (run_id, status)",
    "CREATE INDEX report_share_by_report ON report_share (report_id)",
    "CREATE INDEX report_share_by_run ON report_share (run_id)",
    "CREATE INDEX deletion_by_time ON deletion (at, id)",
]


class Migration(BaseMigration):
    operations = [Ddl(TABLES), Ddl(INDEXES)]
