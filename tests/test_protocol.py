"""docs/protocol.md: its examples run as they stand, and its tables say what is so."""

from __future__ import annotations

import asyncio
import re
import shutil
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from graph.limits import DOCUMENT_LIMITS
from live import follow_logs, follow_steps
from server import graphql_socket, graphql_sse, stream
from server.limits import DOOR_LIMITS
from server.settings import Settings
from tests.end_to_end.client import client_of
from tests.server.cli.waiting import until
from tests.support.node import CLIENTS, EVENT_SOURCE, NODE, node_client
from tests.support.service import ROOT, Service

PAGE = (ROOT / "docs" / "protocol.md").read_text()

#: What stands in the examples for a service and a run.
ADDRESS, RUN = "127.0.0.1:8000", "run_…"
#: Seconds that an example may take to come back and to end.
PATIENCE = 40.0

COMMANDS = {
    "js": [str(NODE), *EVENT_SOURCE, "--import=./awake.mjs", "--input-type=module"],
    "python": [sys.executable, "-"],
    "sh": ["sh"],
}


@dataclass(frozen=True)
class Example:
    language: str
    text: str

    def __str__(self) -> str:
        about = (
            "runUpdates",
            "graphql-ws",
            "graphql-sse",
            "EventSource",
            "logs.txt",
            "event-stream",
        )
        return f"{self.language}-{next((word for word in about if word in self.text), 'sockets')}"

    @asynccontextmanager
    async def running(self, service: Service, run_id: str) -> AsyncIterator[Process]:
        """The example, in the place where the packages are that it imports."""
        text = self.text.replace(ADDRESS, f"127.0.0.1:{service.port}").replace(RUN, run_id)
        process = await asyncio.create_subprocess_exec(
            *COMMANDS[self.language], cwd=CLIENTS, stdin=PIPE, stdout=PIPE
        )
        assert process.stdin is not None
        process.stdin.write(text.encode())
        process.stdin.close()
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


EXAMPLES = [Example(*found) for found in re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.M | re.S)]
FOLLOWERS = [
    example
    for example in EXAMPLES
    if example.language in ("js", "python") and "runUpdates" not in example.text
]
[LIST] = [example for example in EXAMPLES if "runUpdates" in example.text]
[TEXT, EVENTS] = sorted(
    (example for example in EXAMPLES if example.language == "sh"), key=lambda one: len(one.text)
)


@pytest.fixture
def service(sqlite_url: str, tmp_path: Path) -> Iterator[Service]:
    with Service(sqlite_url, tmp_path / "service.log") as running:
        yield running


async def line_of(process: Process) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        return (await process.stdout.readline()).decode().rstrip("\n")


async def rest_of(process: Process) -> list[str]:
    async with asyncio.timeout(PATIENCE):
        rest, _ = await process.communicate()
    return rest.decode().splitlines()


@pytest.mark.parametrize("example", FOLLOWERS, ids=str)
async def test_example_follows_a_run_through_a_restart_to_its_end(
    service: Service, example: Example
) -> None:
    async with client_of(service.url) as client:
        run_id = await client.begin()
        await client.append(run_id, 0, "one", "two")
        async with example.running(service, run_id) as process:
            assert [await line_of(process), await line_of(process)] == ["one", "two"]
            await asyncio.to_thread(service.restart)
            async with client_of(service.url) as writer:
                await writer.append(run_id, 2, "three")
                assert await line_of(process) == "three"
                await writer.append(run_id, 3, "four")
                await writer.tell("completeRun", runId=run_id)
            assert await rest_of(process) == ["four"]
            assert process.returncode == 0


async def test_example_of_the_list_shows_what_enters_and_leaves(service: Service) -> None:
    async with client_of(service.url) as client:
        first = await client.begin()
        async with LIST.running(service, "") as process:
            assert await line_of(process) == f"RUNNING {first}"
            second = await client.begin()
            shown = {await line_of(process), await line_of(process)}
            assert shown == {f"RUNNING {first}", f"RUNNING {second}"}
            await client.tell("completeRun", runId=first)
            assert await line_of(process) == f"RUNNING {second}"


@pytest.mark.parametrize("example", [TEXT, EVENTS], ids=str)
async def test_example_with_curl_shows_the_log(service: Service, example: Example) -> None:
    if shutil.which("curl") is None:
        pytest.skip("there is no curl on this machine")
    async with client_of(service.url) as client:
        run_id = await client.begin()
        await client.append(run_id, 0, "one")
        await client.tell("completeRun", runId=run_id)
        async with example.running(service, run_id) as process:
            shown = await rest_of(process)
            assert process.returncode == 0
    if example is TEXT:
        assert shown == ["one"]
    else:
        assert shown[0] == f"retry: {graphql_sse.RETRY_MS}"
        assert '"message":"one"' in "".join(shown)
        assert shown[-3:] == ["event: complete", "data:", ""]


async def test_table_of_close_codes_says_what_graphql_ws_makes_of_them() -> None:
    rows = re.findall(r"^\| (\d{4}) \|[^|]*\| (final|comes back)", PAGE, re.M)
    table = {int(code): outcome == "comes back" for code, outcome in rows}
    assert {1006, *graphql_socket.COME_BACK.values(), graphql_socket.BAD_MESSAGE} <= table.keys()
    async with node_client("close_codes.mjs", codes=list(table)) as script:
        await until(lambda: len(script.told) == len(table))
    assert {told["code"]: told["comesBack"] for told in script.told} == table


def test_limits_of_the_page_are_those_of_the_code() -> None:
    for sentence in (
        f"| operations at once on a socket | {DOOR_LIMITS.max_operations_per_socket} |",
        f"| an operation's id | 1 to {graphql_socket.MAX_ID} printable characters |",
        f"| a message of a client | {DOOR_LIMITS.max_message_bytes // 1024**2} MiB |",
        f"| a document | {DOCUMENT_LIMITS.max_tokens:,} tokens, "
        f"{DOCUMENT_LIMITS.max_depth} levels, {DOCUMENT_LIMITS.max_fields} fields |",
        f"no `connection_init` within {DOOR_LIMITS.connection_init_seconds:g} s",
        f"in order; at most {follow_logs.MAX_BATCH_LINES:,} in a batch, "
        f"some {follow_logs.MAX_BATCH_BYTES // 1024} KiB",
        f"in order; at most {follow_steps.MAX_BATCH_EVENTS} in a batch",
        f"A comment (`:`) comes every {stream.KEEPALIVE_SECONDS:.0f} seconds",
        f"a WebSocket ping every {Settings().keepalive.seconds} seconds",
    ):
        assert sentence in PAGE
