"""Numbers about the runs that match a filter. Each reads all that match, at best in an index."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from operator import add
from typing import TypeVar

from pypika_tortoise.terms import Field, Term
from tortoise.expressions import RawSQL
from tortoise.functions import Count, Max, Min
from tortoise.queryset import QuerySet

from models.agent import Agent, Cluster
from models.instants import MICROSECOND, to_micros
from models.run import Run
from models.states import ENDED, RunStatus, TriggerSource
from models.visibility import Scope
from resolvers.errors import BadInput
from resolvers.known_names import AGENT, CLUSTER
from resolvers.run_filter import InstantRange, RunFilter, filtered
from resolvers.time_buckets import LENGTH, BucketSize, boundaries, zone

__all__ = ["Bucket", "BucketSize"]

Named = TypeVar("Named", Agent, Cluster)

#: Runs that got to do what they were for, or failed in it; cancelled ones tell neither.
TRIED = (RunStatus.COMPLETED, RunStatus.FAILED)
#: Agents or clusters in one answer: what fits a menu.
MAX_TOP = 100


@dataclass(frozen=True, slots=True)
class Bucket:
    """The runs that began from `start` until the next bucket's."""

    start: datetime
    #: Every status, in order, zero included.
    by_status: dict[RunStatus, int]


async def count_by_status(scope: Scope, run_filter: RunFilter | None) -> dict[RunStatus, int]:
    """The number beside each status: obeys the filter but for its own `statuses`."""
    others = None if run_filter is None else replace(run_filter, statuses=None)
    return _by_status(await _counts(await filtered(scope, others), "status"))


async def count_by_source(scope: Scope, run_filter: RunFilter | None) -> dict[TriggerSource, int]:
    """The number beside each source: obeys the filter but for its own `trigger_sources`."""
    others = None if run_filter is None else replace(run_filter, trigger_sources=None)
    counts = {
        TriggerSource(source): count
        for source, count in await _counts(await filtered(scope, others), "trigger_source")
    }
    return {source: counts.get(source, 0) for source in TriggerSource}


async def _counts(runs: QuerySet[Run], column: str) -> list[tuple[str, int]]:
    counted = runs.annotate(count=Count("id")).group_by(column)
    return list(await counted.values_list(column, "count"))


def _by_status(counts: Iterable[tuple[str, int]]) -> dict[RunStatus, int]:
    found = {RunStatus(status): count for status, count in counts}
    return {status: found.get(status, 0) for status in RunStatus}


async def count_by_agent(
    scope: Scope, run_filter: RunFilter | None, first: int
) -> list[tuple[Agent, int]]:
    """The agents with the most runs that match, among equals by name. Raises BadInput."""
    return await _top(Agent, AGENT, scope, run_filter, first)


async def count_by_cluster(
    scope: Scope, run_filter: RunFilter | None, first: int
) -> list[tuple[Cluster, int]]:
    """The clusters with the most runs that match, among equals by name. Raises BadInput."""
    return await _top(Cluster, CLUSTER, scope, run_filter, first)


async def count_deletable(scope: Scope, run_filter: RunFilter | None) -> int:
    """Of the runs that match those that have ended."""
    return await (await filtered(scope, run_filter)).filter(status__in=ENDED).count()


async def success_rate(scope: Scope, run_filter: RunFilter | None) -> float | None:
    """Completed / (completed + failed), from 0 to 1; None where there is neither."""
    counts = _by_status(await _counts(await filtered(scope, run_filter), "status"))
    completed, failed = counts[RunStatus.COMPLETED], counts[RunStatus.FAILED]
    return completed / (completed + failed) if completed + failed else None


async def duration_percentiles(
    scope: Scope, run_filter: RunFilter | None
) -> tuple[float | None, float | None]:
    """P50 and P95, in seconds, of completed and failed runs; None where there are none.

    The shortest duration that at least 50 (95) of 100 do not exceed, which is one that occurred:
    PostgreSQL's percentile_disc, said in what both databases have.
    """
    runs = (await filtered(scope, run_filter)).filter(status__in=TRIED)
    total = await runs.count()
    return await _percentile(runs, total, 50), await _percentile(runs, total, 95)


