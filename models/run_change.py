"""Changing a run: lock it, say what changes, save. The state machine is enforced here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID

from models.instants import span_micros
from models.run import Run
from models.run_event import RunEvent
from models.states import RUN_SOURCES, RunStatus, StepStatus
from models.step import Step
from models.transactions import DatabaseUnavailable


class LostRace(DatabaseUnavailable):
    """Somebody else changed the run between our read and our UPDATE; `transact` starts over."""


class ForbiddenTransition(ValueError):
    """A status that may not follow the present one. Callers check first: this is a defect."""


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
        if not (self._values or self._listed):
            return
        if self._listed:
            self.set(changed_at=next_change(self.run.changed_at, self.now))
        self.set(revision=self._read_revision + 1, listed=False)
        held = Run.filter(id=self.run.id, revision=self._read_revision, status=self._read_status)
        if not await held.update(**self._values):
            raise LostRace(f"run {self.run.id} was changed at the same time")
        await insert_events(self._events)

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
