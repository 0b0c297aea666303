"""What the framework's own view does wrong, seen with it as it comes, is not seen here.

FAULTS is the table: each fault, and what shows that it is gone, on a real service. What else there
is to each of them stands in tests/graph and tests/end_to_end.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from models.database import DatabaseUrl
from tests.end_to_end.client import Client, client_of, socket_of
from tests.end_to_end.test_bad_input import TRACES
from tests.support.service import Service

Probe = Callable[[Client], Awaitable[None]]
FAULTS: dict[str, Probe] = {}

TYPENAME = {"query": "{ __typename }"}
GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = {"Content-Type": "application/json"}
#: Seconds that a bystander may wait while somebody is greedy; unbounded, it was several.
SOON = 1.0


def fault(words: str) -> Callable[[Probe], Probe]:
    """Puts what shows that a fault is gone into the table."""

    def enter(probe: Probe) -> Probe:
        FAULTS[words] = probe
        return probe

    return enter


async def post(client: Client, body: Any, **headers: str) -> httpx.Response:
    """The answer to a body, bytes as they are; one that is no failure of the service."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    response = await client.http.post("/graphql", content=content, headers=JSON | headers)
    assert response.status_code < 500
    assert not any(trace in response.text for trace in TRACES)
    return response


async def refusal(client: Client, body: Any, status: int = 400, **headers: str) -> str:
    """The sentence of the only error of an answer that has no data."""
    response = await post(client, body, **headers)
    assert response.status_code == status
    answer = response.json()
    assert "data" not in answer
    [error] = answer["errors"]
    sentence: str = error["message"]
    return sentence


# ---------------------------------------------------------------- HTTP


@fault("request errors answered 200 with `data: null`")
async def _(client: Client) -> None:
    for query in ("{", "{ nothing }", "query ($i: ID!) { run(id: $i) { id } }"):
        await refusal(client, {"query": query}, Accept=GRAPHQL_RESPONSE)
        # Here 200 is what the specification asks for, but never with `data`.
        await refusal(client, {"query": query}, 200)


@fault("405 without Allow")
async def _(client: Client) -> None:
    mutation = {"query": 'mutation { heartbeat(input: {runId: "x"}) { intervalSeconds } }'}
    for method, parameters, allowed in (
        ("PUT", None, "GET, POST"),
        ("DELETE", None, "GET, POST"),
        ("GET", mutation, "POST"),
    ):
        response = await client.http.request(method, "/graphql", params=parameters)
        assert (response.status_code, response.headers["allow"]) == (405, allowed)


@fault("the first of two operations run where operationName is missing")
async def _(client: Client) -> None:
    two = {"query": "query A { __typename } query B { __typename }"}
    for name in ({}, {"operationName": None}, {"operationName": ""}, {"operationName": "C"}):
        assert "operationName" in await refusal(client, two | name, 200)
        assert "operationName" in await refusal(client, two | name, Accept=GRAPHQL_RESPONSE)
    async with socket_of(client.url) as socket:
        await socket.init()
        await socket.subscribe("1", two["query"])
        assert (await socket.receive())["type"] == "error"


@fault("500 on a scalar body")
async def _(client: Client) -> None:
    for body in (b"42", b"null", b"true", b'"{ __typename }"'):
        assert "expected a JSON object" in await refusal(client, body)


@fault("500 on bad UTF-8")
async def _(client: Client) -> None:
    assert "expected UTF-8" in await refusal(client, b'{"query": "\xff{ __typename }"}')
    response = await client.http.get("/graphql?query=%7B%20__typename%20%7D%FF")
    assert response.status_code in (200, 400)


@fault("500 on deep nesting")
async def _(client: Client) -> None:
    for depth in (200, 100_000):
        assert "expected" in await refusal(client, b"[" * depth + b"]" * depth)
        deep = b'{"query": "{ __typename }", "variables": {"a": %b}}'
        assert "expected" in await refusal(client, deep % (b"[" * depth + b"]" * depth))
        assert "MAX_" in await refusal(client, {"query": "{a" * depth + "}" * depth}, 200)


@fault("500 on 5,000-digit numbers")
async def _(client: Client) -> None:
    digits = "9" * 5_000
    query = "query ($n: Int) { runs(first: $n) { totalCount } }"
    body = f'{{"query": "{query}", "variables": {{"n": {digits}}}}}'
    assert "Int cannot represent" in await refusal(client, body.encode(), 200)
    written = {"query": f"{{ runs(first: {digits}) {{ totalCount }} }}"}
    assert "MAX_NUMBER_LENGTH" in await refusal(client, written, 200)


@fault("500 on gzip")
async def _(client: Client) -> None:
    body = gzip.compress(json.dumps(TYPENAME).encode())
    told = await refusal(client, body, 415, **{"Content-Encoding": "gzip"})
    assert told == "Content-Encoding: expected none, got 'gzip'"


@fault("500 on lone surrogates")
async def _(client: Client) -> None:
    for text in ("\ud800", "a\udfff"):
        await refusal(client, {"query": f'{{ run(id: "{text}") {{ id }} }}'}, 200)
        answer = (
            await post(client, {"query": "query N { __typename }", "operationName": text})
        ).json()
        assert answer["errors"]
        asked = {"query": "query ($t: String) { agents(nameContains: $t) { totalCount } }"}
        assert (await post(client, asked | {"variables": {"t": text}})).json()["errors"]