async def _percentile(runs: QuerySet[Run], total: int, percent: int) -> float | None:
    rank = max(-(-total * percent // 100), 1)
    durations = runs.order_by("duration").offset(rank - 1).limit(1)
    # Empty where there are no runs, or where some were deleted since they were counted.
    async for micros in durations.values_list("duration", flat=True):
        return float(micros / 1_000_000)
    return None


async def _top(
    model: type[Named], column: str, scope: Scope, run_filter: RunFilter | None, first: int
) -> list[tuple[Named, int]]:
    if not 1 <= first <= MAX_TOP:
        raise BadInput("first", f"a number from 1 to {MAX_TOP}", first)
    table = model._meta.db_table
    name = RawSQL(f"(SELECT name FROM {table} WHERE {table}.id = run.{column})")
    counted = (
        (await filtered(scope, run_filter)).annotate(count=Count("id"), name=name).group_by(column)
    )
    top = counted.order_by("-count", "name").limit(first)
    counts = dict(await top.values_list(column, "count"))
    rows = {row.id: row for row in await model.filter(id__in=list(counts))}
    return [(rows[key], count) for key, count in counts.items()]


async def buckets(
    scope: Scope, run_filter: RunFilter | None, size: BucketSize, time_zone: str = "UTC"
) -> list[Bucket]:
    """Counts by `started_at`, empty buckets included, in ascending order.

    They reach over the filter's `started_at`; where that is open, from the first or to the last run
    that matches. Raises BadInput for a zone that is none, and for more than MAX_BUCKETS.
    """
    tz = zone(time_zone)
    runs = await filtered(scope, run_filter)
    extent = await _extent(run_filter, runs)
    if extent is None:
        return []
    begins = boundaries(*extent, size, tz)
    found = [dict.fromkeys(RunStatus, 0) for _ in begins]
    for at, status, count in await _slices(runs, begins, size):
        found[bisect_right(begins, at) - 1][RunStatus(status)] += count
    return [Bucket(start, counts) for start, counts in zip(begins[:-1], found, strict=False)]


async def _extent(
    run_filter: RunFilter | None, runs: QuerySet[Run]
) -> tuple[datetime, datetime] | None:
    """From when until when there are buckets; None: there is nothing to put into them."""
    span = (run_filter and run_filter.started_at) or InstantRange()
    if span.start is not None and span.until is not None:
        return span.start, span.until
    ends = runs.annotate(first=Min("started_at"), last=Max("started_at"))
    [(first, last)] = await ends.values_list("first", "last")
    if first is None:
        return None
    return span.start or first, span.until or last + MICROSECOND


async def _slices(
    runs: QuerySet[Run], begins: list[datetime], size: BucketSize
) -> list[tuple[datetime, str, int]]:
    """How many runs of each status began within slices of time: an instant in it, status, count.

    Every bucket begins at a whole number of lengths from some phase, and a year has two phases at
    most places, for winter and summer. What is cut at all phases at once lies within one bucket,
    so that the database divides whole numbers, knows no zones, and answers a few slices per bucket.
    """
    length = LENGTH[size] // MICROSECOND
    starts = [to_micros(begin) for begin in begins]
    # From at or before the first begin on: division of what is not negative rounds down everywhere.
    phases = sorted({starts[0] - (starts[0] - start) % length for start in starts})
    within = runs.filter(started_at__gte=begins[0], started_at__lt=begins[-1])
    number: Term = reduce(add, ((Field("started_at") - phase) / length for phase in phases))
    slices = within.annotate(slice=number, at=Min("started_at"), count=Count("id"))
    rows = await slices.group_by("slice", "status").values("slice", "at", "status", "count")
    return [(row["at"], row["status"], row["count"]) for row in rows]
