from __future__ import annotations

import strawberry

from graph.arguments import Top
from graph.context import Info
from graph.enums import BucketSize
from graph.types.agent_count import AgentCount
from graph.types.cluster_count import ClusterCount
from graph.types.source_count import SourceCount
from graph.types.stats_bucket import StatsBucket
from graph.types.status_count import StatusCount
from resolvers import run_stats
from resolvers.list_runs import count_runs
from resolvers.run_filter import RunFilter


@strawberry.type(
    description="Numbers about the runs that match a filter. Only what is asked for is counted."
)
class RunStats:
    run_filter: strawberry.Private[RunFilter | None]

    @strawberry.field(description="Runs that match the whole filter.")
    async def total(self) -> int:
        return await count_runs(self.run_filter)

    @strawberry.field(description="Of these, those that have ended.")
    async def deletable_count(self) -> int:
        return await run_stats.count_deletable(self.run_filter)

    @strawberry.field(
        description="The number beside each status: obeys the filter but for its own `statuses`."
    )
    async def by_status(self) -> list[StatusCount]:
        counts = await run_stats.count_by_status(self.run_filter)
        return [StatusCount(status=status, count=count) for status, count in counts.items()]

    @strawberry.field(
        description="The number beside each source: obeys the filter but for its own `triggerSources`."
    )
    async def by_source(self) -> list[SourceCount]:
        counts = await run_stats.count_by_source(self.run_filter)
        return [SourceCount(source=source, count=count) for source, count in counts.items()]

    @strawberry.field(description="The agents with the most runs.")
    async def by_agent(self, first: Top = 20) -> list[AgentCount]:
        counts = await run_stats.count_by_agent(self.run_filter, first)
        return [AgentCount(agent=Agent.of(agent), count=count) for agent, count in counts]

    @strawberry.field(description="The clusters with the most runs.")
    async def by_cluster(self, first: Top = 20) -> list[ClusterCount]:
        counts = await run_stats.count_by_cluster(self.run_filter, first)
        return [ClusterCount(cluster=Cluster.of(row), count=count) for row, count in counts]

    @strawberry.field(
        description="Completed ÷ (completed + failed), from 0 to 1; null where there is neither."
    )
    async def success_rate(self) -> float | None:
        return await run_stats.success_rate(self.run_filter)

    @strawberry.field(description="Half of the completed and failed runs took no longer.")
    async def duration_p50_seconds(self) -> float | None:
        return (await run_stats.duration_percentiles(self.run_filter))[0]

    @strawberry.field(description="95 of 100 completed and failed runs took no longer.")
    async def duration_p95_seconds(self) -> float | None:
        return (await run_stats.duration_percentiles(self.run_filter))[1]

    @strawberry.field(
        description=(
            "Counts by `startedAt`, empty buckets included, at most 1000. They begin where the "
            "clocks of `timeZone`, an IANA name, show a whole hour, midnight or Monday."
        )
    )
    async def buckets(self, size: BucketSize, time_zone: str | None = "UTC") -> list[StatsBucket]:
        buckets = await run_stats.buckets(self.run_filter, size, time_zone or "UTC")
        return [StatsBucket(start=b.start, by_status=status_counts(b.by_status)) for b in buckets]
