from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self, cast

import strawberry

import models
from graph.arguments import After, Before, First, Last
from graph.context import Info
from graph.enums import StepStatus
from graph.fields import computed
from graph.ids import client_id
from graph.inputs.log_filter import LogFilter, of_step, plain_log_filter
from graph.json_text import JsonText
from graph.present import present
from graph.types.log_line_connection import LogLineConnection
from graph.types.node import Node
from models.ids import Kind
from resolvers.log_filter_checks import check_log_filter

if TYPE_CHECKING:
    from graph.types.run import Run


@strawberry.type(description="One step of a workflow agent's run.")
class Step(Node):
    row: strawberry.Private[models.Step]
    key: str = strawberry.field(description="The workflow's own name for it, unique in its run.")
    name: str = strawberry.field(description="For people; the key where the agent gave none.")
    position: int = strawberry.field(description="The order of first mention, from 1.")
    attempt: int = strawberry.field(description="The attempt in which its status last changed.")
    status: StepStatus
    started_at: datetime | None
    completed_at: datetime | None
    duration_seconds: float | None = strawberry.field(
        description="From start to end; null before both are known."
    )
    error_message: str | None

    @classmethod
    def of(cls, row: models.Step) -> Self:
        return cls(
            row=row,
            id=client_id(Kind.STEP, row.id),
            key=row.key,
            name=row.name,
            position=row.position,
            attempt=row.attempt,
            status=row.status,
            started_at=row.started_at,
            completed_at=row.completed_at,
            duration_seconds=row.duration_seconds,
            error_message=row.error_message,
        )

    @classmethod
    def maybe_of(cls, row: models.Step | None) -> Self | None:
        """The same for a row that may not be there."""
        return None if row is None else cls.of(row)

    @computed("What it gave back, as it was told.")
    async def output(self, info: Info) -> JsonText | None:
        output = await info.context.loaders.output_of_step.load(self.row.id)
        return cast("JsonText | None", output)  # a JsonText of its own would be a copy

    @computed()
    async def run(self, info: Info) -> Annotated[Run, strawberry.lazy("graph.types.run")]:
        from graph.types.run import Run

        return Run.of(await self._run(info))

    @computed("The step that it is a part of.")
    async def parent(self, info: Info) -> Step | None:
        if self.row.parent_id is None:
            return None
        return Step.maybe_of(await info.context.loaders.step.load(self.row.parent_id))

    @computed("Its own lines of the run's log; otherwise as `Run.logs`.")
    async def logs(
        self,
        info: Info,
        filter: LogFilter | None = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> LogLineConnection | None:
        run = await self._run(info)
        told = plain_log_filter(filter)
        check_log_filter(told)  # here already: what `of_step` makes of it names this step alone
        log_filter = of_step(told, self.key)
        async with info.context.log_pages:
            return await LogLineConnection.read(run, log_filter, first, after, last, before)

    async def _run(self, info: Info) -> models.Run:
        return present(await info.context.loaders.run.load(self.row.run_id), "run")
