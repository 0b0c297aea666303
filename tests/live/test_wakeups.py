"""What holds for every transport of wake-ups, on real brokers.

No poll runs here unless a test says so: whoever is woken was woken by a wake-up.
"""

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import psutil
import pytest
from structlog.testing import capture_logs

from live.hub import Follower, Hub, ListFollower
from live.poll import Poller
from live.wakeups import outbox, relay
from live.wakeups.address import WakeupUrl, wakeup_url
from live.wakeups.channel import channel_of_database
from live.wakeups.message import MAX_BYTES, MAX_RUNS, Wakeup
from live.wakeups.relay import Relay
from models.database import DatabaseUrl, database
from models.ids import new_id
from resolvers.service import Service
from tests.support.brokers import Broker, NatsBroker, ValkeyBroker
from tests.support.postgres import PostgresServer
from tests.support.reporting import append, begin

BROKERS = ("postgres", "valkey", "nats")
TRANSPORTS = ("memory", *BROKERS)
#: Seconds, on a busy machine.
WITHIN = 20.0
#: Seconds that leaving a frozen broker may take; on a quiet machine it is 0.8.
CLOSE_WITHIN = 3.0


class PostgresBroker:
    """A PostgreSQL of its own that carries wake-ups, and no data."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self.wakeup_url = server.url()
        self.port = server.port
        self.kill, self.start = server.kill, server.start
        self.pause, self.resume = server.pause, server.resume


@pytest.fixture(autouse=True)
async def _database(postgres_url: str) -> AsyncIterator[None]:
    async with database(postgres_url):
        yield


@pytest.fixture(scope="module")
def shared(postgres: PostgresServer) -> Iterator[dict[str, Any]]:
    """The brokers that tests use without harming them."""
    valkey, nats = ValkeyBroker(), NatsBroker()
    valkey.start()
    nats.start()
    yield {"postgres": PostgresBroker(postgres), "valkey": valkey, "nats": nats}
    valkey.kill()
    nats.kill()


@pytest.fixture(params=BROKERS)
def broker(request: pytest.FixtureRequest, shared: dict[str, Any]) -> Any:
    return shared[request.param]


@pytest.fixture(params=BROKERS)
def own_broker(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A broker that the test may kill and pause."""
    if request.param == "postgres":
        yield PostgresBroker(request.getfixturevalue("own_postgres"))
        return
    made: Broker = ValkeyBroker() if request.param == "valkey" else NatsBroker()
    made.start()
    yield made
    made.kill()


class CountingHub(Hub):
    """Counts how often it is told of each run."""

    def __init__(self) -> None:
        super().__init__()
        self.told: dict[UUID, int] = {}

    def wake(self, run_id: UUID, *, revision: int | None, listed: bool) -> None:
        self.told[run_id] = self.told.get(run_id, 0) + 1
        super().wake(run_id, revision=revision, listed=listed)


class Side:
    """What one process has of it."""

    def __init__(self, broker: WakeupUrl | None) -> None:
        self.hub = CountingHub()
        self.looks = 0
        self.looked = asyncio.Event()
        self.stop = asyncio.Event()
        self.relay = Relay(self.hub, broker, self._look) if broker else None

    def _look(self) -> None:
        self.looks += 1
        self.looked.set()

    async def up(self) -> None:
        if self.relay:
            async with asyncio.timeout(WITHIN):
                await self.relay.up()


@asynccontextmanager
async def side(broker: WakeupUrl | None, *, wait: bool = True) -> AsyncIterator[Side]:
    one = Side(broker)
    running = asyncio.create_task(one.relay.run(one.stop)) if one.relay else None
    if wait:
        await one.up()
    yield one
    one.stop.set()
    if running:
        await running


def url_of(text: str) -> WakeupUrl | None:
    return wakeup_url(text, DatabaseUrl.parse("postgres://u@h/d"))


