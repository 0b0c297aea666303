"""The steps of a run while it is being changed: found or made, moved, and saved together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from models.agent import Agent
from models.run_change import RunChange
from models.states import STEP_ENDED, AgentKind, StepStatus, closing_status
from models.step import Step, StepWithOutput
from resolvers.errors import Phrase, invalid
from resolvers.service import Service
from resolvers.text import checked_name

#: Steps that one run holds at most: a list of them is read and sent whole.
MAX_STEPS = 1_000


class StepBook:
    """All steps of the run that `change` holds locked. Nothing is written before `save`."""

    def __init__(
        self, service: Service, change: RunChange, steps: Sequence[StepWithOutput]
    ) -> None:
        self._service = service
        self._change = change
        self._by_key = {step.key: step for step in steps}
        self._by_id = {step.id: step for step in steps}
        self._made: list[StepWithOutput] = []
        #: By key, the columns to write.
        self._updates: dict[str, dict[str, Any]] = {}

    @classmethod
    async def open(cls, service: Service, change: RunChange) -> StepBook:
        steps = await StepWithOutput.filter(run_id=change.run.id).order_by("position")
        return cls(service, change, steps)

    @property
    def steps(self) -> list[StepWithOutput]:
        """In the order of their first mention."""
        return list(self._by_key.values())

    @property
    def is_changed(self) -> bool:
        return bool(self._made or self._updates)

    def find(self, key: str) -> StepWithOutput | None:
        return self._by_key.get(key)

    def find_by_id(self, step_id: UUID) -> StepWithOutput | None:
        return self._by_id.get(step_id)

    def mention(self, key: str, *field: str) -> StepWithOutput:
        """The step of that key, made as PENDING where it is mentioned for the first time."""
        if step := self._by_key.get(key):
            return step
        checked_name(key, *field)
        if len(self._by_key) >= MAX_STEPS:
            raise invalid(field, f"at most {MAX_STEPS} steps in a run", Phrase("one more"))
        step = StepWithOutput(
            id=self._service.new_id(),
            run_id=self._change.run.id,
            key=key,
            name=key,
            position=len(self._by_key) + 1,
            attempt=self._change.run.attempt,
            status=StepStatus.PENDING,
        )
        self._by_key[key] = step
        self._by_id[step.id] = step
        self._made.append(step)
        self._change.record_step(step, None, StepStatus.PENDING, self._change.now)
        return step

    def set(self, step: StepWithOutput, **values: Any) -> None:
        """Set columns of a step; those that have the value already are left alone."""
        changed = {name: value for name, value in values.items() if getattr(step, name) != value}
        if not changed:
            return
        for name, value in changed.items():
            setattr(step, name, value)
        self._updates.setdefault(step.key, {}).update(changed)

    def move(self, step: StepWithOutput, status: StepStatus, at: datetime, **values: Any) -> None:
        """Change a step's status, and what goes with it."""
        before, attempt = step.status, self._change.run.attempt
        times: dict[str, datetime | None] = {}
        if status is StepStatus.PENDING:
            times = {"started_at": None, "completed_at": None}
        elif status is StepStatus.RUNNING:
            times = {"started_at": at, "completed_at": None}
        elif status is StepStatus.SKIPPED or (
            status is StepStatus.CANCELLED and step.started_at is None
        ):
            times = {"completed_at": at}
        else:
            times = {"started_at": step.started_at or at, "completed_at": at}
        self.set(step, status=status, attempt=attempt, **times, **values)
        self._change.record_step(step, before, status, at)

    def reset(self, at: datetime) -> None:
        """A new attempt: steps that are not completed are pending again."""
        for step in self._by_key.values():
            if step.status not in (StepStatus.COMPLETED, StepStatus.PENDING):
                self.move(step, StepStatus.PENDING, at, output=None, error_message=None)

    def close(self, at: datetime, named_by_error: Step | None = None) -> None:
        """The run has ended: close what is open, by the rule of models.states.closing_status."""
        for step in self._by_key.values():
            if step.status in STEP_ENDED:
                continue
            named = named_by_error is not None and step.id == named_by_error.id
            status = closing_status(step.status, self._change.run.status, named_by_error=named)
            self.move(step, status, max(at, step.started_at or at))

    async def save(self) -> None:
        """Write what was made and changed. The first step makes a workflow of the agent."""
        if not self.is_changed:
            return
        made = {step.key for step in self._made}
        await StepWithOutput.bulk_create(self._made)
        for key, values in self._updates.items():
            if key not in made:
                await StepWithOutput.filter(id=self._by_key[key].id).update(**values)
        self._change.set(listed=True)
        if self._made:
            task_agent = Agent.filter(id=self._change.run.agent_id, kind=AgentKind.TASK)
            await task_agent.update(kind=AgentKind.WORKFLOW)
