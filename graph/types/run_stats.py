from __future__ import annotations

import asyncio
from typing import TypeAlias

import strawberry

from graph.arguments import Top
from graph.enums import BucketSize
from graph.fields import computed
from graph.inputs.given import given
from graph.types.agent_count import AgentCount
from graph.types.cluster_count import ClusterCount
from graph.types.source_count import SourceCount
from graph.types.stats_bucket import StatsBucket
from graph.types.status_count import StatusCount
from models.visibility import Scope
from resolvers import run_stats
from resolvers.list_runs import count_runs
from resolvers.run_filter import RunFilter

#: Agents or clusters, unless told: what fits beside a list.
TOP = 20

#: P50 and P95 in seconds.
Percentiles: TypeAlias = tuple[float | None, float | None]


@strawberry.type(
    description="Numbers about the runs that match a filter. Only what is asked for is counted."
)
class RunStats:
    scope: strawberry.Private[Scope]
    run_filter: strawberry.Private[RunFilter | None]
    percentiles: strawberry.Private[asyncio.Future[Percentiles] | None] = None

    @computed("Runs that match the whole filter.")
    async def total(self) -> int:
        return await count_runs(self.scope, self.run_filter)

    @computed("Of these, those that have ended.")
    async def deletable_count(self) -> int:
        return await run_stats.count_deletable(self.scope, self.run_filter)

    @computed("The number beside each status: obeys the filter but for its own `statuses`.")
    async def by_status(self) -> list[StatusCount]:
        counts = await run_stats.count_by_status(self.scope, self.run_filter)
        return StatusCount.all_of(counts)

    @computed("The number beside each source: obeys the filter but for its own `triggerSources`.")
    async def by_source(self) -> list[SourceCount]:
        counts = await run_stats.count_by_source(self.scope, self.run_filter)
        return [SourceCount(source=source, count=count) for source, count in counts.items()]

    @computed("The agents with the most runs.")
    async def by_agent(self, first: Top = TOP) -> list[AgentCount]:
        from graph.types.agent import Agent

        counts = await run_stats.count_by_agent(self.scope, self.run_filter, given(first, TOP))
        return [AgentCount(agent=Agent.of(agent), count=count) for agent, count in counts]

    @computed("The clusters with the most runs.")
    async def by_cluster(self, first: Top = TOP) -> list[ClusterCount]:
        from graph.types.cluster import Cluster

        counts = await run_stats.count_by_cluster(self.scope, self.run_filter, given(first, TOP))
        return [ClusterCount(cluster=Cluster.of(row), count=count) for row, count in counts]

    @computed("Completed ÷ (completed + failed), from 0 to 1; null where there is neither.")
    async def success_rate(self) -> float | None:
        return await run_stats.success_rate(self.scope, self.run_filter)

    @computed("Half of the completed and failed runs took no longer.")
    async def duration_p50_seconds(self) -> float | None:
        return (await self._percentiles())[0]

    @computed("95 of 100 completed and failed runs took no longer.")
    async def duration_p95_seconds(self) -> float | None:
        return (await self._percentiles())[1]

    @computed(
        "Counts by `startedAt`, empty buckets included, at most 1000. They begin where the "
        "clocks of `timeZone`, an IANA name, show a whole hour, midnight or Monday."
    )
    async def buckets(self, size: BucketSize, time_zone: str | None = "UTC") -> list[StatsBucket]:
        buckets = await run_stats.buckets(self.scope, self.run_filter, size, time_zone or "UTC")
        return [
            StatsBucket(start=b.start, by_status=StatusCount.all_of(b.by_status)) for b in buckets
        ]

    def _percentiles(self) -> asyncio.Future[Percentiles]:
        """Both are found at once, whichever is asked for."""
        if self.percentiles is None:
            search = run_stats.duration_percentiles(self.scope, self.run_filter)
            self.percentiles = asyncio.ensure_future(search)
        return self.percentiles
