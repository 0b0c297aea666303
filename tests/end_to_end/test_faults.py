"""What goes wrong around a service: its database, its process, its neighbours, foreign pages."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from models.database import migrate
from tests.end_to_end.client import (
    Client,
    Json,
    Stream,
    client_of,
    following,
    mutation_of,
    socket_of,
)
from tests.end_to_end.replay import LOG_LINES, RUN_UPDATES
from tests.end_to_end.scene import REPORT
from tests.graph.sockets import PATIENCE
from tests.server.cli.waiting import until
from tests.support.engines import Engines
from tests.support.postgres import PostgresServer, run_in_a_loop_of_its_own
from tests.support.service import Service, environment

#: Seconds between two calls of somebody who asks again and again.
POLL = 0.05


@pytest.fixture
def service(database_url: str, tmp_path: Path) -> Iterator[Service]:
    """One for this test alone, which may ill-treat it."""
    with Service(database_url, tmp_path / "service.log") as running:
        yield running


def _check_calm(log: Path, *loud_loggers: str) -> None:
    """What passes is worth a line, not a traceback; but for what some loggers are known to say."""
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    loud = [
        entry
        for entry in entries
        if (entry["level"] == "error" or "exception" in entry)
        and entry["logger"] not in ("asyncpg.pool", *loud_loggers)
    ]
    assert not loud, json.dumps(loud[0], indent=1).replace("\\n", "\n")


# ---------------------------------------------------------------- a database that is locked


@contextmanager
def _locked(url: str) -> Iterator[None]:
    """While the block runs another program writes to the SQLite file."""
    with closing(
        sqlite3.connect(unquote(urlsplit(url).path[1:]), isolation_level=None)
    ) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.rollback()


async def test_writes_wait_for_a_locked_database_and_then_succeed(
    sqlite_url: str, tmp_path: Path
) -> None:
    """Longer than SQLite's own wait (SQLITE_BUSY_MS): the transaction starts over."""
    with Service(sqlite_url, tmp_path / "service.log") as service:
        async with client_of(service.url) as client:
            run_id = await client.begin()
            with _locked(sqlite_url):
                appending = asyncio.create_task(client.append(run_id, 0, "one", "two"))
                beginning = asyncio.create_task(client.begin())
                done, _ = await asyncio.wait({appending, beginning}, timeout=3)
                assert not done
            assert (await appending)["nextOffset"] == 2
            assert (await beginning).startswith("run_")
            await client.tell("completeRun", runId=run_id, report=REPORT)
            assert await _messages(client, run_id) == ["one", "two"]
            found = await client.data("{ runs { totalCount } }")
            assert found == {"runs": {"totalCount": 2}}


async def test_write_that_waits_is_done_before_the_service_ends(
    sqlite_url: str, tmp_path: Path
) -> None:
    with Service(sqlite_url, tmp_path / "service.log") as service:
        async with client_of(service.url) as client:
            run_id = await client.begin()
            with _locked(sqlite_url):
                appending = asyncio.create_task(client.append(run_id, 0, "the last"))
                await asyncio.wait({appending}, timeout=0.5)
                stopping = asyncio.create_task(asyncio.to_thread(service.stop))
                await until(lambda: not _listens(service.port))
                assert not appending.done()
            assert (await appending)["nextOffset"] == 1
            assert await stopping == 0
        service.start()
        async with client_of(service.url) as client:
            assert await _messages(client, run_id) == ["the last"]


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def _messages(client: Client, run_id: str) -> list[str]:
    """The whole log, page by page."""
    document = """query($id: ID!, $after: String) { run(id: $id) {
        logs(first: 1000, after: $after) { nodes { message } endCursor pageInfo { hasNextPage } }
    } }"""
    found: list[str] = []
    after, is_more = None, True
    while is_more:
        page = (await client.data(document, id=run_id, after=after))["run"]["logs"]
        found += [node["message"] for node in page["nodes"]]
        after, is_more = page["endCursor"], page["pageInfo"]["hasNextPage"]
    return found


# ---------------------------------------------------------------- a database that goes away


