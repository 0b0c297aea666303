"""Changing a run: lock it, say what changes, save. The state machine is enforced here."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID

from models.database import connection, dialect
from models.instants import span_micros, to_micros
from models.run import Run, run_columns, run_of
from models.run_event import RunEvent
from models.states import RUN_SOURCES, RunStatus, StepStatus
from models.step import Step
from models.transactions import DatabaseUnavailable


class LostRace(DatabaseUnavailable):
    """Somebody else changed the run between our read and our UPDATE; `transact` starts over."""


class ForbiddenTransition(ValueError):
    """A status that may not follow the present one. Callers check first: this is a defect."""


#: What changes in a run that takes in log lines.
TAKEN_IN = frozenset(("last_sequence", "log_sources", "last_heard_at"))

_LOCK_FREE = """
SELECT {columns} FROM run WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE SKIP LOCKED
"""

#: The same compare-and-set as in `RunChange.save`, for many.
_SAVE_TOGETHER = """
UPDATE run SET revision = run.revision + 1, last_sequence = told.last_sequence,
    log_sources = told.log_sources, last_heard_at = told.last_heard_at
FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::bigint[])
    AS told (id, revision, status, last_sequence, log_sources, last_heard_at)
WHERE run.id = told.id AND run.revision = told.revision AND run.status = told.status
"""


class RunChange:
    """One run in the surrounding transaction, and what will become of it.

    `run` shows the values as they will be; `save` writes those that were set, in one UPDATE that
    holds only where revision and status still are what was read (compare-and-set).
    """

    def __init__(self, run: Run, now: datetime) -> None:
        self.run = run
        self.now = now
        self._read_status = run.status
        self._read_revision = run.revision
        self._values: dict[str, Any] = {}
        self._events: list[RunEvent] = []
        self._listed = False

    @classmethod
    async def lock(cls, run_id: UUID, now: datetime) -> Self | None:
        """The run, locked until the transaction ends; None where there is none."""
        run = await Run.filter(id=run_id).select_for_update().first()
        return None if run is None else cls(run, now)

    @classmethod
    async def lock_free(cls, run_ids: Collection[UUID], now: datetime) -> dict[UUID, Self]:
        """Those of the runs that nobody else holds locked, locked in the order of their ids.

        On PostgreSQL in SQL: Tortoise takes four times as long, mostly to make the models.
        """
        if dialect() == "postgres":
            statement = _LOCK_FREE.format(columns=run_columns())
            _, rows = await connection().execute_query(statement, [list(run_ids)])
            runs = [run_of(row.items()) for row in rows]
        else:
            runs = await Run.filter(id__in=run_ids).order_by("id")
        return {run.id: cls(run, now) for run in runs}

    @property
    def is_changed(self) -> bool:
        """Whether there is anything to save."""
        return bool(self._values or self._listed)

    @property
    def listed(self) -> bool:
        """Whether something changes that lists show, so not just log lines and signs of life."""
        return self._listed

    def set(self, *, listed: bool = True, **values: Any) -> None:
        """Set columns of the run."""
        self._values.update(values)
        self._listed |= listed
        for name, value in values.items():
            setattr(self.run, name, value)

    def hear(self) -> None:
        """Note a sign of life of the reporter."""
        self.set(last_heard_at=max(self.now, self.run.last_heard_at), listed=False)

    def move(self, status: RunStatus, at: datetime) -> None:
        """Change the run's own status."""
        if self.run.status not in RUN_SOURCES[status]:
            raise ForbiddenTransition(f"a run cannot go from {self.run.status} to {status}")
        self._record(None, self.run.status, status, at)
        self.set(status=status)

    def begin(self) -> None:
        """Record the first event of a run that was just made."""
        self._record(None, None, RunStatus.RUNNING, self.run.started_at)

    def end(self, status: RunStatus, at: datetime) -> None:
        """End the run; `at` is not before its start."""
        self.move(status, at)
        duration = span_micros(self.run.started_at, at)
        self.set(completed_at=at, duration=duration, next_attempt_at=None)

    def record_step(
        self, step: Step, before: StepStatus | None, after: StepStatus, at: datetime
    ) -> None:
        """Record that a step changed its status; saving the step is the caller's."""
        self._listed = True
        self._record(step.id, before, after, at)

    def _record(self, step_id: UUID | None, before: str | None, after: str, at: datetime) -> None:
        self.set(last_event=self.run.last_event + 1)
        self._events.append(
            RunEvent(
                run_id=self.run.id,
                sequence=self.run.last_event,
                at=at,
                attempt=self.run.attempt,
                step_id=step_id,
                from_status=before,
                to_status=after,
            )
        )

    async def save(self) -> None:
        """Write what was set and recorded; nothing where nothing was. Raises LostRace."""
        if not self.is_changed:
            return
        if self._listed:
            self.set(changed_at=next_change(self.run.changed_at, self.now))
        self.set(revision=self._read_revision + 1, listed=False)
        held = Run.filter(id=self.run.id, revision=self._read_revision, status=self._read_status)
        if not await held.update(**self._values):
            raise LostRace(f"run {self.run.id} was changed at the same time")
        await insert_events(self._events)

    @classmethod
    async def save_together(cls, changes: Sequence[Self]) -> None:
        """Save runs that only took in log lines, in as few statements as can be. Raises LostRace.

        On PostgreSQL it is one.
        """
        if dialect() != "postgres":
            for change in changes:
                await change.save()
            return
        rows = [change._taken_in() for change in changes]
        saved, _ = await connection().execute_query(_SAVE_TOGETHER, list(zip(*rows, strict=True)))
        if saved != len(changes):
            raise LostRace("some of the runs were changed at the same time")

    def _taken_in(self) -> tuple[UUID, int, str, int, str, int]:
        """What `_SAVE_TOGETHER` takes of one run."""
        if self._listed or not self._values.keys() <= TAKEN_IN:
            raise ValueError(f"run {self.run.id} did more than take in lines")
        run, revision = self.run, self._read_revision
        self.set(revision=revision + 1, listed=False)
        heard = to_micros(run.last_heard_at)
        return run.id, revision, self._read_status, run.last_sequence, run.log_sources, heard

    async def insert(self) -> None:
        """Write a run that was just made, with its events."""
        await self.run.save(force_create=True)
        await insert_events(self._events)


async def insert_events(events: Sequence[RunEvent]) -> None:
    """Insert events, in order."""
    if events:
        await RunEvent.bulk_create(events)


def next_change(previous: datetime, now: datetime) -> datetime:
    """A `changed_at` that is greater than the one before, also where the clock stood still."""
    return max(now, previous + timedelta(microseconds=1))
