"""Runs: the row that everything else of a run hangs on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any, cast
from uuid import UUID

import orjson
from tortoise import Model, fields
from tortoise.fields.data import CharEnumFieldInstance
from tortoise.queryset import QuerySet

from models.fields import InstantField
from models.ids import Kind, global_id
from models.instants import ENDLESS, FOREVER
from models.states import ACTIVE, RunErrorCode, RunStatus, TriggerSource


class Run(Model):
    """One execution of an agent on a cluster.

    Without its inputs, which can be a MiB: `RunWithInputs`.

    `completed_at` and `duration` are never null: FOREVER and ENDLESS stand in them while the run is
    active, so that both sort without a special case; `ended_at` and `duration_seconds` give None.
    """

    id = fields.UUIDField(primary_key=True)
    agent_id = fields.UUIDField()
    cluster_id = fields.UUIDField()
    status = fields.CharEnumField(RunStatus, max_length=16, default=RunStatus.RUNNING)
    #: Grows by one with every UPDATE of the row: of two answers the higher is the newer.
    revision = fields.IntField(default=1)
    #: When what lists show last changed; log lines and signs of life do not count. Grows strictly.
    changed_at = InstantField()

    trigger_source = fields.CharEnumField(TriggerSource, max_length=16)
    trigger_name = fields.TextField()
    trigger_url = fields.TextField(null=True)
    trigger_external_id = fields.TextField(null=True)
    #: A JSON array of {"name","value"}, sorted, each pair once; see `encode_labels`.
    labels = fields.TextField(default="[]")
    #: Everything that `search` looks in, case-folded; see `search_text_of`.
    search_text = fields.TextField()
    #: Of the reporter that started it: nobody else's reporter may tell of it.
    principal = fields.TextField(default="local")
    idempotency_key = fields.TextField(null=True)
    #: SHA-256, in hex, of the input that the idempotency key came with, but for what is redacted.
    fingerprint = fields.CharField(max_length=64, null=True)

    started_at = InstantField()
    completed_at = InstantField(default=FOREVER)
    #: Microseconds from start to end, retries included.
    duration = fields.BigIntField(default=ENDLESS)
    last_heard_at = InstantField()

    #: The number of the current attempt, from 1.
    attempt = fields.IntField(default=1)
    next_attempt_at = InstantField(null=True)

    cancel_requested_by = fields.TextField(null=True)
    cancel_requested_at = InstantField(null=True)
    cancel_reason = fields.TextField(null=True)

    error_code = fields.CharEnumField(RunErrorCode, max_length=32, null=True)
    error_message = fields.TextField(null=True)
    error_details = fields.TextField(null=True)
    error_step_id = fields.UUIDField(null=True)

    #: The last sequence number of its log lines; 0 while there is none.
    last_sequence = fields.BigIntField(default=0)
    #: The last sequence number of its events.
    last_event = fields.IntField(default=0)
    #: Where each log source stands: a JSON array of [attempt, name, next offset].
    log_sources = fields.TextField(default="[]")

    #: Once it has ended: the first line that is still to be packed (live/chunk_packing.py); None
    #: where all are. In the row's indexes, so it must not change while lines are taken in.
    unpacked_from = fields.BigIntField(null=True, default=1)

    deleted_at = InstantField(null=True)
    deletion_id = fields.UUIDField(null=True)

    class Meta:
        table = "run"

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE

    @property
    def ended_at(self) -> datetime | None:
        """When it ended; None while active."""
        return None if self.completed_at == FOREVER else self.completed_at

    @property
    def duration_seconds(self) -> float | None:
        """Wall time in seconds, retries included; None while active."""
        return None if self.duration == ENDLESS else self.duration / 1_000_000

    def source_offsets(self) -> dict[tuple[int, str], int]:
        """The next offset by (attempt, source name)."""
        return {(attempt, name): offset for attempt, name, offset in orjson.loads(self.log_sources)}


class RunWithInputs(Run):
    """The whole row: to begin a run, and for who needs what the agent was given."""

    #: JSON as text, as it was told: keys in their order, numbers digit for digit.
    inputs = fields.TextField(default="{}")

    class Meta:
        table = "run"


@cache
def run_columns() -> str:
    """The columns of a run but its inputs, for a SELECT that is written by hand."""
    return ", ".join(Run._meta.fields_map)


def run_of(row: Iterable[tuple[str, Any]]) -> Run:
    """A run of the values that such a SELECT found in PostgreSQL.

    What Tortoise makes of them, for less than half of its CPU; a test holds the two equal.
    """
    values = dict(row)
    for name, field in _converted():
        if values[name] is not None:
            values[name] = field.to_python_value(values[name])
    run = Run.__new__(Run)
    vars(run).update(values, **_AS_STORED, _await_when_save={})
    return run


#: What Tortoise notes in an instance that it read.
_AS_STORED = {"_partial": False, "_saved_in_db": True, "_custom_generated_pk": True}


@cache
def _converted() -> list[tuple[str, fields.Field[Any]]]:
    """The fields whose values are not what asyncpg reads."""
    kinds = (InstantField, CharEnumFieldInstance)
    return [
        (name, field) for name, field in Run._meta.fields_map.items() if isinstance(field, kinds)
    ]


async def keys_of(runs: QuerySet[Run]) -> list[UUID]:
    """The ids of the runs, in the query's order."""
    return cast("list[UUID]", await runs.values_list("id", flat=True))


def encode_sources(offsets: dict[tuple[int, str], int]) -> str:
    """The inverse of `Run.source_offsets`."""
    return orjson.dumps([[a, name, offset] for (a, name), offset in offsets.items()]).decode()


def encode_label(name: str, value: str) -> str:
    """One label as it stands in `Run.labels`.

    Inside a JSON string a quote is always preceded by a backslash, so this text can occur in the
    column only as a whole label: a filter may look for it as a substring.
    """
    return orjson.dumps({"name": name, "value": value}).decode()


def encode_labels(labels: Iterable[tuple[str, str]]) -> str:
    """Labels as a sorted set."""
    return "[" + ",".join(encode_label(*pair) for pair in sorted(set(labels))) + "]"


def decode_labels(text: str) -> list[tuple[str, str]]:
    """(name, value) pairs in order."""
    return [(label["name"], label["value"]) for label in orjson.loads(text)]


def fold(text: str) -> str:
    """Case folded, the same on every database (SQLite's own LOWER knows ASCII only)."""
    return text.casefold()


#: Stands between the fields of a search text and in no text: no needle spans two fields.
_SEPARATOR = "\x1f"


def search_text_of(
    run_id: UUID,
    agent: str,
    cluster: str,
    trigger_name: str,
    external_id: str | None,
    error_message: str | None,
) -> str:
    """The folded text that `search` looks in: agent, cluster, trigger, error message and ids."""
    parts = (
        agent,
        cluster,
        trigger_name,
        external_id or "",
        error_message or "",
        global_id(Kind.RUN, run_id),
    )
    return _SEPARATOR.join(fold(part.replace(_SEPARATOR, " ")) for part in parts)


def search_needle(text: str) -> str:
    """A search as it is looked for in a search text."""
    return fold(text.replace(_SEPARATOR, " "))