@dataclass
class Reporter:
    """Appends lines without a pause, tells again what was not acknowledged, then ends the run."""

    client: Client
    run_id: str
    #: Messages that the service said it has.
    acknowledged: list[str] = field(default_factory=list)
    #: Calls that did not go well, and were told again.
    failed_calls: list[str] = field(default_factory=list)
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def report(self) -> None:
        while not self.stop.is_set():
            await self._append()
        await self._insist(
            "completeRun",
            {
                "runId": self.run_id,
                "logEnds": [{"source": "main", "nextOffset": len(self.acknowledged)}],
            },
        )

    async def _append(self) -> None:
        offset = len(self.acknowledged)
        messages = [f"line {number}" for number in range(offset, offset + 3)]
        lines = [{"message": message} for message in messages]
        told = {"runId": self.run_id, "offset": offset, "lines": lines}
        payload = await self._insist("appendLogs", told)
        assert payload["nextOffset"] == offset + len(messages)
        self.acknowledged += messages

    async def _insist(self, mutation: str, told: Json) -> Json:
        """Tell the same until it is answered."""
        fields = "nextOffset" if mutation == "appendLogs" else "run { status }"
        async with asyncio.timeout(PATIENCE * 2):
            while True:
                try:
                    answer = await self.client.ask(mutation_of(mutation, fields), input=told)
                except httpx.TransportError as error:
                    self.failed_calls.append(repr(error))
                else:
                    if "errors" not in answer:
                        payload: Json = answer["data"][mutation]
                        assert payload["userErrors"] == []
                        return payload
                    self.failed_calls.append(answer["errors"][0]["message"])
                await asyncio.sleep(POLL)


@dataclass
class Follower:
    """Follows a log to its end; where the socket is lost it comes back with its last cursor."""

    url: str
    run_id: str
    sequences: list[int] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    #: How sockets were lost.
    closes: list[int | None] = field(default_factory=list)
    end: str | None = None
    _cursor: str | None = None

    async def follow(self) -> None:
        while self.end is None:
            with suppress(ConnectionError, InvalidHandshake):
                async with following(
                    self.url, LOG_LINES, run=self.run_id, after=self._cursor
                ) as stream:
                    await self._read(stream)

    async def _read(self, stream: Stream) -> None:
        try:
            async for batch in stream:
                self.sequences += [line["sequence"] for line in batch["lines"]]
                self.messages += [line["message"] for line in batch["lines"]]
                self._cursor, self.end = batch["endCursor"], batch["end"]
        except ConnectionClosed:
            self.closes.append(stream.socket.connection.close_code)


def _stop(server: PostgresServer) -> Callable[[], None]:
    server.stop()
    return server.start


def _kill(server: PostgresServer) -> Callable[[], None]:
    server.kill()
    return server.start


def _pause(server: PostgresServer) -> Callable[[], None]:
    server.pause()
    return server.resume


@pytest.fixture
def frail_url(own_postgres: PostgresServer) -> str:
    """A migrated database on a PostgreSQL that the test may stop, kill and pause."""
    url = own_postgres.create_database()
    run_in_a_loop_of_its_own(lambda: migrate(url))
    return url


@pytest.mark.parametrize("harm", [_stop, _kill, _pause])
async def test_no_line_is_lost_or_doubled_while_the_database_is_away(
    own_postgres: PostgresServer,
    frail_url: str,
    tmp_path: Path,
    harm: Callable[[PostgresServer], Callable[[], None]],
) -> None:
    with Service(frail_url, tmp_path / "service.log") as service:
        async with client_of(service.url) as client, client_of(service.url) as prober:
            reporter = Reporter(client, await client.begin())
            follower = Follower(service.url, reporter.run_id)
            reporting = asyncio.create_task(reporter.report())
            tail = asyncio.create_task(follower.follow())
            await until(lambda: reporting.done() or len(follower.messages) > 30)
            mend = await asyncio.to_thread(harm, own_postgres)
            # Away: not ready, but alive; and a moment later what is told waits.
            await _until_status(prober, "/readyz", 503)
            assert (await prober.http.get("/healthz")).status_code == 200
            told = len(reporter.acknowledged)
            await asyncio.to_thread(mend)
            await _until_status(prober, "/readyz", 200)
            await until(lambda: reporting.done() or len(reporter.acknowledged) > told + 30)
            reporter.stop.set()
            async with asyncio.timeout(PATIENCE):
                await reporting
                await tail
            assert reporter.failed_calls == []
            assert await _messages(client, reporter.run_id) == reporter.acknowledged
            assert follower.messages == reporter.acknowledged
            assert follower.sequences == list(range(1, len(reporter.acknowledged) + 1))
            assert (follower.end, follower.closes) == ("RUN_ENDED", [])
    _check_calm(service.log)


