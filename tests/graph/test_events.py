"""GraphQL over Server-Sent Events: whole frames, from a real server on both databases."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx
import pytest
from graphql import GraphQLError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from live.broadcast import BrokenOff, Message
from resolvers.service import Service
from server import stream
from server.graphql_sse import events_of
from tests.graph.events import COMPLETE, EVENT_STREAM, Event, Events, subscribed
from tests.graph.sockets import PATIENCE, serving
from tests.graph.support import (
    JSON,
    PATH,
    RUN_INPUT,
    UNKNOWN,
    Api,
    answer_of,
    app_of,
    append,
    complete,
    start,
    told,
)
from tests.graph.test_subscriptions import LOG, TRANSITIONS, UPDATES
from tests.server.cli.waiting import until

EVENTS = {"Accept": EVENT_STREAM}


@pytest.fixture
async def http(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(app_of(service)) as address:
        base = address.replace("ws", "http", 1).removesuffix(PATH)
        async with httpx.AsyncClient(base_url=base, timeout=PATIENCE, verify=False) as http:
            yield http


def log_of(
    http: httpx.AsyncClient, run_id: str, *, last_event_id: str = "", **variables: Any
) -> AbstractAsyncContextManager[Events]:
    headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
    return subscribed(http, PATH, LOG, headers=headers, run=run_id, **variables)


def numbers(*events: Event) -> list[int]:
    batches = [event.payload["data"]["logLines"] for event in events if event != COMPLETE]
    return [line["sequence"] for batch in batches for line in batch["lines"]]


async def test_query_gets_next_and_complete(door: httpx.AsyncClient) -> None:
    response = await door.post(PATH, json={"query": "{ __typename }"}, headers=EVENTS)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert response.text == (
        'event: next\ndata: {"data":{"__typename":"Query"},'
        '"extensions":{"cost":{"requested":1,"limit":50000}}}\n\nevent: complete\ndata:\n\n'
    )
    assert (await door.get(PATH, params={"query": "{ __typename }"}, headers=EVENTS)).text == (
        response.text
    )


async def test_client_that_takes_json_as_well_gets_json_for_a_query(
    door: httpx.AsyncClient,
) -> None:
    headers = {"Accept": f"application/json, {EVENT_STREAM}"}
    response = await door.post(PATH, json={"query": "{ __typename }"}, headers=headers)
    assert response.json() == answer_of({"__typename": "Query"})


async def test_log_comes_as_events_whose_ids_are_cursors(api: Api, http: httpx.AsyncClient) -> None:
    run_id = await start(api)
    await append(api, run_id, 0, "one", "two\n\nevent: complete\rdata:\u2028")
    async with log_of(http, run_id) as events:
        assert events.response.status_code == 200
        assert events.response.headers["x-accel-buffering"] == "no"
        assert await events.frame() == ["retry: 1000"]
        first = await events.frame()
        cursor = json.loads(first[2].removeprefix("data: "))["data"]["logLines"]["endCursor"]
        assert first[:2] == [f"id: {cursor}", "event: next"]
        await append(api, run_id, 2, "three")
        second = await events.receive()
        assert numbers(second) == [3]
        await complete(api, run_id)
        [last, end] = await events.rest()
        assert last.payload["data"]["logLines"]["end"] == "RUN_ENDED"
        assert end == COMPLETE


async def test_last_event_id_resumes_whatever_after_says(api: Api, http: httpx.AsyncClient) -> None:
    run_id = await start(api)
    early = (await append(api, run_id, 0, "one"))["endCursor"]
    late = (await append(api, run_id, 1, "two"))["endCursor"]
    await append(api, run_id, 2, "three")
    await complete(api, run_id)
    async with log_of(http, run_id, last_event_id=late, after=early) as events:
        assert numbers(*await events.rest()) == [3]
    async with log_of(http, run_id, after=early) as events:
        assert numbers(*await events.rest()) == [2, 3]


async def test_transitions_resume_by_their_ids(api: Api, http: httpx.AsyncClient) -> None:
    run_id = await start(api, steps=[{"key": "a"}])
    await told(api, "updateSteps", "run { id }", runId=run_id, steps=[RUNNING])
    async with subscribed(http, PATH, TRANSITIONS, headers={}, run=run_id) as events:
        first = await events.receive()
    await complete(api, run_id)
    assert first.id == first.payload["data"]["stepTransitions"]["endCursor"]
    again = {"Last-Event-ID": first.id or ""}
    async with subscribed(http, PATH, TRANSITIONS, headers=again, run=run_id) as events:
        *batches, end = await events.rest()
    assert end == COMPLETE
    found = [event.payload["data"]["stepTransitions"] for event in batches]
    assert [told["to"] for batch in found for told in batch["transitions"]] == ["COMPLETED"]


RUNNING = {"key": "a", "status": "RUNNING"}


async def test_event_source_asks_by_get(api: Api, http: httpx.AsyncClient) -> None:
    run_id = await start(api)
    cursor = (await append(api, run_id, 0, "one"))["endCursor"]
    await append(api, run_id, 1, "two")
    await complete(api, run_id)
    params = {"query": LOG, "variables": json.dumps({"run": run_id})}
    headers = {**EVENTS, "Last-Event-ID": cursor}
    async with http.stream("GET", PATH, params=params, headers=headers) as response:
        found = await Events(response).rest()
    assert numbers(*found) == [2]
    assert found[-1] == COMPLETE


async def test_mutation_gets_next_and_complete(http: httpx.AsyncClient) -> None:
    query = "mutation ($input: StartRunInput!) { startRun(input: $input) { run { status } } }"
    async with subscribed(http, PATH, query, headers={}, input=RUN_INPUT) as events:
        begun, end = await events.rest()
    assert begun.payload["data"] == {"startRun": {"run": {"status": "RUNNING"}}}
    assert end == COMPLETE


async def broken(code: str) -> AsyncGenerator[Message, None]:
    """A subscription that sends one message and cannot go on."""
    yield Message(payload=b'{"data":{}}', cursor="c", start=0, seen=0, end=1)
    raise BrokenOff([GraphQLError("away", extensions={"code": code})])


@asynccontextmanager
async def events_that_break(code: str) -> AsyncIterator[Events]:
    async def answer(_: Request) -> Response:
        return events_of(broken(code), asyncio.Event().wait)

    async with serving(Starlette(routes=[Route(PATH, answer)])) as address:
        url = address.replace("ws", "http", 1)
        async with (
            httpx.AsyncClient(timeout=PATIENCE, verify=False) as http,
            http.stream("GET", url) as response,
        ):
            yield Events(response)


@pytest.mark.parametrize("code", ["INTERRUPTED", "UNAVAILABLE"])
async def test_stream_that_may_go_on_elsewhere_is_cut_off(code: str) -> None:
    async with events_that_break(code) as events:
        assert await events.receive() == Event("next", '{"data":{}}', "c")
        with pytest.raises(httpx.RemoteProtocolError):
            await events.receive()


async def test_stream_with_a_defect_gets_its_errors_then_complete() -> None:
    async with events_that_break("INTERNAL") as events:
        assert await events.receive() == Event("next", '{"data":{}}', "c")
        [problem, end] = await events.rest()
    assert problem.payload["errors"][0]["message"] == "away"
    assert (problem.id, end) == (None, COMPLETE)


async def test_list_of_runs_has_no_ids(api: Api, http: httpx.AsyncClient) -> None:
    async with subscribed(http, PATH, UPDATES, headers={"Last-Event-ID": "x"}) as events:
        reset = await events.receive()
        assert (reset.payload["data"]["runUpdates"]["kind"], reset.id) == ("RESET", None)
        await start(api)
        assert (await events.receive()).payload["data"]["runUpdates"]["kind"] == "ENTERED"


BAD_OPERATIONS = {
    "{": "GRAPHQL_PARSE_FAILED",
    f"subscription {'{a' * 4_000}{'}' * 4_000}": "LIMIT_EXCEEDED",
    "{ nothing }": "GRAPHQL_VALIDATION_FAILED",
    "subscription { nothing }": "GRAPHQL_VALIDATION_FAILED",
    'subscription { logLines(runId: "nonsense") { endCursor } }': "BAD_INPUT",
    f'subscription {{ logLines(runId: "run_{UNKNOWN}") {{ endCursor }} }}': "NOT_FOUND",
    f'subscription {{ logLines(runId: "run_{UNKNOWN}", after: 1) {{ end }} }}': (
        "GRAPHQL_VALIDATION_FAILED"
    ),
}


@pytest.mark.parametrize(("query", "code"), BAD_OPERATIONS.items(), ids=lambda text: text[:60])
async def test_bad_operation_gets_its_errors_as_next_then_complete(
    http: httpx.AsyncClient, query: str, code: str
) -> None:
    async with subscribed(http, PATH, query, headers={}) as events:
        assert events.response.status_code == 200
        [refusal, end] = await events.rest()
    assert refusal.payload.keys() == {"errors"}
    assert [error["extensions"]["code"] for error in refusal.payload["errors"]] == [code]
    assert (refusal.id, end) == (None, COMPLETE)


async def test_last_event_id_that_is_no_cursor_is_an_error(
    api: Api, http: httpx.AsyncClient
) -> None:
    run_id = await start(api)
    async with log_of(http, run_id, last_event_id="x") as events:
        [refusal, _] = await events.rest()
    [error] = refusal.payload["errors"]
    assert error["extensions"] == {"code": "BAD_INPUT"}
    assert "cursor" in error["message"]


async def test_request_that_is_none_is_refused_as_over_http(door: httpx.AsyncClient) -> None:
    refused = [
        (400, await door.post(PATH, content=b"{", headers=JSON | EVENTS)),
        (400, await door.get(PATH, headers=EVENTS)),
        (405, await door.put(PATH, headers=EVENTS)),
        (405, await door.get(PATH, params={"query": HEARTBEAT}, headers=EVENTS)),
        (415, await door.post(PATH, content=b"{}", headers=EVENTS)),
    ]
    for status, response in refused:
        assert response.status_code == status
        assert "expected" in response.json()["errors"][0]["message"]


HEARTBEAT = 'mutation { heartbeat(input: {runId: "x"}) { intervalSeconds } }'


async def test_quiet_stream_shows_life(
    api: Api, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "KEEPALIVE_SECONDS", 0.01)
    run_id = await start(api)
    async with log_of(http, run_id) as events:
        assert await events.frame() == ["retry: 1000"]
        assert [await events.frame() for _ in range(3)] == [[":"]] * 3
        await append(api, run_id, 0, "one")
        assert numbers(await events.receive()) == [1]


async def test_stream_that_a_shutdown_breaks_off_is_not_complete(
    service: Service, api: Api, http: httpx.AsyncClient
) -> None:
    run_id = await start(api)
    await append(api, run_id, 0, "one")
    async with log_of(http, run_id) as events:
        assert numbers(await events.receive()) == [1]
        service.hub.close()
        with pytest.raises(httpx.RemoteProtocolError):
            await events.rest()
    await asyncio.wait_for(service.hub.deserted(), PATIENCE)


async def test_client_that_goes_away_leaves_nothing_behind(
    service: Service, api: Api, http: httpx.AsyncClient
) -> None:
    run_id = await start(api)
    before = len(asyncio.all_tasks())
    async with log_of(http, run_id) as events:
        await events.frame()
        await until(lambda: service.hub.attendance)
    await asyncio.wait_for(service.hub.deserted(), PATIENCE)
    await until(lambda: len(asyncio.all_tasks()) <= before)
    assert service.hub.follower_count == 0


async def test_two_streams_of_one_log_share_its_execution(
    service: Service, api: Api, http: httpx.AsyncClient
) -> None:
    run_id = await start(api)
    async with log_of(http, run_id) as one, log_of(http, run_id) as other:
        await append(api, run_id, 0, "one")
        assert await one.receive() == await other.receive()
        await until(lambda: (service.hub.attendance, service.hub.follower_count) == (2, 1))
