"""Whoever reads the list at each RESET and applies what is told sees the list as it is."""

import asyncio
from contextlib import aclosing
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from live import follow_runs as follows
from live.follow_runs import RunUpdateKind, follow_runs
from models.ids import new_id
from models.run import Run, RunWithInputs
from models.states import ACTIVE, RunStatus
from models.visibility import EVERYTHING, visible_runs
from resolvers.delete_runs import delete_runs, restore_runs
from resolvers.purge import purge
from resolvers.service import Policy, Service
from resolvers.viewer import LOCAL_VIEWER
from tests.support.clock import Clock
from tests.support.reporting import begin, complete, fail, retry, run_id

SECONDS = 10
ACTS = ("begin", "begin", "complete", "fail", "retry", "delete", "restore", "purge", "double")
BEFORE = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 9)), min_size=3, max_size=15)
#: Between "stall" and "flow" the readers take nothing: what happens there they meet all at once.
DURING = st.lists(
    st.tuples(st.sampled_from((*ACTS, "stall", "flow")), st.integers(0, 9)),
    min_size=15,  # short stories, which hypothesis likes, hold no stall with a few changes in it
    max_size=40,
)


class Writer:
    """Does what people and reporters do, to runs of its own."""

    def __init__(self, service: Service, clock: Clock) -> None:
        self.service, self.clock = service, clock
        self.runs: list[Run] = []
        self.flows = asyncio.Event()
        self.flows.set()

    async def do(self, kind: str, number: int) -> None:
        self.clock.advance(0.001)
        if kind == "begin":
            self.runs.append(await begin(self.service))
        elif kind == "stall":
            self.flows.clear()
        elif kind == "flow":
            self.flows.set()
        elif kind == "purge":
            await self._purge()
        elif self.runs:
            await self._change(kind, self.runs[number % len(self.runs)].id)

    async def _change(self, kind: str, key: UUID) -> None:
        run = await Run.get_or_none(id=key)
        if run is None:
            return
        if kind == "double":
            self.service.hub.wake(key, revision=None, listed=True)
        elif kind == "delete" and run.deleted_at is None:
            await delete_runs(self.service, LOCAL_VIEWER, [run_id(run)], force=True)
        elif kind == "restore" and run.deleted_at is not None:
            await restore_runs(self.service, LOCAL_VIEWER, None, [run_id(run)])
        elif run.deleted_at is None and run.status is RunStatus.RUNNING:
            acts = {"complete": complete, "fail": fail, "retry": retry}
            if kind in acts:
                await acts[kind](self.service, run)

    async def _purge(self) -> None:
        self.clock.advance(self.service.policy.delete_grace.total_seconds() + 1)
        while await purge(self.service, asyncio.Event()):
            pass


async def listed(statuses: frozenset[RunStatus]) -> set[UUID]:
    return {run.id for run in await visible_runs(EVERYTHING).filter(status__in=statuses).only("id")}


class Reader:
    """A client's list: read anew at RESET, then kept by what is told."""

    def __init__(self, writer: Writer, statuses: frozenset[RunStatus], knows_all: bool) -> None:
        self.writer, self.statuses, self.knows_all = writer, statuses, knows_all
        self.list: set[UUID] = set()
        self.has_begun = asyncio.Event()

    async def matches(self, run: Run) -> bool:
        return run.status in self.statuses

    async def active(self) -> set[UUID] | None:
        return await listed(self.statuses & set(ACTIVE)) if self.knows_all else None

    async def follow(self, marker: UUID) -> None:
        """Until the list is right, once the marker, the last run to change, was told of.

        Changes that the interval holds back come behind it.
        """
        updates = follow_runs(self.writer.service.hub, self.matches, self.active)
        async with aclosing(updates), asyncio.timeout(SECONDS):
            async for update in updates:
                if update.kind is RunUpdateKind.RESET:
                    self.list = await listed(self.statuses)
                    self.has_begun.set()
                elif update.run is not None:
                    self._apply(update.kind, update.run.id)
                await self.writer.flows.wait()
                if marker in self.list and self.list == await listed(self.statuses):
                    return

    def _apply(self, kind: RunUpdateKind, key: UUID) -> None:
        if kind in (RunUpdateKind.ENTERED, RunUpdateKind.CHANGED):
            self.list.add(key)
        else:
            self.list.discard(key)


@pytest.fixture
def service(service: Service, clock: Clock) -> Service:
    """With a marker's id to hand out, and a grace that a purge can follow closely."""
    return Service(hub=service.hub, clock=clock, policy=Policy(delete_grace=timedelta(seconds=1)))


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    before=BEFORE,
    during=DURING,
    filters=st.lists(
        st.tuples(st.frozensets(st.sampled_from(RunStatus)), st.booleans()),
        min_size=1,
        max_size=3,
    ),
    pending=st.sampled_from([1, 3, 10_000]),
    told=st.sampled_from([1, 20_000]),
    members=st.sampled_from([1, 50_000]),
    interval=st.sampled_from([0.0, 0.01]),
)
async def test_whatever_happens_the_list_that_is_told_becomes_the_list_that_is(
    service: Service,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    before: list[tuple[str, int]],
    during: list[tuple[str, int]],
    filters: list[tuple[frozenset[RunStatus], bool]],
    pending: int,
    told: int,
    members: int,
    interval: float,
) -> None:
    for name, value in (("MAX_TOLD", told), ("MAX_MEMBERS", members), ("INTERVAL", interval)):
        monkeypatch.setattr(follows, name, value)
    monkeypatch.setattr("live.hub.MAX_PENDING_RUNS", pending)
    writer = Writer(service, clock)
    for step in before:
        await writer.do(*step)
    # The marker is in every filter, so that each reader can tell that it has heard everything.
    marker = new_id()
    readers = [
        Reader(writer, statuses | {RunStatus.CANCELLED}, knows_all)
        for statuses, knows_all in filters
    ]
    async with asyncio.TaskGroup() as following:
        for reader in readers:
            following.create_task(reader.follow(marker))
        for reader in readers:
            await reader.has_begun.wait()
        for step in during:
            await writer.do(*step)
        writer.flows.set()
        await insert_marker(service, marker)
        # Each reader returns once its list is right, or times out.
    assert service.hub.follower_count == 0
    await Run.all().delete()


async def insert_marker(service: Service, marker: UUID) -> None:
    """A run that was cancelled at its beginning, in the list from its first mention on."""
    template = await begin(service)
    row = await RunWithInputs.get(id=template.id)
    row.id, row.status = marker, RunStatus.CANCELLED
    await row.save(force_create=True)
    service.hub.publish(marker, revision=None, listed=True)