async def _until_status(client: Client, path: str, status: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while (await client.http.get(path)).status_code != status:  # noqa: ASYNC110  (it only answers)
            await asyncio.sleep(POLL)


async def test_questions_get_an_answer_while_the_database_is_away_and_lists_live_on(
    own_postgres: PostgresServer, frail_url: str, tmp_path: Path
) -> None:
    with Service(frail_url, tmp_path / "service.log") as service:
        async with client_of(service.url) as client, following(service.url, RUN_UPDATES) as updates:
            assert (await anext(updates))["kind"] == "RESET"
            run_id = await client.begin()
            assert (await anext(updates))["kind"] == "ENTERED"
            own_postgres.stop()
            await _until_status(client, "/readyz", 503)
            for query in (
                "{ runs { totalCount } }",
                f'{{ run(id: "{run_id}") {{ status }} }}',
                "{ runStats { total } }",
            ):
                [error] = (await client.ask(query))["errors"]
                assert error["extensions"] == {"code": "UNAVAILABLE"}
                assert error["message"] == "the database does not answer; try again later"
            for page in (
                f"/runs/{run_id}/plain",
                f"/runs/{run_id}/logs.txt",
                f"/reports/shared/{run_id}",
            ):
                response = await client.http.get(page)
                assert response.status_code == 503, page
                assert "Traceback" not in response.text
            own_postgres.start()
            await _until_status(client, "/readyz", 200)
            later = await client.begin()
            assert await client.data("{ runs { totalCount } }") == {"runs": {"totalCount": 2}}
            # A client that reads the list whenever it is told RESET misses nothing.
            async with asyncio.timeout(PATIENCE):
                while (event := await anext(updates))["kind"] == "RESET":
                    listed = await client.data("{ runs { nodes { id } } }")
                    if {"id": later} in listed["runs"]["nodes"]:
                        break
            assert event["kind"] == "RESET" or event["run"]["id"] == later
    _check_calm(service.log)


# ---------------------------------------------------------------- a service that ends


async def test_sigterm_delivers_what_was_accepted_closes_sockets_and_exits_with_0(
    service: Service,
) -> None:
    async with client_of(service.url) as client, following(service.url, RUN_UPDATES) as updates:
        assert (await anext(updates))["kind"] == "RESET"
        run_id = await client.begin()
        async with following(service.url, LOG_LINES, run=run_id) as lines:
            await client.append(run_id, 0, "accepted")
            stopping = asyncio.create_task(asyncio.to_thread(service.stop))
            async with asyncio.timeout(PATIENCE):
                batch = await anext(lines)
                assert [line["message"] for line in batch["lines"]] == ["accepted"]
                for stream in (lines, updates):
                    with pytest.raises(ConnectionClosed):
                        await stream.rest()
                    assert stream.socket.connection.close_code == 1012
                assert await stopping == 0
    _check_calm(service.log)


@pytest.mark.parametrize("harm", [_stop, _pause])
async def test_sigterm_ends_the_service_within_its_bound_while_the_database_is_away(
    own_postgres: PostgresServer,
    frail_url: str,
    tmp_path: Path,
    harm: Callable[[PostgresServer], Callable[[], None]],
) -> None:
    with Service(frail_url, tmp_path / "service.log", SHUTDOWN_GRACE_SECONDS="1") as service:
        async with client_of(service.url) as client:
            run_id = await client.begin()
            async with following(service.url, LOG_LINES, run=run_id) as lines:
                await client.append(run_id, 0, "before")
                await anext(lines)
                await asyncio.to_thread(harm, own_postgres)
                told = {"runId": run_id, "offset": 1, "lines": [{"message": "x"}]}
                body = {
                    "query": mutation_of("appendLogs", "nextOffset"),
                    "variables": {"input": told},
                }
                waiting = asyncio.create_task(client.http.post("/graphql", json=body))
                await asyncio.wait({waiting}, timeout=0.5)
                assert not waiting.done()
                began = time.monotonic()
                assert await asyncio.to_thread(service.stop) == 0
                assert time.monotonic() - began < PATIENCE / 2
                with pytest.raises(ConnectionClosed):
                    await lines.rest()
                assert lines.socket.connection.close_code == 1012
                # It was not done, and may have been cut off; it is no defect of the service.
                with suppress(httpx.TransportError):
                    assert (await waiting).status_code in (200, 503)
    # uvicorn says, as an error, that it cut the waiting call off.
    _check_calm(service.log, "uvicorn.error")


async def test_follower_goes_on_where_it_was_when_the_service_is_back(service: Service) -> None:
    for harm in (service.restart, _crash_and_start(service)):
        async with client_of(service.url) as client:
            run_id = await client.begin()
            follower = Follower(service.url, run_id)
            tail = asyncio.create_task(follower.follow())
            await client.append(run_id, 0, "before")
            await until(lambda: follower.messages)  # noqa: B023  (awaited in this very round)
            await asyncio.to_thread(harm)
        async with client_of(service.url) as client:
            assert (await client.append(run_id, 0, "before"))["nextOffset"] == 1
            await client.append(run_id, 1, "after")
            await client.tell("completeRun", runId=run_id)
            async with asyncio.timeout(PATIENCE):
                await tail
        assert (follower.messages, follower.sequences) == (["before", "after"], [1, 2])
        assert follower.end == "RUN_ENDED"
        assert len(follower.closes) == 1


def _crash_and_start(service: Service) -> Callable[[], None]:
    def harm() -> None:
        service.kill()
        service.start()

    return harm


# ---------------------------------------------------------------- a service that refuses to start


def _command(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """`agent-runs …` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "server.cli", *arguments],
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _refusal(*arguments: str, **settings: str) -> str:
    """The one sentence of a command that fails."""
    ended = _command(*arguments, **settings)
    assert ended.returncode == 1, ended
    assert ended.stdout == ""
    # Logs may stand before it.
    *_, sentence = ended.stderr.splitlines()
    assert "Traceback" not in ended.stderr
    return sentence


async def test_second_process_on_a_sqlite_file_is_refused_with_a_sentence(
    sqlite_url: str, tmp_path: Path
) -> None:
    commands = [("serve", "--port", "0"), ("worker",), ("migrate",)]
    with Service(sqlite_url, tmp_path / "service.log"):
        refusing = [
            asyncio.to_thread(_refusal, *told, DATABASE_URL=sqlite_url) for told in commands
        ]
        for sentence in await asyncio.gather(*refusing):
            assert "is used by another process: SQLite serves one" in sentence
            assert "PostgreSQL" in sentence


def test_database_that_was_not_migrated_is_refused_with_the_command_to_run(
    bare_database_url: str,
) -> None:
    sentence = _refusal("serve", "--port", "0", DATABASE_URL=bare_database_url)
    password = urlsplit(bare_database_url).password
    assert password is None or password not in sentence
    assert re.search(r"run `DATABASE_URL=(sqlite|postgres):\S+ agent-runs migrate`", sentence)
    migrated = _command("migrate", DATABASE_URL=bare_database_url)
    assert (migrated.returncode, migrated.stderr) == (0, "")


# ---------------------------------------------------------------- neighbours


@contextmanager
def _worker(database_url: str, log: Path, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "server.cli", "worker"],
            env=environment(DATABASE_URL=database_url, **settings),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait(PATIENCE)


#: Seconds: the poll is once a second (live/poll.py), a round of the worker every two; the rest is
#: for a busy machine, far from what the followers' own fall-back look takes (30).
WITHIN = 12


async def test_two_services_and_a_worker_hear_of_one_another(
    postgres_url: str, tmp_path: Path
) -> None:
    with (
        Service(postgres_url, tmp_path / "one.log") as one,
        Service(postgres_url, tmp_path / "two.log") as two,
        _worker(postgres_url, tmp_path / "worker.log", CANCEL_GRACE_SECONDS="0") as worker,
    ):
        async with client_of(two.url) as writer, following(one.url, RUN_UPDATES) as updates:
            assert (await anext(updates))["kind"] == "RESET"
            run_id = await writer.begin()
            async with asyncio.timeout(WITHIN):
                assert await anext(updates) == {
                    "kind": "ENTERED",
                    "run": {"id": run_id, "status": "RUNNING"},
                    "deletedRunId": None,
                }
            async with following(one.url, LOG_LINES, run=run_id) as lines:
                for number in range(2):
                    await writer.append(run_id, number, f"line {number}")
                    async with asyncio.timeout(WITHIN):
                        batch = await anext(lines)
                    assert [line["message"] for line in batch["lines"]] == [f"line {number}"]
                # Nobody confirms the cancel: the worker ends the run.
                await writer.tell("cancelRuns", ids=[run_id])
                async with asyncio.timeout(WITHIN):
                    assert [batch["end"] for batch in await lines.rest()] == ["RUN_ENDED"]
            status = await writer.data("query($i: ID!) { run(id: $i) { status } }", i=run_id)
            assert status == {"run": {"status": "CANCELLED"}}
            deletion = await writer.tell("deleteRuns", "deletedRunIds", ids=[run_id])
            assert deletion["deletedRunIds"] == [run_id]
            async with asyncio.timeout(WITHIN):
                events = [await anext(updates)]
                while events[-1]["kind"] != "DELETED":
                    events.append(await anext(updates))
            assert events[-1]["deletedRunId"] == run_id
        worker.terminate()
        assert await asyncio.to_thread(worker.wait, PATIENCE) == 0
        assert one.stop() == 0
        assert two.stop() == 0
    for name in ("one", "two", "worker"):
        _check_calm(tmp_path / f"{name}.log")


# ---------------------------------------------------------------- addresses and origins

PUBLIC = "https://runs.example.com/agent-runs"
ALLOWED, FOREIGN = "https://app.example.com", "https://evil.example"


@pytest.fixture(scope="module")
def proxied(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that stands behind a proxy, with an app of another origin in front of it."""
    folder = tmp_path_factory.mktemp("proxied")
    url = engines.sqlite_database(migrate, folder / "agent-runs.sqlite3")
    settings = {
        "PUBLIC_URL": f"{PUBLIC}/",
        "ALLOWED_ORIGINS": f"{ALLOWED}, http://localhost:3000",
        # Past the check of names, so that it is seen what comes behind it.
        "ALLOWED_HOSTS": "evil.example",
    }
    with Service(url, folder / "service.log", **settings) as service:
        yield service


async def test_addresses_that_are_handed_out_are_public_whatever_the_host_header_says(
    proxied: Service,
) -> None:
    async with _hostile(proxied) as client:
        run_id = await client.begin()
        fields = "run { url report { id url downloads { url } } }"
        payload = await client.tell("completeRun", fields, runId=run_id, report=REPORT)
        run = payload["run"]
        report = run["report"]
        share = await client.tell("shareReport", "url", reportId=report["id"])
        token = share["url"].rpartition("/")[2]
        document = "query($t: String!) { sharedReport(token: $t) { downloads { url } } }"
        shared = (await client.data(document, t=token))["sharedReport"]
        urls = [run["url"], f"{run['url']}/plain", report["url"], share["url"]]
        urls += [entry["url"] for entry in (*report["downloads"], *shared["downloads"])]
        for url in urls:
            assert url.startswith(f"{PUBLIC}/"), url
            path = url.removeprefix(PUBLIC)
            # A proxy may pass the prefix on, or take it off.
            for prefix in ("/agent-runs", ""):
                response = await client.http.get(f"{proxied.url}{prefix}{path}")
                assert response.status_code == 200, (prefix, path)
                assert "evil" not in response.text
                assert "evil" not in str(response.headers)
                links = re.findall(r'(?:href|src|action)="([^"]*)"', response.text)
                assert all(_stays(link) for link in links), links


def _stays(link: str) -> bool:
    """Whether a link of a page leads nowhere but below the public address, or within the page."""
    return link.startswith((f"{PUBLIC}/", "/agent-runs/", "#")) or not re.match(r"(\w+:|/)", link)


@asynccontextmanager
async def _hostile(service: Service) -> AsyncIterator[Client]:
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    headers |= {"X-Forwarded-Proto": "gopher", "Forwarded": "host=evil.example"}
    async with client_of(service.url, **headers) as client:
        yield client


async def test_api_works_below_the_prefix_and_without_it(proxied: Service) -> None:
    for url in (f"{proxied.url}/agent-runs", proxied.url):
        async with client_of(url) as client:
            assert await client.data("{ __typename }") == {"__typename": "Query"}
            assert (await client.http.get("/healthz")).status_code == 200
            assert (await client.http.get("/readyz")).status_code == 200
        async with following(url, RUN_UPDATES) as updates:
            assert (await anext(updates))["kind"] == "RESET"
    async with client_of(f"{proxied.url}/other") as client:
        assert (await client.http.get("/healthz")).status_code == 404


@pytest.mark.parametrize(
    "origin", [FOREIGN, "null", f"{ALLOWED}.evil.example", "http://app.example.com"]
)
async def test_page_of_a_foreign_origin_is_refused(proxied: Service, origin: str) -> None:
    async with client_of(proxied.url, Origin=origin) as client:
        response = await client.http.post("/graphql", json={"query": "{ __typename }"})
        assert response.status_code == 403
        assert "access-control-allow-origin" not in response.headers
        [error] = response.json()["errors"]
        assert "ALLOWED_ORIGINS" in error["message"]
        preflight = await client.http.options("/graphql", headers=_preflight())
        assert preflight.status_code in (400, 403)
        assert "access-control-allow-origin" not in preflight.headers
    with pytest.raises((InvalidStatus, ConnectionClosed)) as refused:
        async with socket_of(proxied.url, Origin=origin) as socket:
            await socket.init()
    if isinstance(refused.value, InvalidStatus):
        assert refused.value.response.status_code == 403


@pytest.mark.parametrize("origin", [ALLOWED, "http://localhost:3000", "https://runs.example.com"])
async def test_page_of_an_allowed_origin_may_read_and_follow(proxied: Service, origin: str) -> None:
    async with client_of(proxied.url, Origin=origin) as client:
        preflight = await client.http.options("/graphql", headers=_preflight())
        response = await client.http.post("/graphql", json={"query": "{ __typename }"})
        wrong = await client.http.post("/graphql", content=b"{")
        for answer, status in ((preflight, 200), (response, 200), (wrong, 415)):
            assert answer.status_code == status
            assert answer.headers["access-control-allow-origin"] == origin
            assert "origin" in answer.headers["vary"].lower()
        assert "content-type" in preflight.headers["access-control-allow-headers"].lower()
        assert "POST" in preflight.headers["access-control-allow-methods"]
    async with socket_of(proxied.url, Origin=origin) as socket:
        await socket.init()
        await socket.subscribe("1", "subscription { runUpdates { kind } }")
        frame = await socket.receive()
        assert frame["payload"] == {"data": {"runUpdates": {"kind": "RESET"}}}


def _preflight() -> dict[str, str]:
    return {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }


async def test_secrets_of_links_stand_in_no_log(proxied: Service) -> None:
    async with client_of(proxied.url) as client:
        run_id = await client.begin()
        fields = "run { report { id } }"
        payload = await client.tell("completeRun", fields, runId=run_id, report=REPORT)
        share = await client.tell("shareReport", "url", reportId=payload["run"]["report"]["id"])
        path = share["url"].removeprefix(PUBLIC)
        token = path.rpartition("/")[2]
        assert len(token) >= 22  # 128 bits in base64
        for request in (path, f"{path}/download.md", f"{path}/download.nosuch", f"/x{path}"):
            await client.http.get(request)
        document = f'{{ sharedReport(token: "{token}") {{ title }} }}'
        await client.data(document)
        await client.http.get("/graphql", params={"query": document})
    assert token not in proxied.log.read_text()