@fault("values of a MB echoed back")
async def _(client: Client) -> None:
    large = "x" * 1_000_000
    for body in (
        {"query": "query ($i: ID!) { run(id: $i) { id } }", "variables": {"i": large}},
        {"query": "query ($n: Int) { runs(first: $n) { totalCount } }", "variables": {"n": large}},
        {
            "query": "query ($f: RunFilter) { runs(filter: $f) { totalCount } }",
            "variables": {"f": {large: 1}},
        },
        {"query": "{ __typename }", "operationName": large},
        {"query": f"{{ {large} }}"},
    ):
        response = await post(client, body)
        assert response.json()["errors"]
        assert len(response.content) < 2_000


@fault("cursors with trailing junk or negative offsets accepted")
async def _(client: Client) -> None:
    await client.begin()
    page = await client.data("{ runs(first: 1) { pageInfo { endCursor } } }")
    good = page["runs"]["pageInfo"]["endCursor"]
    query = "query ($a: String) { runs(after: $a) { totalCount } }"
    assert await client.data(query, a=good)
    for wrong in (
        f"{good}x",
        f"{good}=",
        f"{good}\n",
        f" {good}",
        f"{good}.",
        "YXJyYXljb25uZWN0aW9uOi0x",
    ):
        code, sentence = await client.error(query, a=wrong)
        assert (code, sentence[:24]) == ("BAD_INPUT", "after: expected a cursor")
    paged = "query ($n: Int) { runs(first: $n) { totalCount } }"
    assert (await client.error(paged, n=-1))[0] == "BAD_INPUT"


@fault("1,000 aliases holding up everyone else for seconds")
async def _(client: Client) -> None:
    aliases = " ".join(f"a{number}: viewer {{ name }}" for number in range(1_000))
    greedy = [post(client, {"query": f"{{ {aliases} # {number}\n }}"}) for number in range(20)]
    async with client_of(client.url) as bystander, asyncio.TaskGroup() as group:
        tasks = [group.create_task(each) for each in greedy]
        began = time.monotonic()
        assert await bystander.data("{ __typename }") == {"__typename": "Query"}
        assert time.monotonic() - began < SOON
    for task in tasks:
        [error] = task.result().json()["errors"]
        assert error["extensions"]["code"] == "LIMIT_EXCEEDED"


# ---------------------------------------------------------------- WebSockets


async def close_code(client: Client, message: str | bytes) -> int | None:
    """With which code one message closes a socket."""
    async with socket_of(client.url) as socket:
        await socket.init()
        await socket.connection.send(message)
        return (await socket.closed())[0]


@fault("WebSocket messages that are no object kill the handler or pass")
async def _(client: Client) -> None:
    for message in ("42", "null", "[]", '"ping"', "{", "", b"{}"):
        assert await close_code(client, message) == 4400


@fault("WebSocket ids and payloads of the wrong type kill the handler or pass")
async def _(client: Client) -> None:
    good = {"type": "subscribe", "id": "1", "payload": TYPENAME}
    wrongs: tuple[dict[str, Any], ...] = (
        {"id": 1},
        {"id": None},
        {"id": ["1"]},
        {"id": ""},
        {"payload": "{ __typename }"},
        {"payload": [TYPENAME]},
        {"payload": {"query": 1}},
        {"payload": TYPENAME | {"variables": "{}"}},
        {"payload": TYPENAME | {"operationName": {}}},
        {"type": ["subscribe"]},
    )
    for wrong in wrongs:
        assert await close_code(client, json.dumps(good | wrong)) == 4400, wrong


@fault("one bad operation closing the whole socket")
async def _(client: Client) -> None:
    async with socket_of(client.url) as socket:
        await socket.init()
        await socket.subscribe("good", "subscription { runUpdates { kind } }")
        assert (await socket.receive())["id"] == "good"
        for query in (
            "{",
            "",
            "{ nothing }",
            "query ($i: ID!) { run(id: $i) { id } }",
            "{a" * 9_000,
        ):
            await socket.subscribe("bad", query)
            frame = await socket.receive()
            assert (frame["id"], frame["type"]) == ("bad", "error")
        await client.begin()
        assert (await socket.receive())["payload"] == {"data": {"runUpdates": {"kind": "ENTERED"}}}


@pytest.mark.parametrize("words", FAULTS)
async def test_fault_is_gone(client: Client, words: str) -> None:
    await FAULTS[words](client)


async def test_exceptions_own_text_stands_in_no_answer(database_url: str, tmp_path: Path) -> None:
    """The last of the list: it takes a service apart, so it has one of its own."""
    with Service(database_url, tmp_path / "service.log", LOG_FORMAT="json") as service:
        await _break(database_url)
        async with client_of(service.url) as client:
            answer = await client.ask("{ clusters { totalCount nodes { name } } }")
        log = service.log.read_text()
    assert answer["errors"]
    for error in answer["errors"]:
        assert error["message"] == "internal error"
        assert error["extensions"].keys() == {"code", "errorId"}
        assert error["extensions"]["errorId"] in log
    told = json.dumps(answer)
    assert not any(word in told for word in ('cluster"', "no such", "relation", "SELECT", *TRACES))
    assert "Traceback" in log


async def _break(database_url: str) -> None:
    """Takes a table away from under a service."""
    away, database = "ALTER TABLE cluster RENAME TO gone", DatabaseUrl.parse(database_url)
    if database.file is not None:
        with closing(sqlite3.connect(database.file)) as connection:
            connection.execute(away)
        return
    server = await asyncpg.connect(database.dsn)
    await server.execute(away)
    await server.close()
