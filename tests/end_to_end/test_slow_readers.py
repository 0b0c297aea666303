"""A slow reader falls behind alone, and one that does not read any more is found and dropped."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import psutil
import pytest

from tests.end_to_end.client import Client, client_of, following
from tests.end_to_end.slow_reader import SlowReader
from tests.graph.sockets import PATIENCE
from tests.support.service import Service

#: Seconds. Four of them without a sign, and a client is gone.
KEEPALIVE = 0.25
LOG = """subscription ($run: ID!) {
    logLines(runId: $run) { lines { sequence message } endCursor end } }"""
#: Far more than a socket and its buffers hold.
LINE = "x" * 1_000
LINES, BATCHES = 500, 8


@pytest.fixture
def service(database_url: str, tmp_path: Path) -> Iterator[Service]:
    with Service(
        database_url, tmp_path / "service.log", KEEPALIVE_SECONDS=str(KEEPALIVE)
    ) as running:
        yield running


async def write(client: Client, run_id: str) -> list[str]:
    """Write a log of 4 MB; its lines."""
    lines = [f"{number} {LINE}" for number in range(LINES * BATCHES)]
    for offset in range(0, len(lines), LINES):
        await client.append(run_id, offset, *lines[offset : offset + LINES])
    return lines


def connections(service: Service) -> int:
    """Clients' sockets that the service holds open."""
    found = psutil.Process(service.pid).net_connections("tcp")
    return sum(
        one.laddr[1] == service.port and one.status == psutil.CONN_ESTABLISHED for one in found
    )


async def test_one_that_stops_reading_delays_nobody_and_is_dropped(service: Service) -> None:
    async with client_of(service.url) as client, AsyncExitStack() as stack:
        run_id = await client.begin()
        stopped = [await stack.enter_async_context(SlowReader(service.url)) for _ in range(20)]
        for reader in stopped:
            await reader.subscribe(LOG, run=run_id)
        stream = await stack.enter_async_context(following(service.url, LOG, run=run_id))
        process = psutil.Process(service.pid)
        before = process.memory_info().rss
        writing = asyncio.create_task(write(client, run_id))
        came: list[str] = []
        while len(came) < LINES * BATCHES:
            came += [line["message"] for line in (await anext(stream))["lines"]]
        assert came == await writing
        # Each held in full would take 80 MB; a message and the transport's buffer are less than 1.
        assert process.memory_info().rss - before < 50 * 1024 * 1024
        await _dropped(service, left=2)


async def test_one_that_says_nothing_on_a_quiet_stream_is_dropped(service: Service) -> None:
    async with client_of(service.url) as client, SlowReader(service.url) as silent:
        run_id = await client.begin()
        await silent.subscribe(LOG, run=run_id)
        async with following(service.url, LOG, run=run_id) as stream:
            await _dropped(service, left=2)
            await client.append(run_id, 0, "still there")
            assert [line["message"] for line in (await anext(stream))["lines"]] == ["still there"]


async def _dropped(service: Service, left: int) -> None:
    """Wait until only so many connections are left."""
    async with asyncio.timeout(PATIENCE):
        while connections(service) > left:  # noqa: ASYNC110 - the system tells it nowhere else
            await asyncio.sleep(0.05)


async def test_one_that_reads_slowly_keeps_its_socket_and_gets_every_line(
    service: Service,
) -> None:
    """Its pongs come far too late, since the pings stand behind megabytes: it is not gone."""
    async with client_of(service.url) as client, SlowReader(service.url) as reader:
        run_id = await client.begin()
        await reader.subscribe(LOG, run=run_id)
        lines = await write(client, run_id)
        # For as long as three silences that would have ended it.
        slow_until = time.monotonic() + 12 * KEEPALIVE
        while time.monotonic() < slow_until:
            assert await reader.read(1_024)
            await asyncio.sleep(0.02)
        assert len(reader.lines) < len(lines)
        while len(reader.lines) < len(lines):
            assert await reader.read(1024 * 1024)
        assert reader.lines == lines
