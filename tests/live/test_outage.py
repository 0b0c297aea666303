"""Followers live through a PostgreSQL that goes away and comes back."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from live.ends import StreamEnd
from live.follow_logs import follow_logs
from live.hub import Hub
from live.log_line import LogLine
from live.poll import Poller
from models.database import database, migrate
from resolvers.service import Service
from tests.support.clock import Clock
from tests.support.postgres import PostgresServer
from tests.support.reporting import append, begin, complete

SECONDS = 30


@pytest.fixture
async def service(own_postgres: PostgresServer, clock: Clock) -> AsyncIterator[Service]:
    """On a PostgreSQL that the test may stop."""
    url = await asyncio.to_thread(own_postgres.create_database)
    await migrate(url)
    async with database(url):
        yield Service(hub=Hub(), clock=clock)


@pytest.mark.parametrize("end", ["stop", "kill"])
async def test_a_follower_has_every_line_once_though_the_database_was_away(
    service: Service, own_postgres: PostgresServer, end: str
) -> None:
    run = await begin(service)
    await append(service, run, 0, "before")
    seen: list[LogLine] = []
    has_read = asyncio.Event()

    async def follow() -> StreamEnd | None:
        async for batch in follow_logs(service.hub, run.id, 0, None):
            seen.extend(batch.lines)
            has_read.set()
            if batch.end is not None:
                return batch.end
        return None

    following = asyncio.create_task(follow())
    async with asyncio.timeout(SECONDS):
        await has_read.wait()
        await asyncio.to_thread(getattr(own_postgres, end))
        service.hub.wake(run.id, revision=None, listed=True)  # it looks, and finds nobody
        await asyncio.to_thread(own_postgres.start)
        await append(service, run, 1, "after")
        await complete(service, run)
        assert await following is StreamEnd.RUN_ENDED
    assert [line.message for line in seen] == ["before", "after"]


async def test_the_poll_goes_on_after_an_outage_and_lists_begin_anew(
    service: Service, own_postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("live.poll.POLL_SECONDS", 0.02)
    stop, polled = asyncio.Event(), asyncio.Event()

    class Watched(Poller):
        async def poll(self) -> None:
            polled.set()
            await super().poll()

    with service.hub.follow_list() as follower:
        polling = asyncio.create_task(Watched(service.hub).run(stop))
        async with asyncio.timeout(SECONDS):
            await asyncio.to_thread(own_postgres.stop)
            polled.clear()
            await polled.wait()  # a round that began without a database
            await asyncio.to_thread(own_postgres.start)
            while not follower.take()[1]:
                await follower.wait()
            stop.set()
            await polling
