"""Numbers about runs, against what a list of them says."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from models.instants import ENDLESS
from models.run import Run, RunWithInputs
from models.states import ENDED, RunStatus, TriggerSource
from models.visibility import EVERYTHING as ALL
from resolvers.errors import BadInput
from resolvers.list_runs import count_runs
from resolvers.run_filter import InstantRange, RunExclusion, RunFilter
from resolvers.run_stats import (
    Bucket,
    buckets,
    count_by_agent,
    count_by_cluster,
    count_by_source,
    count_by_status,
    count_deletable,
    duration_percentiles,
    success_rate,
)
from resolvers.service import Service
from resolvers.time_buckets import BucketSize
from tests.support.clock import START
from tests.support.factories import make_agent, make_cluster, make_run, run_of
from tests.support.statements import recorded

TRIED = (RunStatus.COMPLETED, RunStatus.FAILED)


async def random_runs(count: int = 120) -> list[tuple[Run, str, str]]:
    """Runs, each with the names of its agent and its cluster, and some that are deleted."""
    source = random.Random(count)
    found: list[tuple[Run, str, str]] = []
    for _ in range(count):
        agent, cluster = source.choice("abcde"), source.choice("xyz")
        status = source.choice(list(RunStatus))
        run = await make_run(
            agent,
            cluster,
            status=status,
            seconds=source.randrange(20) if status in ENDED else None,
            trigger_source=source.choice(list(TriggerSource)[:3]),
            started_at=START + timedelta(hours=source.randrange(200), minutes=source.randrange(60)),
            deleted_at=START if source.random() < 0.1 else None,
        )
        if run.deleted_at is None:
            found.append((run, agent, cluster))
    return found


def test_the_worst_duration_is_no_duration() -> None:
    """Active runs hold ENDLESS, which must never get into a percentile."""
    assert ENDLESS / 1_000_000 > 1e12


async def test_counts_beside_chips_obey_the_filter_but_for_their_own_part(service: Service) -> None:
    runs = [run for run, agent, _ in await random_runs() if agent in "ab"]
    wanted = RunFilter(
        agent_names=("a", "b"),
        statuses=(RunStatus.FAILED,),
        trigger_sources=(TriggerSource.MANUAL, TriggerSource.COPILOT),
    )
    by_status = Counter(
        run.status for run in runs if run.trigger_source in (wanted.trigger_sources or ())
    )
    found = await count_by_status(ALL, wanted)
    assert found == {status: by_status[status] for status in RunStatus}
    assert list(found) == list(RunStatus)
    by_source = Counter(run.trigger_source for run in runs if run.status is RunStatus.FAILED)
    sources = await count_by_source(ALL, wanted)
    assert sources == {source: by_source[source] for source in TriggerSource}
    assert list(sources) == list(TriggerSource)
    assert 0 in sources.values()


async def test_counts_without_runs_are_zero(service: Service) -> None:
    assert set((await count_by_status(ALL, None)).values()) == {0}
    assert set((await count_by_source(ALL, RunFilter())).values()) == {0}
    assert await count_by_agent(ALL, None, 10) == []
    assert await count_deletable(ALL, None) == 0
    assert await success_rate(ALL, None) is None
    assert await duration_percentiles(ALL, None) == (None, None)
    assert await buckets(ALL, None, BucketSize.DAY) == []


async def test_top_agents_and_clusters_are_ordered_by_count_then_by_name(service: Service) -> None:
    runs = await random_runs()
    agents = Counter(agent for _, agent, _ in runs)
    top = sorted(agents.items(), key=lambda pair: (-pair[1], pair[0]))
    for first in (1, 3, 100):
        found = await count_by_agent(ALL, None, first)
        assert [(agent.name, count) for agent, count in found] == top[:first]
    clusters = Counter(cluster for _, agent, cluster in runs if agent == "a")
    found_clusters = await count_by_cluster(ALL, RunFilter(agent_names=("a",)), 100)
    assert [(row.name, count) for row, count in found_clusters] == sorted(
        clusters.items(), key=lambda pair: (-pair[1], pair[0])
    )


async def test_names_of_equal_counts_are_ordered_by_code_point(service: Service) -> None:
    names = ["b", "B", "ä", "a", "_", "10", "9"]
    for name in names:
        await make_run(name)
    assert [agent.name for agent, _ in await count_by_agent(ALL, None, 5)] == sorted(names)[:5]


@pytest.mark.parametrize("first", [0, -1, 101])
async def test_a_top_of_none_or_too_many_is_refused(service: Service, first: int) -> None:
    for top in (count_by_agent, count_by_cluster):
        with pytest.raises(BadInput, match=f"first: expected a number from 1 to 100, got {first}"):
            await top(ALL, None, first)


async def test_rate_percentiles_and_deletable_are_of_the_whole_filter(service: Service) -> None:
    runs = await random_runs()
    for wanted, kept in (
        (None, runs),
        (RunFilter(agent_names=("a",)), [row for row in runs if row[1] == "a"]),
        (
            RunFilter(statuses=(RunStatus.COMPLETED, RunStatus.RUNNING)),
            [row for row in runs if row[0].status in (RunStatus.COMPLETED, RunStatus.RUNNING)],
        ),
    ):
        statuses = Counter(run.status for run, _, _ in kept)
        tried = sorted(run.duration / 1e6 for run, _, _ in kept if run.status in TRIED)
        assert await success_rate(ALL, wanted) == statuses[RunStatus.COMPLETED] / len(tried)
        assert await count_deletable(ALL, wanted) == sum(statuses[status] for status in ENDED)
        p50, p95 = await duration_percentiles(ALL, wanted)
        for percent, found in ((50, p50), (95, p95)):
            enough = [
                value for value in tried if at_most(tried, value) * 100 >= percent * len(tried)
            ]
            assert found == enough[0]


def at_most(values: list[float], limit: float) -> int:
    return sum(value <= limit for value in values)


@pytest.mark.parametrize("count", [1, 2, 19, 20, 21])
async def test_percentiles_of_few_runs_are_durations_that_occurred(
    service: Service, count: int
) -> None:
    for seconds in range(count):
        await make_run(seconds=seconds)
    await make_run()
    await make_run(seconds=1000, status=RunStatus.CANCELLED)
    ranks = [-(-count * percent // 100) for percent in (50, 95)]
    assert await duration_percentiles(ALL, None) == (ranks[0] - 1, ranks[1] - 1)


# ---------------------------------------------------------------- buckets


def local_start(at: datetime, size: BucketSize, tz: ZoneInfo) -> datetime:
    """Where the bucket of an instant begins, by the wall clock; for zones that move whole hours."""
    wall = at.astimezone(tz).replace(second=0, microsecond=0)
    if size is BucketSize.MINUTE:
        return wall.astimezone(UTC)
    if size is BucketSize.HOUR:
        return wall.replace(minute=0).astimezone(UTC)
    day = wall.replace(hour=0, minute=0, fold=0)
    if size is BucketSize.WEEK:
        day -= timedelta(days=day.weekday())
    return day.astimezone(UTC)


@pytest.mark.parametrize("size", BucketSize)
@pytest.mark.parametrize("name", ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"])
async def test_buckets_hold_what_the_wall_clock_says(
    service: Service, size: BucketSize, name: str
) -> None:
    source = random.Random(5)
    agent, cluster = await make_agent(), await make_cluster()
    span = {BucketSize.MINUTE: 900, BucketSize.HOUR: 50_000}.get(size, 1_300_000)
    # From before the clocks of Berlin and New York go back until after.
    begin = datetime(2026, 10, 24, 21, 0, tzinfo=UTC)
    runs = [
        run_of(
            agent,
            cluster,
            started_at=begin + timedelta(minutes=source.randrange(span), microseconds=n),
            seconds=1 if n % 3 else None,
        )
        for n in range(80)
    ]
    await RunWithInputs.bulk_create(runs)
    tz = ZoneInfo(name)
    expected = Counter((local_start(run.started_at, size, tz), run.status) for run in runs)
    found = await buckets(ALL, None, size, name)
    counted = {
        (bucket.start, status): count
        for bucket in found
        for status, count in bucket.by_status.items()
        if count
    }
    assert counted == dict(expected)
    assert [bucket.start for bucket in found] == sorted({bucket.start for bucket in found})
    assert all(list(bucket.by_status) == list(RunStatus) for bucket in found)
    assert sum(found[0].by_status.values()) > 0 < sum(found[-1].by_status.values())


async def test_buckets_reach_over_the_range_that_the_filter_gives(service: Service) -> None:
    await make_run(started_at=START + timedelta(hours=1))
    day = InstantRange(START, START + timedelta(hours=4))
    found = await buckets(ALL, RunFilter(started_at=day), BucketSize.HOUR)
    assert [bucket.start for bucket in found] == [START + timedelta(hours=n) for n in range(4)]
    assert [bucket.by_status[RunStatus.RUNNING] for bucket in found] == [0, 1, 0, 0]
    nothing = RunFilter(started_at=day, agent_names=("nobody",))
    assert len(await buckets(ALL, nothing, BucketSize.HOUR)) == 4
    until_last = RunFilter(started_at=InstantRange(START, None))
    assert len(await buckets(ALL, until_last, BucketSize.HOUR)) == 2
    from_first = RunFilter(started_at=InstantRange(None, START + timedelta(hours=3)))
    assert len(await buckets(ALL, from_first, BucketSize.HOUR)) == 2


async def test_the_ends_of_the_calendar_are_no_trouble(service: Service) -> None:
    for until in (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)):
        wanted = RunFilter(started_at=InstantRange(None, until))
        assert await buckets(ALL, wanted, BucketSize.WEEK) == []


async def test_buckets_obey_the_whole_filter(service: Service) -> None:
    await make_run(started_at=START, seconds=1)
    await make_run(started_at=START, seconds=1, status=RunStatus.FAILED)
    wanted = RunFilter(exclude=(RunExclusion(statuses=(RunStatus.FAILED,)),))
    [bucket] = await buckets(ALL, wanted, BucketSize.MINUTE)
    assert bucket == Bucket(START, dict.fromkeys(RunStatus, 0) | {RunStatus.COMPLETED: 1})


async def test_too_many_buckets_are_refused_with_their_number(service: Service) -> None:
    await make_run(started_at=START)
    await make_run(started_at=START + timedelta(minutes=1000))
    with pytest.raises(BadInput, match=r"at most 1000 buckets .*, got one that makes 1001"):
        await buckets(ALL, None, BucketSize.MINUTE)
    with pytest.raises(BadInput, match="timeZone"):
        await buckets(ALL, None, BucketSize.HOUR, "Nowhere")


async def test_statistics_cost_as_many_statements_for_many_runs_as_for_few(
    service: Service,
) -> None:
    counts = []
    for more in (1, 40):
        for n in range(more):
            await make_run(f"agent {n}", started_at=START + timedelta(hours=n), seconds=n)
        with recorded() as statements:
            await count_by_status(ALL, None)
            await count_by_agent(ALL, None, 100)
            await duration_percentiles(ALL, None)
            await buckets(ALL, None, BucketSize.HOUR, "Europe/Berlin")
            await count_runs(ALL, None)
        counts.append(len(statements))
    assert counts == [9, 9]