@pytest.fixture(params=TRANSPORTS)
async def sides(
    request: pytest.FixtureRequest, shared: dict[str, Any]
) -> AsyncIterator[tuple[Side, Side]]:
    """Who commits and who follows; in memory they are one process."""
    if request.param == "memory":
        async with side(url_of("memory://")) as both:
            yield both, both
        return
    url = url_of(shared[request.param].wakeup_url)
    async with side(url) as here, side(url) as there:
        yield here, there


async def woken(follower: Follower) -> None:
    assert await follower.wait(WITHIN), "nobody woke it"


async def told_of(follower: ListFollower, *run_ids: UUID) -> None:
    """Wait until the follower of lists was told of all."""
    missing = set(run_ids)
    while missing:
        await woken(follower)
        missing -= set(follower.take()[0])


async def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        await asyncio.sleep(0.005)


async def test_a_commit_here_wakes_those_who_follow_there(sides: tuple[Side, Side]) -> None:
    here, there = sides
    run_id, other = new_id(), new_id()
    with (
        there.hub.follow_run(run_id) as follower,
        there.hub.follow_run(other) as bystander,
        there.hub.follow_list() as lists,
    ):
        here.hub.publish(run_id, revision=2, listed=True)
        await woken(follower)
        await told_of(lists, run_id)
        here.hub.publish(run_id, revision=3, listed=False)
        await woken(follower)
        assert not await bystander.wait(0)
        assert lists.take() == ([], False)


async def test_a_change_of_unknown_revision_wakes_every_time(sides: tuple[Side, Side]) -> None:
    here, there = sides
    run_id = new_id()
    with there.hub.follow_run(run_id) as follower:
        for _ in range(3):
            here.hub.publish(run_id, revision=None, listed=True)
            await woken(follower)


async def test_wakeups_that_come_twice_or_late_wake_nobody(sides: tuple[Side, Side]) -> None:
    here, there = sides
    run_id, marker = new_id(), new_id()
    with there.hub.follow_run(run_id) as follower, there.hub.follow_run(marker) as last:
        here.hub.publish(run_id, revision=7, listed=True)
        await woken(follower)
        here.hub.publish(run_id, revision=7, listed=True)
        here.hub.publish(run_id, revision=6, listed=True)
        here.hub.publish(marker, revision=1, listed=True)
        await woken(last)
        assert not await follower.wait(0)


async def test_the_poll_wakes_nobody_for_what_a_wakeup_told(sides: tuple[Side, Side]) -> None:
    here, there = sides
    service = Service(hub=here.hub)
    run = await begin(service)
    poller = Poller(there.hub)
    with there.hub.follow_run(run.id) as follower, there.hub.follow_list() as lists:
        await poller.poll()
        await follower.wait(0)
        lists.take()
        await append(service, run, 0, "line")
        await woken(follower)
        await poller.poll()
        assert not await follower.wait(0)
        fresh = await begin(service)
        await told_of(lists, fresh.id)
        await poller.poll()
        assert lists.take() == ([], False)


async def test_a_process_passes_over_its_own_messages(broker: Any) -> None:
    url = url_of(broker.wakeup_url)
    ours, theirs = new_id(), new_id()
    async with side(url) as here, side(url) as there:
        with there.hub.follow_run(ours) as far, here.hub.follow_run(theirs) as near:
            here.hub.publish(ours, revision=None, listed=True)
            await woken(far)
            # Behind our own message on every way to us.
            there.hub.publish(theirs, revision=None, listed=True)
            await woken(near)
            assert here.hub.told == {ours: 1, theirs: 1}


async def test_many_commits_travel_in_few_messages(broker: Any) -> None:
    url = url_of(broker.wakeup_url)
    assert url is not None
    payloads: list[bytes] = []
    run_ids = [new_id() for _ in range(10 * MAX_RUNS)]
    async with url.open(await channel_of_database(), payloads.append), side(url) as here:
        async with side(url) as there:
            with there.hub.follow_list() as lists:
                for number in range(5):
                    for run_id in run_ids:
                        here.hub.publish(run_id, revision=2**31 - 5 + number, listed=True)
                await told_of(lists, *run_ids)
        await eventually(lambda: len(_runs_in(payloads)) == len(run_ids))
    assert sum(bool(len(_runs_in([one]))) for one in payloads) == 10
    assert max(map(len, payloads)) <= MAX_BYTES


