"""`agent-runs serve --workers N`, with real processes."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import pytest

from tests.end_to_end.client import Client, Stream, client_of, following
from tests.server.cli.waiting import until
from tests.support.brokers import ValkeyBroker
from tests.support.service import Service, environment

WORKERS = 2
#: Seconds, on a busy machine.
WITHIN = 30.0
#: Connections after which each worker has one: which one accepts is for the kernel to say.
MAX_CONNECTIONS = 200
LINES = "subscription($runId: ID!) { logLines(runId: $runId) { lines { message } end } }"


@pytest.fixture
def service(postgres_url: str, tmp_path: Path) -> Iterator[Service]:
    with Service(postgres_url, tmp_path / "log", WORKERS=str(WORKERS)) as running:
        yield running


def workers_of(service: Service) -> list[psutil.Process]:
    return [child for child in psutil.Process(service.pid).children() if _is_worker(child)]


async def until_served(service: Service, starts: int = WORKERS) -> None:
    """Until as many workers have begun to serve: one takes seconds to, and connections do not wait
    for it while another accepts them."""
    await until(lambda: service.log.read_text().count('"event": "serving"') >= starts)


def _is_worker(process: psutil.Process) -> bool:
    """Not one that has ended, and not what Python itself starts beside them."""
    try:
        return "spawn_main" in " ".join(process.cmdline())
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return False


def pid_behind(service: Service, local_port: int) -> int:
    """The worker at the other end of one of our connections."""
    for worker in workers_of(service):
        for one in worker.net_connections("tcp"):
            if one.raddr and one.raddr.port == local_port:
                return worker.pid
    raise AssertionError(f"nobody has accepted the connection from port {local_port}")


@asynccontextmanager
async def stream_on_each(service: Service, run_id: str) -> AsyncIterator[dict[int, Stream]]:
    """One follower of the run on every worker, by its process id."""
    async with AsyncExitStack() as stack:
        await until_served(service)
        streams: dict[int, Stream] = {}
        for _ in range(MAX_CONNECTIONS):
            stream = await stack.enter_async_context(following(service.url, LINES, runId=run_id))
            port = stream.socket.connection.local_address[1]
            streams.setdefault(pid_behind(service, port), stream)
            if len(streams) == WORKERS:
                break
        assert len(streams) == WORKERS
        yield streams


async def messages(stream: Stream, count: int) -> list[str]:
    """The next lines."""
    found: list[str] = []
    while len(found) < count:
        async with asyncio.timeout(WITHIN):
            event: Any = await anext(stream)
        found += [line["message"] for line in event["lines"]]
    return found


async def append_through_each(service: Service, run_id: str, first: int) -> list[str]:
    """One line through every worker; what they say, in order."""
    told: dict[int, str] = {}
    for _ in range(MAX_CONNECTIONS):
        async with client_of(service.url) as client:
            pid = await _pid_of(service, client)
            if pid not in told:
                told[pid] = f"through {pid}"
                await client.append(run_id, first + len(told) - 1, told[pid])
        if len(told) == WORKERS:
            return list(told.values())
    raise AssertionError("one worker accepts nothing")


async def _pid_of(service: Service, client: Client) -> int:
    answer = await client.http.get("/healthz")
    port = answer.extensions["network_stream"].get_extra_info("client_addr")[1]
    return pid_behind(service, port)


@pytest.mark.parametrize("transport", ["postgres", "valkey"])
async def test_a_follower_at_one_worker_sees_appends_made_through_others(
    postgres_url: str, tmp_path: Path, transport: str
) -> None:
    broker = ValkeyBroker()
    broker.start()
    settings = {"WORKERS": str(WORKERS)}
    if transport == "valkey":
        settings["WAKEUP_URL"] = broker.wakeup_url
    with Service(postgres_url, tmp_path / "log", **settings) as service:
        async with client_of(service.url) as client:
            run_id = await client.begin()
        async with stream_on_each(service, run_id) as streams:
            expected = await append_through_each(service, run_id, 0)
            for stream in streams.values():
                assert await messages(stream, WORKERS) == expected
        assert service.stop() == 0
        assert "wake-ups lost" not in service.log.read_text()
    broker.kill()


async def test_a_worker_that_was_killed_is_replaced(service: Service) -> None:
    async with client_of(service.url) as client:
        run_id = await client.begin()
    await until_served(service)
    before = {worker.pid for worker in workers_of(service)}
    assert len(before) == WORKERS
    victim = min(before)
    os.kill(victim, signal.SIGKILL)
    deadline = time.monotonic() + WITHIN
    while len({worker.pid for worker in workers_of(service)} - {victim}) < WORKERS:
        assert time.monotonic() < deadline, "nobody took its place"
        await asyncio.sleep(0.02)
    # The new one serves as well.
    await until_served(service, WORKERS + 1)
    async with stream_on_each(service, run_id) as streams:
        assert victim not in streams
        expected = await append_through_each(service, run_id, 0)
        for stream in streams.values():
            assert await messages(stream, WORKERS) == expected


async def test_sigterm_closes_the_sockets_of_all_workers_with_1012(service: Service) -> None:
    async with client_of(service.url) as client:
        run_id = await client.begin()
    workers = workers_of(service)
    async with stream_on_each(service, run_id) as streams:
        stopping = asyncio.create_task(asyncio.to_thread(service.stop))
        for stream in streams.values():
            code, _ = await stream.socket.closed()
            assert code == 1012
        assert await stopping == 0
    assert not any(worker.is_running() for worker in workers)


async def test_who_comes_during_a_shutdown_is_refused_and_waits_for_nobody(
    service: Service, postgres_url: str
) -> None:
    """So that it goes to another process at once; what was begun before is done meanwhile."""
    elsewhere = await asyncpg.connect(postgres_url)
    async with client_of(service.url) as client:
        run_id = await client.begin()
        async with elsewhere.transaction():
            await elsewhere.execute("SELECT 1 FROM run FOR UPDATE")
            appending = asyncio.create_task(client.append(run_id, 0, "begun before"))
            await asyncio.wait({appending}, timeout=0.5)
            stopping = asyncio.create_task(asyncio.to_thread(service.stop))
            await until(lambda: not _listens(service.port))
            assert not stopping.done()
        assert (await appending)["nextOffset"] == 1
    assert await stopping == 0
    await elsewhere.close()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def test_workers_end_with_a_parent_that_was_killed(service: Service) -> None:
    workers = workers_of(service)
    service.kill()
    gone, alive = await asyncio.to_thread(psutil.wait_procs, workers, WITHIN)
    assert (len(gone), alive) == (WORKERS, [])


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"WORKERS": "2"}, "WORKERS: expected 1, since SQLite serves one process, got 2"),
        ({"WAKEUP_URL": "nats://h"}, "WAKEUP_URL: expected memory://, since SQLite serves one"),
    ],
)
def test_several_processes_on_sqlite_are_refused(
    sqlite_url: str, settings: dict[str, str], sentence: str
) -> None:
    status, said = refused(DATABASE_URL=sqlite_url, **settings)
    assert status == 1
    assert sentence in said


def test_a_database_that_cannot_be_used_is_told_of_once(bare_postgres_url: str) -> None:
    status, said = refused(DATABASE_URL=bare_postgres_url, WORKERS="2")
    assert status == 1
    assert said.count("the database lacks") == 1


def refused(**settings: str) -> tuple[int, str]:
    """Exit status and words of a service that cannot start."""
    done = subprocess.run(
        [sys.executable, "-m", "server.cli", "serve", "--port", "0"],
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=WITHIN,
        check=False,
    )
    return done.returncode, done.stderr
