"""Logs over plain HTTP: as text for curl, as events for those who cannot have a WebSocket."""

from __future__ import annotations

import asyncio
import shutil
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from server.serving import FOLLOWERS_SECONDS
from tests.end_to_end.client import client_of
from tests.end_to_end.replay import LOG_LINES, RUN_UPDATES
from tests.graph.events import COMPLETE, subscribed
from tests.graph.sockets import PATIENCE
from tests.graph.support import PATH
from tests.support.service import Service

#: curl's status for an answer that broke off; see its manual.
PARTIAL_FILE = 18
#: Seconds that a process takes to end beyond what it waits for its followers, on a busy machine.
LEEWAY = 20.0


@pytest.fixture
def service(database_url: str, tmp_path: Path) -> Iterator[Service]:
    """One for this test alone, which may stop it."""
    with Service(database_url, tmp_path / "service.log") as running:
        yield running


@asynccontextmanager
async def curl(service: Service, run_id: str) -> AsyncIterator[Process]:
    if shutil.which("curl") is None:
        pytest.skip("there is no curl on this machine")
    url = f"{service.url}/runs/{run_id}/logs.txt?follow=1"
    process = await asyncio.create_subprocess_exec(
        "curl", "--no-buffer", "--silent", "--noproxy", "*", url, stdout=PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def line_of(process: Process) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        return (await process.stdout.readline()).decode()


async def ended(process: Process) -> tuple[str, int]:
    """What was still to come, and the exit status."""
    async with asyncio.timeout(PATIENCE):
        rest, _ = await process.communicate()
    assert process.returncode is not None
    return rest.decode(), process.returncode


async def test_curl_shows_each_line_as_it_is_written_and_ends_with_the_run(
    service: Service,
) -> None:
    async with client_of(service.url) as client:
        run_id = await client.begin()
        await client.append(run_id, 0, "stored")
        async with curl(service, run_id) as process:
            assert await line_of(process) == "stored\n"
            for number in range(1, 4):
                await client.append(run_id, number, f"line {number}")
                assert await line_of(process) == f"line {number}\n"
            await client.append(run_id, 4, "last")
            await client.tell("completeRun", runId=run_id)
            assert await ended(process) == ("last\n", 0)


async def test_curl_ends_where_the_run_is_deleted(service: Service) -> None:
    async with client_of(service.url) as client:
        run_id = await client.begin()
        await client.append(run_id, 0, "one")
        async with curl(service, run_id) as process:
            assert await line_of(process) == "one\n"
            await client.tell("cancelRuns", ids=[run_id])
            await client.tell("failRun", runId=run_id, error={"message": "stopped"})
            await client.tell("deleteRuns", ids=[run_id])
            assert await ended(process) == ("", 0)


async def test_streams_that_a_shutdown_breaks_off_are_no_complete_answers(
    service: Service,
) -> None:
    async with client_of(service.url) as client:
        run_id = await client.begin()
        await client.append(run_id, 0, "one")
        async with (
            curl(service, run_id) as process,
            subscribed(client.http, PATH, LOG_LINES, headers={}, run=run_id) as events,
        ):
            assert await line_of(process) == "one\n"
            seen = await events.receive()
            await client.append(run_id, 1, "accepted")
            began = time.monotonic()
            assert await asyncio.to_thread(service.stop) == 0
            assert time.monotonic() - began < FOLLOWERS_SECONDS + LEEWAY
            # What was committed comes first.
            assert await ended(process) == ("accepted\n", PARTIAL_FILE)
            assert "accepted" in (await events.receive()).data
            with pytest.raises(httpx.RemoteProtocolError):
                await events.receive()
    assert '"level": "error"' not in service.log.read_text()
    service.start()
    async with client_of(service.url) as client:
        again = {"Last-Event-ID": seen.id or ""}
        await client.tell("completeRun", runId=run_id)
        async with subscribed(client.http, PATH, LOG_LINES, headers=again, run=run_id) as events:
            *batches, end = await events.rest()
    lines = [line for event in batches for line in event.payload["data"]["logLines"]["lines"]]
    assert [line["sequence"] for line in lines] == [2]
    assert end == COMPLETE


async def test_streams_that_a_crash_breaks_off_are_no_complete_answers(service: Service) -> None:
    async with client_of(service.url) as client:
        run_id = await client.begin()
        await client.append(run_id, 0, "one")
        async with (
            curl(service, run_id) as process,
            subscribed(client.http, PATH, LOG_LINES, headers={}, run=run_id) as events,
        ):
            assert await line_of(process) == "one\n"
            await events.receive()
            service.kill()
            assert (await ended(process))[1] != 0
            with pytest.raises(httpx.TransportError):
                await events.receive()


async def test_reader_that_never_reads_holds_a_shutdown_up_no_longer_than_its_grace(
    database_url: str, tmp_path: Path
) -> None:
    with Service(database_url, tmp_path / "log", SHUTDOWN_GRACE_SECONDS="1") as service:
        async with client_of(service.url) as client:
            run_id = await client.begin()
            for offset in range(0, 800, 100):
                await client.append(run_id, offset, *["x" * 10_000] * 100)
            async with subscribed(client.http, PATH, LOG_LINES, headers={}, run=run_id) as events:
                await events.frame()
                began = time.monotonic()
                assert await asyncio.to_thread(service.stop) == 0
                assert time.monotonic() - began < FOLLOWERS_SECONDS + 1 + LEEWAY


ALLOWED = "https://app.example.com"


async def test_pages_of_allowed_origins_may_follow_and_come_back_and_others_not(
    sqlite_url: str, tmp_path: Path
) -> None:
    with Service(sqlite_url, tmp_path / "service.log", ALLOWED_ORIGINS=ALLOWED) as service:
        async with client_of(service.url, Origin=ALLOWED) as client:
            preflight = {
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "content-type, last-event-id",
            }
            assert (await client.http.options(PATH, headers=preflight)).status_code == 200
            async with subscribed(client.http, PATH, RUN_UPDATES, headers={}) as events:
                assert '"RESET"' in (await events.receive()).data
                assert events.response.headers["access-control-allow-origin"] == ALLOWED
        async with (
            client_of(service.url, Origin="https://evil.example") as client,
            subscribed(client.http, PATH, RUN_UPDATES, headers={}) as events,
        ):
            assert events.response.status_code == 403