def _runs_in(payloads: list[bytes]) -> list[UUID]:
    wakeups = [Wakeup.decode(payload) for payload in payloads]
    return [reached.run_id for wakeup in wakeups if wakeup for reached in wakeup.reached]


async def test_databases_at_one_broker_do_not_hear_each_other(
    broker: Any, bare_postgres_url: str, postgres_url: str
) -> None:
    here = await channel_of_database()
    async with database(postgres_url, check=False):
        assert await channel_of_database() == here
    async with database(bare_postgres_url, check=False):
        assert await channel_of_database() != here


async def test_what_is_no_wakeup_is_passed_over_and_said_once(broker: Any) -> None:
    url = url_of(broker.wakeup_url)
    assert url is not None
    run_id = new_id()
    junk = [
        b"hello",
        b"{}",
        b'{"from":"x","look":false,"runs":[["no id",1,1]]}',
        b'{"from":"x","look":false,"runs":[["%s",-1,1]]}' % run_id.hex.encode(),
        b'{"from":"x","look":1,"runs":[]}',
        b"[" * 5_000,
    ]
    with capture_logs() as logs:
        async with (
            side(url) as here,
            side(url) as there,
            url.open(await channel_of_database(), lambda _: None) as stranger,
        ):
            for payload in junk:
                await stranger.send(payload)
            with there.hub.follow_run(run_id) as follower:
                here.hub.publish(run_id, revision=1, listed=True)
                await woken(follower)
    said = [entry for entry in logs if "channel" in entry["event"]]
    assert len(said) == 2  # each process once


async def test_wakeups_come_again_after_the_broker_was_killed(own_broker: Any) -> None:
    url = url_of(own_broker.wakeup_url)
    during, after = new_id(), new_id()
    with capture_logs() as logs:
        async with side(url) as here, side(url) as there:
            looks = there.looks
            await asyncio.to_thread(own_broker.kill)
            await eventually(lambda: len(logs) == 2)
            with there.hub.follow_run(during) as one, there.hub.follow_run(after) as other:
                here.hub.publish(during, revision=1, listed=True)
                await asyncio.to_thread(own_broker.start)
                await here.up()
                await there.up()
                assert there.looks == looks + 1  # for what others told while it could not hear
                here.hub.publish(after, revision=1, listed=True)
                await woken(other)
                # It came late, or there was not back yet, and looks by itself.
                assert await one.wait(0) or there.looks > looks
    events = [entry["event"] for entry in logs]
    assert events == 2 * ["wake-ups lost, the poll goes on"] + 2 * ["wake-ups work again"]


