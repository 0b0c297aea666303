"""The clients that pages use come back by themselves: each line once, in order, up to the end.

The npm packages graphql-ws and graphql-sse, and EventSource, against real processes.
docs/protocol.md tells client authors to do what they do here.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.client import client_of
from tests.end_to_end.test_faults import Reporter
from tests.server.cli.waiting import until
from tests.support.node import EVENT_SOURCE, NodeClient, node_client
from tests.support.service import Service

#: Seconds that a process stands still, long against all else that happens.
STANDSTILL = 2.0
#: Lines that come before and after each fault.
SOME = 30

Start = Callable[..., AbstractAsyncContextManager[NodeClient]]
Harm = Callable[[Service, NodeClient], Awaitable[None]]


def graphql_ws(run_id: str, *services: Service, **told: Any) -> AbstractAsyncContextManager:
    urls = [f"{service.url}/graphql".replace("http", "ws", 1) for service in services]
    settings = {"urls": urls, "run": run_id, "advance": True, "retryMs": 50, "keepAliveMs": 10_000}
    return node_client("graphql_ws.mjs", **(settings | told))


def graphql_sse(run_id: str, *services: Service, **told: Any) -> AbstractAsyncContextManager:
    urls = [f"{service.url}/graphql" for service in services]
    settings = {"urls": urls, "run": run_id, "advance": True, "retryMs": 50}
    return node_client("graphql_sse.mjs", **(settings | told))


def event_source(run_id: str, *services: Service, **told: Any) -> AbstractAsyncContextManager:
    urls = [f"{service.url}/graphql" for service in services]
    settings = {"urls": urls, "run": run_id, "advance": True, "retryMs": 50}
    return node_client("event_source.mjs", *EVENT_SOURCE, **(settings | told))


async def restarted(service: Service, client: NodeClient) -> None:
    await asyncio.to_thread(service.restart)


async def crashed(service: Service, client: NodeClient) -> None:
    await asyncio.to_thread(service.kill)
    await asyncio.to_thread(service.start)


async def server_stood_still(service: Service, client: NodeClient) -> None:
    os.kill(service.pid, signal.SIGSTOP)
    await asyncio.sleep(STANDSTILL)
    os.kill(service.pid, signal.SIGCONT)


async def client_stood_still(service: Service, client: NodeClient) -> None:
    client.pause()
    await asyncio.sleep(STANDSTILL)
    client.resume()


async def laptop_slept_through_a_restart(service: Service, client: NodeClient) -> None:
    client.pause()
    await asyncio.to_thread(service.restart)
    client.resume()


FAULTS: dict[Start, list[Harm]] = {
    graphql_ws: [
        restarted,
        crashed,
        server_stood_still,
        client_stood_still,
        laptop_slept_through_a_restart,
    ],
    graphql_sse: [crashed, laptop_slept_through_a_restart],
    event_source: [crashed, laptop_slept_through_a_restart],
}


async def followed(
    client: NodeClient, reporter: Reporter, service: Service, *faults: Harm
) -> list[int]:
    """Lets the client follow the run to its end, through faults; what it shows is checked.

    The close codes that it saw.
    """
    reporting = asyncio.create_task(reporter.report())
    for harm in faults:
        await _shows_more(client)
        await harm(service, client)
    await _shows_more(client)
    reporter.stop.set()
    await reporting
    await until(lambda: client.is_over)
    assert client.of("error") == []
    assert [line["message"] for line in client.lines] == reporter.acknowledged
    sequences = [line["sequence"] for line in client.lines]
    assert sequences == list(range(1, len(reporter.acknowledged) + 1))
    ends = [batch["end"] for batch in client.of("batch")]
    assert ends == [None] * (len(ends) - 1) + ["RUN_ENDED"]
    assert len(client.of("complete")) == 1
    return [told["code"] for told in client.of("closed") if "code" in told]


async def _shows_more(client: NodeClient) -> None:
    enough = len(client.lines) + SOME
    await until(lambda: len(client.lines) > enough or client.is_over)
    assert not client.is_over, client.told[-3:]


@pytest.fixture
def service(sqlite_url: str, tmp_path: Path) -> Iterator[Service]:
    with Service(sqlite_url, tmp_path / "service.log") as running:
        yield running


@pytest.mark.parametrize("start", FAULTS)
async def test_client_that_advances_its_cursor_lives_through_one_fault_after_another(
    service: Service, start: Start
) -> None:
    async with client_of(service.url) as writer:
        reporter = Reporter(writer, await writer.begin())
        async with start(reporter.run_id, service) as client:
            closes = await followed(client, reporter, service, *FAULTS[start])
    # None was sent twice.
    assert client.received == len(client.lines)
    if start is graphql_ws:
        # The crash, and each try while nobody was there, gave it 1006.
        assert [code for code in closes if code not in (1000, 1006)] == [1012, 1012]


async def test_client_that_sends_its_first_cursor_again_drops_what_it_knows(
    service: Service,
) -> None:
    async with client_of(service.url) as writer:
        reporter = Reporter(writer, await writer.begin())
        async with graphql_ws(reporter.run_id, service, advance=False) as client:
            await followed(client, reporter, service, restarted)
    assert client.received > len(client.lines)


async def test_client_that_hears_no_pong_gives_its_socket_up_and_comes_back(
    service: Service,
) -> None:
    async with client_of(service.url) as writer:
        reporter = Reporter(writer, await writer.begin())
        async with graphql_ws(reporter.run_id, service, keepAliveMs=300) as client:
            closes = await followed(client, reporter, service, server_stood_still)
    assert closes[0] == 4499
    assert client.received == len(client.lines)


@pytest.mark.parametrize("start", [graphql_ws, graphql_sse])  # EventSource knows one address
async def test_client_goes_on_with_another_process(
    postgres_url: str, tmp_path: Path, start: Start
) -> None:
    async def died(service: Service, client: NodeClient) -> None:
        await asyncio.to_thread(service.kill)

    with (
        Service(postgres_url, tmp_path / "one.log") as one,
        Service(postgres_url, tmp_path / "two.log") as two,
    ):
        async with client_of(two.url) as writer:
            reporter = Reporter(writer, await writer.begin())
            async with start(reporter.run_id, one, two) as client:
                await followed(client, reporter, one, died)
        assert client.received == len(client.lines)
