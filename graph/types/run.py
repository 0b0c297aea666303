from __future__ import annotations

from datetime import datetime
from typing import Self, cast

import strawberry

import models
from graph.arguments import After, Before, First, Last
from graph.context import Info
from graph.enums import RunStatus
from graph.fields import computed
from graph.ids import client_id
from graph.inputs.log_filter import LogFilter, plain_log_filter
from graph.json_text import JsonText
from graph.present import present
from graph.types.agent import Agent
from graph.types.cancellation import Cancellation
from graph.types.cluster import Cluster
from graph.types.label import Label
from graph.types.log_line_connection import LogLineConnection
from graph.types.log_source import LogSource
from graph.types.node import Node
from graph.types.report import Report
from graph.types.run_attempt import RunAttempt
from graph.types.run_error import RunError
from graph.types.step import Step
from graph.types.step_count import StepCount
from graph.types.trigger import Trigger
from models.ids import Kind
from models.run import decode_labels
from resolvers.addresses import run_url
from resolvers.cursors import event_cursor
from resolvers.loaders import Loaders
from resolvers.rights import Right, may


@strawberry.type(description="One execution of an agent on a cluster.")
class Run(Node):
    """What stands in the row is an attribute, the cheapest kind of field; the rest is a method."""

    row: strawberry.Private[models.Run]
    revision: int = strawberry.field(
        description="Grows with each change: of two answers the higher is newer."
    )
    status: RunStatus
    started_at: datetime = strawberry.field(
        description="When the run began, whatever attempt reached the cluster."
    )
    completed_at: datetime | None = strawberry.field(
        description="When it ended, however it did; null while active."
    )
    duration_seconds: float | None = strawberry.field(
        description="From start to end, retries included; null while active: clients tick."
    )
    next_attempt_at: datetime | None = strawberry.field(
        description="When the cluster is tried again; only where the status is RETRYING."
    )
    last_heard_at: datetime = strawberry.field(
        description="The reporter's last sign of life. Every call of it is one."
    )
    last_sequence: int = strawberry.field(
        description="The sequence of its last log line; 0 while there is none."
    )

    @classmethod
    def of(cls, row: models.Run) -> Self:
        retrying = row.status is RunStatus.RETRYING
        return cls(
            row=row,
            id=client_id(Kind.RUN, row.id),
            revision=row.revision,
            status=row.status,
            started_at=row.started_at,
            completed_at=row.ended_at,
            duration_seconds=row.duration_seconds,
            next_attempt_at=row.next_attempt_at if retrying else None,
            last_heard_at=row.last_heard_at,
            last_sequence=row.last_sequence,
        )

    @classmethod
    def maybe_of(cls, row: models.Run | None) -> Self | None:
        """The same for a row that may not be there."""
        return None if row is None else cls.of(row)

    @computed("The page for people.")
    def url(self, info: Info) -> str:
        return run_url(info.context.service, self.row.id)

    @computed("What the agent was given at launch.")
    async def inputs(self, info: Info) -> JsonText:
        inputs = await info.context.loaders.inputs_of_run.load(self.row.id)
        return cast("JsonText", present(inputs, "run"))  # a JsonText of its own would be a copy

    @computed()
    async def agent(self, info: Info) -> Agent:
        return Agent.of(await info.context.loaders.agent.load(self.row.agent_id))

    @computed("The target cluster.")
    async def cluster(self, info: Info) -> Cluster:
        return Cluster.of(await info.context.loaders.cluster.load(self.row.cluster_id))

    @computed()
    def trigger(self) -> Trigger:
        return Trigger.of(self.row)

    @computed("Sorted by name and value; each pair once.")
    def labels(self) -> list[Label]:
        return [Label(name=name, value=value) for name, value in decode_labels(self.row.labels)]

    @computed("Why it failed; there exactly where the status is FAILED.")
    def error(self) -> RunError | None:
        return RunError.of(self.row)

    @computed("One, or more where the cluster could not be reached.")
    async def attempts(self, info: Info) -> list[RunAttempt]:
        rows = await info.context.loaders.attempts_of_run.load(self.row.id)
        return [RunAttempt.of(row) for row in rows]

    @computed("Asked for, by whom; the status follows.")
    def cancellation(self) -> Cancellation | None:
        return Cancellation.of(self.row)

    @computed("In the order of their first mention; at most 1000.")
    async def steps(self, info: Info) -> list[Step]:
        loaders = self._loaders(info)
        rows = await loaders.steps_of_run.load(self.row.id)
        parents = {row.parent_id for row in rows}
        for row in rows:
            if row.id in parents:
                loaders.step.prime(row.id, row)
        return [Step.of(row) for row in rows]

    @computed("How many steps have each status, for lists: cheap where `steps` is not.")
    async def step_counts(self, info: Info) -> list[StepCount]:
        counts = await info.context.loaders.step_counts_of_run.load(self.row.id)
        return [StepCount(status=status, count=count) for status, count in counts]

    @computed("The step that it is at: of several that run the last.")
    async def current_step(self, info: Info) -> Step | None:
        return Step.maybe_of(await self._loaders(info).current_step_of_run.load(self.row.id))

    @computed("Its log lines: the last 100 unless told otherwise, 1000 at most.")
    async def logs(
        self,
        info: Info,
        filter: LogFilter | None = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> LogLineConnection | None:
        log_filter = plain_log_filter(filter)
        async with info.context.log_pages:
            return await LogLineConnection.read(self.row, log_filter, first, after, last, before)

    @computed("Where each log source stands: a reporter that restarts goes on from here.")
    def log_sources(self) -> list[LogSource]:
        return LogSource.all_of(self.row)

    @computed("For `stepTransitions(after:)`: follow from exactly the state in this answer.")
    def event_cursor(self) -> str:
        return event_cursor(self.row.id, self.row.last_event)

    @computed("There exactly where the status is COMPLETED.")
    async def report(self, info: Info) -> Report | None:
        if self.row.status is not RunStatus.COMPLETED:
            return None
        return Report.maybe_of(await self._loaders(info).report_of_run.load(self.row.id))

    @computed("Whether `cancelRuns` would ask it to stop: it is active and was not asked yet.")
    def viewer_can_cancel(self, info: Info) -> bool:
        asked = self.row.cancel_requested_at is not None
        return self.row.is_active and not asked and may(info.context.viewer, Right.OPERATE)

    @computed("Whether the viewer may delete it; while active only by `force`.")
    def viewer_can_delete(self, info: Info) -> bool:
        return may(info.context.viewer, Right.OPERATE)

    @computed("Whether it has a report that the viewer may share.")
    def viewer_can_share(self, info: Info) -> bool:
        completed = self.row.status is RunStatus.COMPLETED
        return completed and may(info.context.viewer, Right.OPERATE)

    def _loaders(self, info: Info) -> Loaders:
        """The loaders, told of this run: what hangs on it may lead back to it."""
        info.context.loaders.run.prime(self.row.id, self.row)
        return info.context.loaders
