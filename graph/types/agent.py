from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

import strawberry

import models
from graph.arguments import After, First
from graph.connections import Connection
from graph.context import Info
from graph.enums import AgentKind
from graph.fields import computed
from graph.ids import client_id
from graph.inputs.run_filter import RunFilter, plain_filter
from graph.types.node import Node
from graph.types.run_stats import RunStats
from models.ids import Kind

if TYPE_CHECKING:
    from graph.types.run import Run


@strawberry.type(description="A Cloud Agent, known by its name since its first run.")
class Agent(Node):
    row: strawberry.Private[models.Agent]
    name: str
    kind: AgentKind
    description: str

    @classmethod
    def of(cls, row: models.Agent) -> Self:
        return cls(
            row=row,
            id=client_id(Kind.AGENT, row.id),
            name=row.name,
            kind=row.kind,
            description=row.description,
        )

    @computed("The run of this agent that began last.")
    async def latest_run(
        self, info: Info
    ) -> Annotated[Run, strawberry.lazy("graph.types.run")] | None:
        from graph.types.run import Run

        return Run.maybe_of(await info.context.loaders.latest_run_of_agent.load(self.row.id))

    @computed("The runs of this agent, the latest first.")
    async def runs(
        self,
        info: Info,
        filter: RunFilter | None = None,
        first: First = None,
        after: After = None,
    ) -> Connection[Annotated[Run, strawberry.lazy("graph.types.run")]]:
        from graph.run_lists import newest_runs, of_agent

        return await newest_runs(
            info.context.scope, of_agent(plain_filter(filter), self.name), first, after
        )

    @computed("Numbers about the runs of this agent.")
    def stats(self, info: Info, filter: RunFilter | None = None) -> RunStats | None:
        from graph.run_lists import of_agent

        return RunStats(
            scope=info.context.scope, run_filter=of_agent(plain_filter(filter), self.name)
        )