async def test_what_was_missed_is_made_good_at_once(
    own_broker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not at the end of the poll's interval, which is an hour here."""
    monkeypatch.setattr("live.poll.POLL_SECONDS", 3600.0)
    elsewhere = Service(hub=Hub())  # of a process whose wake-ups do not come through
    run = await begin(elsewhere)
    url = url_of(own_broker.wakeup_url)
    assert url is not None
    hub, stop = Hub(), asyncio.Event()
    poller = Poller(hub)
    relaying = Relay(hub, url, poller.look)
    with hub.follow_run(run.id) as follower:
        running = [asyncio.create_task(each.run(stop)) for each in (poller, relaying)]
        async with asyncio.timeout(WITHIN):
            await relaying.up()
        await woken(follower)
        await asyncio.to_thread(own_broker.kill)
        await append(elsewhere, run, 0, "missed")
        await asyncio.to_thread(own_broker.start)
        await woken(follower)
        stop.set()
        await asyncio.gather(*running)


async def test_a_broker_that_is_away_at_the_start_is_waited_for(own_broker: Any) -> None:
    await asyncio.to_thread(own_broker.kill)
    url = url_of(own_broker.wakeup_url)
    run_id = new_id()
    with capture_logs() as logs:
        async with side(url, wait=False) as here, side(url, wait=False) as there:
            await eventually(lambda: len(logs) == 2)
            await asyncio.to_thread(own_broker.start)
            await here.up()
            await there.up()
            with there.hub.follow_run(run_id) as follower:
                here.hub.publish(run_id, revision=1, listed=True)
                await woken(follower)


async def test_publishing_waits_for_no_frozen_broker_and_is_bounded(
    own_broker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "ANSWER_SECONDS", 0.3)
    monkeypatch.setattr(outbox, "MAX_PENDING", 100)
    url = url_of(own_broker.wakeup_url)
    async with side(url) as here, side(url) as there:
        assert here.relay is not None
        looks = there.looks
        await asyncio.to_thread(own_broker.pause)
        for number in range(20):
            began = time.monotonic()
            for _ in range(50):
                here.hub.publish(new_id(), revision=1, listed=True)
            assert time.monotonic() - began < 1
            assert len(here.relay._outbox) <= 100, number
            await asyncio.sleep(0)
        await asyncio.to_thread(own_broker.resume)
        await here.up()
        await there.up()
        # Too many to be told one by one: everybody is to look at everything.
        await eventually(lambda: there.looks > looks)


async def test_a_frozen_broker_counts_as_lost(
    own_broker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also to a process that only listens."""
    monkeypatch.setattr(relay, "ANSWER_SECONDS", 0.3)
    monkeypatch.setattr(relay, "ECHO_SECONDS", 0.1)
    with capture_logs() as logs:
        async with side(url_of(own_broker.wakeup_url)) as there:
            looks = there.looks
            await asyncio.to_thread(own_broker.pause)
            await eventually(lambda: bool(logs))
            await asyncio.to_thread(own_broker.resume)
            await eventually(lambda: there.looks > looks)


@pytest.mark.parametrize("own_broker", ["nats"], indirect=True)
async def test_an_answer_that_comes_after_we_gave_up_breaks_nothing(
    own_broker: Any, caplog: pytest.LogCaptureFixture
) -> None:
    url = url_of(own_broker.wakeup_url)
    assert url is not None
    came = asyncio.Event()
    async with url.open("agent-runs-test", lambda _: came.set()) as link:
        await asyncio.to_thread(own_broker.pause)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await link.send(b"too late")
        await asyncio.to_thread(own_broker.resume)
        await eventually(came.is_set)
        came.clear()
        await link.send(b"still there")
        await eventually(came.is_set)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_leaving_a_frozen_broker_is_bounded(own_broker: Any) -> None:
    async with side(url_of(own_broker.wakeup_url)) as here:
        await asyncio.to_thread(own_broker.pause)
        here.hub.publish(new_id(), revision=1, listed=True)
        began = time.monotonic()
    assert time.monotonic() - began < CLOSE_WITHIN
    await asyncio.to_thread(own_broker.resume)


async def test_what_was_published_before_the_end_is_still_told(sides: tuple[Side, Side]) -> None:
    here, there = sides
    run_id = new_id()
    with there.hub.follow_run(run_id) as follower:
        here.hub.publish(run_id, revision=1, listed=True)
        here.stop.set()
        await woken(follower)


async def test_nothing_stays_behind(own_broker: Any) -> None:
    """Neither tasks nor connections, over outages, freezes and ends."""
    url = url_of(own_broker.wakeup_url)
    tasks = asyncio.all_tasks()
    for _ in range(3):
        async with side(url) as here:
            await asyncio.to_thread(own_broker.kill)
            here.hub.publish(new_id(), revision=1, listed=True)
            await asyncio.to_thread(own_broker.start)
            await here.up()
            await asyncio.to_thread(own_broker.pause)
        await asyncio.to_thread(own_broker.resume)
    await eventually(lambda: asyncio.all_tasks() == tasks)
    await eventually(lambda: _connections_to(own_broker.port) == 0)


def _connections_to(port: int) -> int:
    gc.collect()
    found = psutil.Process().net_connections("tcp")
    return sum(bool(one.raddr) and one.raddr.port == port for one in found)
