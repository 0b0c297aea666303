"""Bad input gets a clear error that names the field; nothing is half done, nothing is a 5xx.

Each test speaks to a real service as any client could, and looks at all that there is before and
after. What the service says of itself meanwhile must hold no traceback.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from graphql import GraphQLSchema

from tests.end_to_end import recipes
from tests.end_to_end.client import (
    Client,
    Json,
    StreamRefused,
    client_of,
    followed,
    following,
    mutation_of,
    socket_of,
)
from tests.end_to_end.recipes import document_of
from tests.end_to_end.scene import LINES, Scene, snapshot
from tests.end_to_end.schema_walk import (
    Path,
    arguments,
    declared,
    leaves,
    names,
    read_schema,
    replaced,
    value_at,
)
from tests.graph.sockets import PATIENCE
from tests.support.postgres import run_in_a_loop_of_its_own
from tests.support.service import Service

NUL, SURROGATE = "\0", "\ud800"
UNSTORABLE = (NUL, SURROGATE)
#: Errors that are the client's doing; INTERNAL is not one.
CLIENT_CODES = {
    "BAD_INPUT",
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "LIMIT_EXCEEDED",
    "NOT_FOUND",
}
TRACES = ("Traceback", 'File "', "site-packages")


class Prober(Client):
    """A client that finds fault with every answer of a service that lost its countenance."""

    async def ask(self, query: str, **variables: Any) -> Json:
        response = await self.post({"query": query, "variables": variables})
        assert response.status_code == 200, response.text[:500]
        answer: Json = response.json()
        for error in answer.get("errors", []):
            assert error["extensions"]["code"] in CLIENT_CODES, error
        return answer

    async def post(self, body: Any, **headers: str) -> httpx.Response:
        """Any body, as JSON; one that is bytes already as it is."""
        # json.dumps writes lone surrogates as escapes, as JSON.stringify does in a browser.
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} | headers
        response = await self.http.post("/graphql", content=content, headers=headers)
        assert response.status_code < 500
        assert not any(trace in response.text for trace in TRACES)
        return response

    async def complaints(self, mutation: str, told: Json) -> list[tuple[str, Path]]:
        """What a mutation complains of, each with the field that it names."""
        answer = await self.ask(mutation_of(mutation, "__typename"), input=told)
        if "errors" in answer:
            return [(error["message"], ()) for error in answer["errors"]]
        errors = answer["data"][mutation]["userErrors"]
        assert all(error["code"] for error in errors)
        return [(error["message"], tuple(error["field"] or ())) for error in errors]


@pytest.fixture(scope="module")
def scene(shared_service: Service) -> Scene:
    async def make() -> Scene:
        async with client_of(shared_service.url) as client:
            return await Scene.make(client)

    return run_in_a_loop_of_its_own(make)


@pytest.fixture(scope="module")
def schema(shared_service: Service) -> GraphQLSchema:
    async def read() -> GraphQLSchema:
        async with client_of(shared_service.url) as client:
            return await read_schema(client)

    return run_in_a_loop_of_its_own(read)


@pytest.fixture
async def prober(client: Client) -> Prober:
    return Prober(client.url, client.http)


@pytest.fixture(autouse=True)
def _calm_log(shared_service: Service) -> Iterator[None]:
    """While a test runs, the service logs neither an error nor a traceback."""
    before = shared_service.log.stat().st_size
    yield
    said = shared_service.log.read_bytes()[before:].decode()
    lines = [line for line in said.splitlines() if '"level": "error"' in line or "Trace" in line]
    assert not lines, lines[0][:3000]


@pytest.fixture
async def nothing_changes(client: Client, scene: Scene) -> AsyncIterator[None]:
    """What there is before and after the test is the same."""
    before = await snapshot(client, scene)
    yield
    after = await snapshot(client, scene)
    for run, was in zip(after.pop("nodes"), before.pop("nodes"), strict=True):
        assert run == was
    assert after == before


# ---------------------------------------------------------------- any string, anywhere


async def test_every_call_is_good_as_it_stands(
    client: Client, schema: GraphQLSchema, scene: Scene
) -> None:
    """What the tests below put something wrong into goes through without it."""
    for mutation in MUTATIONS:
        inputs = recipes.mutations(await Scene.make(client))[mutation]
        await client.tell(mutation, **inputs[-1])
    for name, calls in recipes.reads(scene).items():
        for call in calls:
            document = document_of(schema, scene, name)
            if name == "Subscription.runUpdates":
                async with following(client.url, document, **call) as stream:
                    await anext(stream)
            elif name.startswith("Subscription."):
                assert await followed(client.url, document, **call)
            else:
                await client.data(document, **call)


async def test_every_argument_of_the_schema_is_tried(schema: GraphQLSchema, scene: Scene) -> None:
    """A new argument belongs into the recipes, or what is put into it is not tested."""
    known = {
        f"Mutation.{name}": [{"input": told} for told in inputs]
        for name, inputs in recipes.mutations(scene).items()
    } | recipes.reads(scene)
    for name, types in arguments(schema).items():
        for argument, type_ in types.items():
            tried = {
                names(path)
                for call in known[name]
                if argument in call
                for path, _ in leaves(type_, call[argument])
            }
            assert tried == {path for path, _ in declared(type_)}, (name, argument)


MUTATIONS = [
    "deleteRuns", "deleteRunsMatching", "restoreRuns", "cancelRuns", "shareReport",
    "revokeReportShare", "startRun", "appendLogs", "updateSteps", "scheduleRetry", "startAttempt",
    "heartbeat", "confirmCancel", "completeRun", "failRun",
]  # fmt: skip


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize("mutation", MUTATIONS)
async def test_unstorable_character_in_any_string_of_a_mutation_is_refused(
    prober: Prober, schema: GraphQLSchema, scene: Scene, mutation: str
) -> None:
    type_ = arguments(schema)[f"Mutation.{mutation}"]["input"]
    wrong = []
    for told in recipes.mutations(scene)[mutation]:
        for path, text in _texts(type_, told):
            if path[-1] == "message" and "lines" in path:
                continue  # design.md, "Data": changed visibly, so that no reporter is stuck
            for character in UNSTORABLE:
                spoilt = replaced(told, path, text + character)
                complaints = await prober.complaints(mutation, spoilt)
                if not any(_names(complaint, path) for complaint in complaints):
                    wrong.append((".".join(map(str, path)), complaints))
    assert not wrong


def _texts(type_: Any, told: Any) -> Iterator[tuple[Path, str]]:
    """Every string in a value, those of enums, times and JSON too, with its path."""
    for path, _ in leaves(type_, told):
        yield from _texts_in(value_at(told, path), path)


def _texts_in(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    match value:
        case str():
            yield path, value
        case dict():
            for key, item in value.items():
                yield from _texts_in(item, (*path, key))
        case list():
            for index, item in enumerate(value):
                yield from _texts_in(item, (*path, index))


def _names(complaint: tuple[str, Path], path: Path) -> bool:
    """Whether a complaint names the field at the path, or for what is in JSON the JSON."""
    message, field = complaint
    says_what = "expected" in message.lower() or "does not exist in" in message
    whole = any(part in WHOLE and str(part) in message for part in path)
    last = names(path)[-1]
    return says_what and (str(last) in message or last in field or whole)


#: Of these it is enough to hear that something inside is wrong: JSON, and labels in a filter.
WHOLE = {"inputs", "output", "labels"}


READS = [
    "Query.node", "Query.nodes", "Query.run", "Query.runs", "Query.runStats", "Query.agents",
    "Query.clusters", "Query.sharedReport", "Query.deletions", "Run.logs", "Step.logs",
    "Agent.runs", "Agent.stats", "Cluster.runs", "Cluster.stats", "RunStats.buckets",
]  # fmt: skip
SUBSCRIPTIONS = [
    "Subscription.logLines", "Subscription.stepTransitions", "Subscription.runUpdates",
]  # fmt: skip


@pytest.mark.parametrize("name", READS)
async def test_unstorable_character_in_any_argument_of_a_query_is_an_error(
    prober: Prober, schema: GraphQLSchema, scene: Scene, name: str
) -> None:
    wrong = []
    document = document_of(schema, scene, name)
    for path, call in _spoilt(schema, scene, name):
        answer = await prober.ask(document, **call)
        if name == "Query.sharedReport":
            assert answer["data"] == {"sharedReport": None}  # as for any link that is none
            continue
        messages = [error["message"] for error in answer.get("errors", ())]
        if not any(_names((message, ()), path) for message in messages):
            wrong.append((".".join(map(str, path)), answer))
    assert not wrong


@pytest.mark.parametrize("name", SUBSCRIPTIONS)
async def test_unstorable_character_in_any_argument_of_a_subscription_is_an_error(
    shared_service: Service, schema: GraphQLSchema, scene: Scene, name: str
) -> None:
    wrong = []
    document = document_of(schema, scene, name)
    for path, call in _spoilt(schema, scene, name):
        async with following(shared_service.url, document, **call) as stream:
            try:
                wrong.append((path, await anext(stream)))
            except StreamRefused as refused:
                [error] = refused.errors
                assert error["extensions"]["code"] in CLIENT_CODES
                if not _names((error["message"], ()), path):
                    wrong.append((path, error))
    assert not wrong


def _spoilt(schema: GraphQLSchema, scene: Scene, name: str) -> Iterator[tuple[Path, Json]]:
    """The field's arguments, with what cannot be stored in one string after the other."""
    for call in recipes.reads(scene)[name]:
        for argument, type_ in arguments(schema)[name].items():
            if argument in call:
                for path, text in _texts(type_, call[argument]):
                    full = (argument, *path)
                    for character in UNSTORABLE:
                        yield full, replaced(call, full, text + character)


async def test_lone_surrogate_and_nul_written_into_a_document_are_errors(prober: Prober) -> None:
    for text in ("\\u0000", "\\ud800", "\\ud800x", "\\u{d800}", NUL, SURROGATE):
        answer = await prober.ask(f'{{ runs(filter: {{search: "{text}"}}) {{ totalCount }} }}')
        assert answer["errors"]


async def test_log_message_keeps_its_place_where_it_holds_what_cannot_be_stored(
    client: Client,
) -> None:
    """design.md, "Data": a reporter is never stuck on a character."""
    run_id = await client.begin()
    told = ["a\0b", "\ud800", "\udfff x \ud83d", "\ud83d\ude00"]
    await client.append(run_id, 0, *told)
    # What is told again is what was told, though something else is stored.
    assert (await client.append(run_id, 0, *told))["nextOffset"] == len(told)
    found = [line["message"] for line in await _lines(client, run_id)]
    assert found == ["a\u2400b", "\ufffd", "\ufffd x \ufffd", "😀"]


async def _lines(client: Client, run_id: str) -> list[Json]:
    document = """query($id: ID!) { run(id: $id) { logs(first: 1000) {
        nodes { sequence message truncatedBytes stepKey }
    } } }"""
    lines: list[Json] = (await client.data(document, id=run_id))["run"]["logs"]["nodes"]
    return lines


# ---------------------------------------------------------------- ids

NOBODY = "0199f0a4-7c1e-7a51-9d0c-5b8f0e6a1b2c"
KINDS = ("run", "step", "report", "share", "agent", "cluster", "deletion")


def _malformed(good: str) -> list[str]:
    kind, _, key = good.partition("_")
    return [
        "",
        "nonsense",
        f"{kind}_",
        f"{kind}_{key[:-1]}",
        f"{good}x",
        f" {good}",
        f"{good}\n",
        good.upper(),
        f"{kind}_{key.replace('-', '')}",
        f"{kind}_{{{key}}}",
        f"{kind}_{key[:-1]}٣",
        key,
        f"nobody_{key}",
        "UnVuOjE=",
        "x" * 10_000,
        "' OR 1=1 --",
    ]


async def test_id_of_nothing_is_null_in_queries(client: Client, scene: Scene) -> None:
    document = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    ids = [*(f"{kind}_{NOBODY}" for kind in KINDS), scene.deleted, scene.deleted_report]
    found = (await client.data(document, ids=[*ids, scene.running]))["nodes"]
    assert found == [None] * len(ids) + [{"id": scene.running}]
    for gone in (f"run_{NOBODY}", scene.deleted):
        assert await client.data("query($i: ID!) { run(id: $i) { id } }", i=gone) == {"run": None}
        one = "query($i: ID!) { runs(filter: {ids: [$i]}) { totalCount } }"
        assert await client.data(one, i=gone) == {"runs": {"totalCount": 0}}


async def test_malformed_and_foreign_ids_are_errors_in_queries(
    prober: Prober, schema: GraphQLSchema, scene: Scene
) -> None:
    for name in ("Query.node", "Query.nodes", "Query.run", "Query.runs", "Query.runStats"):
        document = document_of(schema, scene, name)
        for path, good, call in _ids(schema, scene, name):
            foreign = [] if name in ("Query.node", "Query.nodes") else [scene.step, scene.report]
            for text in [*_malformed(good), *foreign]:
                [error] = (await prober.ask(document, **replaced(call, path, text)))["errors"]
                assert error["extensions"]["code"] == "BAD_INPUT"
                assert str(names(path)[-1]) in error["message"]
                assert "expected an id" in error["message"]
    many = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    [error] = (await prober.ask(many, ids=[scene.running] * 101))["errors"]
    assert error["message"] == "ids: expected at most 100 ids, got 101 ids"


def _ids(schema: GraphQLSchema, scene: Scene, name: str) -> Iterator[tuple[Path, str, Json]]:
    """Every place for an id in the calls of a field, what stands there, and the call."""
    owner, _, mutation = name.partition(".")
    calls = (
        [{"input": told} for told in recipes.mutations(scene)[mutation]]
        if owner == "Mutation"
        else recipes.reads(scene)[name]
    )
    for call in calls:
        for argument, type_ in arguments(schema)[name].items():
            for path, scalar in leaves(type_, call[argument]) if argument in call else ():
                if scalar == "ID":
                    full = (argument, *path)
                    yield full, value_at(call, full), call


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize("mutation", MUTATIONS)
async def test_unknown_malformed_and_foreign_ids_are_user_errors_in_mutations(
    prober: Prober, schema: GraphQLSchema, scene: Scene, mutation: str
) -> None:
    document = mutation_of(mutation, "__typename")
    for path, good, call in _ids(schema, scene, f"Mutation.{mutation}"):
        kind = good.partition("_")[0]
        # What takes an id apart is the same everywhere: one mutation sees all that is none.
        none = _malformed(good) if mutation == "heartbeat" else _malformed(good)[:5]
        foreign = scene.report if kind != "report" else scene.running
        gone = [f"{kind}_{NOBODY}"]
        gone += [] if mutation == "restoreRuns" else {"run": [scene.deleted]}.get(kind, [])
        wrong = dict.fromkeys([*none, foreign], "INVALID")
        for text, code in {**wrong, **dict.fromkeys(gone, "NOT_FOUND")}.items():
            answer = await prober.ask(document, **replaced(call, path, text))
            if "filter" in path:
                # In a filter what is not there matches nothing, and what is no id is an error.
                matches_nothing = code == "NOT_FOUND" and "errors" not in answer
                assert matches_nothing or answer["errors"][0]["extensions"]["code"] == "BAD_INPUT"
                continue
            errors = answer["data"][mutation]["userErrors"]
            assert len(errors) == 1, (path, text, errors)
            [error] = errors
            assert error["code"] == code, (path, text, error)
            assert error["field"] == [str(part) for part in path[1:]]
            assert error["message"].startswith(".".join(error["field"]))


async def test_unknown_malformed_and_foreign_ids_are_errors_in_subscriptions(
    shared_service: Service, schema: GraphQLSchema, scene: Scene
) -> None:
    for name in ("Subscription.logLines", "Subscription.stepTransitions"):
        document = document_of(schema, scene, name)
        for path, good, call in _ids(schema, scene, name):
            call = {key: value for key, value in call.items() if key != "after"}  # noqa: PLW2901
            wrong = dict.fromkeys([*_malformed(good), scene.step], "BAD_INPUT")
            gone = dict.fromkeys([f"run_{NOBODY}", scene.deleted], "NOT_FOUND")
            for text, code in {**wrong, **gone}.items():
                with pytest.raises(StreamRefused) as refused:
                    await followed(shared_service.url, document, **replaced(call, path, text))
                [error] = refused.value.errors
                assert error["extensions"] == {"code": code}
                assert error["message"].startswith("runId: ")


async def test_what_is_wrong_in_a_filter_of_updates_is_an_error(
    shared_service: Service, schema: GraphQLSchema, scene: Scene
) -> None:
    document = document_of(schema, scene, "Subscription.runUpdates")
    for wrong in (
        {"ids": ["nonsense"]},
        {"ids": [scene.step]},
        {"startedAt": {"from": FAR, "until": PAST}},
        {"search": "x" * 10_000},
        {"agentNames": ["x"] * 5_000},
    ):
        with pytest.raises(StreamRefused) as refused:
            await followed(shared_service.url, document, filter=wrong)
        [error] = refused.value.errors
        assert error["extensions"] == {"code": "BAD_INPUT"}
        assert error["message"].startswith("filter")


async def test_pages_of_nothing_are_not_found(prober: Prober, scene: Scene) -> None:
    gone = [f"run_{NOBODY}", scene.deleted, scene.step, "nonsense", "..%2f..%2fetc%2fpasswd", "%00"]
    paths = [f"/runs/{text}/{page}" for text in gone for page in ("plain", "logs.txt", "nothing")]
    gone[1] = scene.deleted_report
    paths += [f"/reports/{text}" for text in gone]
    paths += [f"/reports/{text}/download.md" for text in gone]
    paths += [f"/reports/shared/{text}" for text in [*gone, "x" * 5_000]]
    paths += [f"/reports/{scene.report}/download.{wrong}" for wrong in ("exe", "md%00", "")]
    paths += [f"/reports/shared/{scene.token}/download.pdf", "/nothing", "/graphql/x"]
    for path in paths:
        response = await prober.http.get(path)
        assert response.status_code == 404, path
        assert not any(trace in response.text for trace in TRACES)


async def test_unknown_names_in_a_filter_match_nothing(client: Client) -> None:
    document = "query($f: RunFilter) { runs(filter: $f) { totalCount nodes { id } } }"
    label = {"name": "no such label", "value": ""}
    filters: list[Json] = [
        {"agentNames": ["nobody"]},
        {"clusterNames": [""]},
        {"triggeredBy": ["nobody", "no one"]},
        {"labels": [label]},
        {"search": "%"},
        {"search": "nothing holds this"},
        {"ids": []},
        {"statuses": []},
    ]
    for run_filter in filters:
        found = await client.data(document, f=run_filter)
        assert found == {"runs": {"totalCount": 0, "nodes": []}}, run_filter


# ---------------------------------------------------------------- pages, cursors, ranges

PAST, FAR = "2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"

#: Every list: a field of what, its maximum, and whether it pages from the end as well.
LISTS = {
    "Query.runs": 200,
    "Query.agents": 200,
    "Query.clusters": 200,
    "Query.deletions": 200,
    "Run.logs": 1000,
    "Step.logs": 1000,
    "Agent.runs": 200,
    "Cluster.runs": 200,
}


@pytest.mark.parametrize("name", LISTS)
async def test_page_of_a_wrong_size_is_an_error(
    prober: Prober, schema: GraphQLSchema, scene: Scene, name: str
) -> None:
    document, most = document_of(schema, scene, name), LISTS[name]
    for key in {"first", "last"} & set(arguments(schema)[name]):
        for number in (0, -1, most + 1, 2**31 - 1, -(2**31)):
            [error] = (await prober.ask(document, **{key: number}))["errors"]
            assert error["message"].startswith(
                f"{key}: expected a number from 1 to {most}, got {number}"
            )
        wrong: tuple[Any, ...] = (2**31, 1.5, "3", True, [], {})
        for text in wrong:
            [error] = (await prober.ask(document, **{key: text}))["errors"]
            assert f"'${key}'" in error["message"]
        assert "errors" not in await prober.ask(document, **{key: most})
    if "last" in arguments(schema)[name]:
        [error] = (await prober.ask(document, first=1, last=1))["errors"]
        assert error["message"] == "last: expected nothing beside first, got 1"


@pytest.mark.parametrize("name", ["RunStats.byAgent", "RunStats.byCluster"])
async def test_top_of_a_wrong_size_is_an_error(
    prober: Prober, schema: GraphQLSchema, scene: Scene, name: str
) -> None:
    for number in (0, -1, 10_000):
        [error] = (await prober.ask(document_of(schema, scene, name), first=number))["errors"]
        assert error["message"].startswith("first: expected a number from 1 to ")


def _spoilt_cursors(good: str) -> list[str]:
    return [
        "",
        "x",
        f"{good}x",
        f"{good}=",
        f"{good}AA",
        f"{good} ",
        f"{good}\n",
        f" {good}",
        good[:-1],
        good[1:],
        good.swapcase(),
        "bnVsbA",  # null
        "W10",  # []
        "WyJydW5zIl0",  # ["runs"]
        "😀",
        "A" * 100_000,
    ]


@pytest.mark.parametrize("name", LISTS)
async def test_cursor_that_is_none_or_of_another_list_is_an_error(
    prober: Prober, schema: GraphQLSchema, scene: Scene, name: str
) -> None:
    document = document_of(schema, scene, name)
    good = recipes.reads(scene)[name][0]["after"]
    others = {
        scene.run_cursor,
        scene.agent_cursor,
        scene.cluster_cursor,
        scene.deletion_cursor,
        scene.audit_cursor,
        scene.log_cursor,
        scene.event_cursor,
        scene.ended_log_cursor,
    } - {good}
    assert "errors" not in await prober.ask(document, after=good)
    for key in {"after", "before"} & set(arguments(schema)[name]):
        for text in [*_spoilt_cursors(good), *others]:
            answer = await prober.ask(document, **{key: text})
            assert "errors" in answer, (key, text)
            [error] = answer["errors"]
            assert error["message"].startswith(f"{key}: expected a cursor "), error


async def test_cursor_of_another_order_is_an_error(prober: Prober, scene: Scene) -> None:
    document = "query($o: RunOrder, $c: String) { runs(orderBy: $o, after: $c) { totalCount } }"
    for field in ("STARTED_AT", "COMPLETED_AT", "DURATION"):
        for direction in ("ASC", "DESC"):
            order = {"field": field, "direction": direction}
            answer = await prober.ask(document, o=order, c=scene.run_cursor)
            if order == {"field": "STARTED_AT", "direction": "DESC"}:
                assert "errors" not in answer
            else:
                [error] = answer["errors"]
                assert error["message"].startswith("after: expected a cursor ")


async def test_cursor_of_another_list_is_an_error_in_subscriptions(
    shared_service: Service, schema: GraphQLSchema, scene: Scene
) -> None:
    own = {
        "Subscription.logLines": scene.log_cursor,
        "Subscription.stepTransitions": scene.event_cursor,
    }
    for name, good in own.items():
        document = document_of(schema, scene, name)
        others = [scene.run_cursor, scene.ended_log_cursor, scene.ended_event_cursor]
        others += set(own.values()) - {good}
        for text in [*_spoilt_cursors(good), *others]:
            with pytest.raises(StreamRefused) as refused:
                await followed(shared_service.url, document, runId=scene.running, after=text)
            [error] = refused.value.errors
            assert error["extensions"] == {"code": "BAD_INPUT"}
            assert error["message"].startswith("after: expected a cursor ")


RANGES = {
    "runs(filter: {startedAt: RANGE})": ("startedAt", FAR, PAST),
    "runs(filter: {completedAt: RANGE})": ("completedAt", FAR, PAST),
    "runs(filter: {durationSeconds: RANGE})": ("durationSeconds", 2.5, 1.5),
    "runStats(filter: {startedAt: RANGE})": ("startedAt", FAR, PAST),
    "run(id: RUN) { logs(filter: {at: RANGE})": ("at", FAR, PAST),
    "node(id: STEP) { ... on Step { logs(filter: {at: RANGE})": ("at", FAR, PAST),
}


@pytest.mark.parametrize("field", RANGES)
async def test_range_that_ends_before_it_begins_is_an_error(
    prober: Prober, scene: Scene, field: str
) -> None:
    name, start, until = RANGES[field]
    literal = f"{{from: {json.dumps(start)}, until: {json.dumps(until)}}}"
    body = field.replace("RANGE", literal).replace("RUN", json.dumps(scene.running))
    body = body.replace("STEP", json.dumps(scene.step))
    selection = "total" if "runStats" in body else "__typename"
    document = f"{{ {body} {{ {selection} }} }}" + "}" * (body.count("{") - body.count("}"))
    [error] = (await prober.ask(document))["errors"]
    assert f"{name}.until: expected a " in error["message"]
    assert error["extensions"] == {"code": "BAD_INPUT"}


# ---------------------------------------------------------------- times and numbers

BAD_TIMES = [
    "2026-11-24T01:47:19",
    "2026-02-30T00:00:00Z",
    "2026-11-24 01:47:19.123456",
    "2026-11-24",
    "01:47:19Z",
    "2026-11-24T24:00:00Z",
    "2026-11-24T01:47:60Z",
    "10000-01-01T00:00:00Z",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "2026-11-24T01:47:19+99:99",
    "2026-11-24T01:47:19.Z",
    "٢٠٢٦-11-24T01:47:19Z",
    "yesterday",
    "",
    1_795_000_000,
    True,
    {},
]
BAD_NUMBERS = [2**31, "1", -(2**31) - 1, 1.5, True, {}, [[1]]]


def _of_scalar(
    schema: GraphQLSchema, scene: Scene, scalar: str
) -> Iterator[tuple[str, Path, str, Json]]:
    """Every place of a scalar: whose argument it is, its path, the document, and the good call."""
    for mutation, inputs in recipes.mutations(scene).items():
        name = f"Mutation.{mutation}"
        for told in inputs:
            for path, found in leaves(arguments(schema)[name]["input"], told):
                if found == scalar:
                    document = mutation_of(mutation, "__typename")
                    yield name, ("input", *path), document, {"input": told}
    for name, calls in recipes.reads(scene).items():
        if name.startswith("Subscription."):
            continue  # the same input types, read by the same code
        for call in calls:
            for argument, value in call.items():
                for path, found in leaves(arguments(schema)[name][argument], value):
                    if found == scalar:
                        yield name, (argument, *path), document_of(schema, scene, name), call


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize(
    ("scalar", "values"), [("DateTime", BAD_TIMES), ("Int", BAD_NUMBERS)], ids=["times", "numbers"]
)
async def test_value_of_a_wrong_kind_is_an_error_that_names_its_field(
    prober: Prober, schema: GraphQLSchema, scene: Scene, scalar: str, values: list[Any]
) -> None:
    places = list(_of_scalar(schema, scene, scalar))
    for index, (name, path, document, call) in enumerate(places):
        # The first place tries all: what reads a value is the same everywhere.
        for value in values if index == 0 else values[:2]:
            answer = await prober.ask(document, **replaced(call, path, value))
            assert "errors" in answer, (name, path, value)
            message = answer["errors"][0]["message"]
            assert str(names(path)[-1]) in message, message
            assert scalar == "Int" or "expected" in message


@pytest.mark.usefixtures("nothing_changes")
async def test_number_of_5000_digits_is_an_error_that_names_its_field(
    prober: Prober, schema: GraphQLSchema, scene: Scene
) -> None:
    digits = "9" * 5_000
    for scalar in ("Int", "Float"):
        places = list(_of_scalar(schema, scene, scalar))
        for index, (name, path, document, call) in enumerate(places):
            numbers = (digits, f"-{digits}", f"1e{digits}", f"{digits}.5")
            for number in numbers if index == 0 else numbers[:1]:
                body = json.dumps(
                    {"query": document, "variables": replaced(call, path, "NUMBER")}
                ).replace('"NUMBER"', number)
                answer = (await prober.post(body.encode())).json()
                complaints = answer.get("errors") or answer["data"][name.partition(".")[2]].get(
                    "userErrors"
                )
                assert complaints, (name, path, number[:9])
                assert str(names(path)[-1]) in complaints[0]["message"]
                assert len(complaints[0]["message"]) < 2_000
    literal = await prober.ask(f"{{ runs(first: {digits}) {{ totalCount }} }}")
    assert literal["errors"][0]["extensions"]["setting"] == "MAX_NUMBER_LENGTH"


async def test_number_of_5000_digits_comes_back_from_json_as_it_was_told(prober: Prober) -> None:
    number = "-" + "1234567890" * 500 + ".5e-7"
    told = {"agent": {"name": "a"}, "cluster": "c", "trigger": {"source": "EVENT", "name": "e"}}
    document = mutation_of("startRun", "run { inputs }")
    body = json.dumps({"query": document, "variables": {"input": told | {"inputs": {"n": "N"}}}})
    response = await prober.post(body.replace('"N"', number).encode())
    assert f'"inputs":{{"n":{number}}}' in response.text
    # In a document it may be as long as MAX_NUMBER_LENGTH.
    number = number[:300]
    literal = document.replace("($input: StartRunInput!)", "").replace(
        "input: $input",
        'input: {agent: {name: "a"}, cluster: "c", trigger: {source: EVENT, name: "e"}, '
        f"inputs: {{n: {number}}}}}",
    )
    response = await prober.post({"query": literal})
    assert f'"inputs":{{"n":{number}}}' in response.text


# ---------------------------------------------------------------- JSON


def _nested(depth: int) -> str:
    return '{"a":' * depth + "1" + "}" * depth


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize("depth", [65, 1_000, 100_000])
@pytest.mark.parametrize("opening", ['{"a":', "["])
async def test_json_nested_too_deeply_is_an_error_that_names_its_field(
    prober: Prober, schema: GraphQLSchema, scene: Scene, depth: int, opening: str
) -> None:
    deep = opening * depth + "1" + {"[": "]", '{"a":': "}"}[opening] * depth
    for name, path, document, call in _of_scalar(schema, scene, "JSON"):
        variables = json.dumps(replaced(call, path, "DEEP")).replace('"DEEP"', deep)
        body = f'{{"query": {json.dumps(document)}, "variables": {variables}}}'
        response = await prober.post(body.encode())
        [error] = response.json()["errors"]
        assert error["extensions"] == {"code": "BAD_INPUT"}
        # What is no longer read as JSON at all is the body; its fields are not known then.
        field = str(path[-1]) if depth <= 1_000 and response.status_code == 200 else "body"
        assert field in error["message"]
        assert "levels" in error["message"], name


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize("depth", [65, 1_000, 100_000])
async def test_json_nested_too_deeply_in_a_document_is_an_error(prober: Prober, depth: int) -> None:
    deep = _nested(depth).replace('"a"', "a")
    document = (
        'mutation { startRun(input: {agent: {name: "deep"}, cluster: "c", inputs: DEEP, '
        'trigger: {source: EVENT, name: "e"}}) { run { id } userErrors { code } } }'
    ).replace("DEEP", deep)
    answer = await prober.ask(document)
    assert answer["errors"]
    assert answer["errors"][0]["extensions"]["code"] in CLIENT_CODES


@pytest.mark.usefixtures("nothing_changes")
async def test_json_of_10_megabytes_is_an_error(
    prober: Prober, schema: GraphQLSchema, scene: Scene
) -> None:
    big = ["x" * 1_000] * 10_000
    for _, path, document, call in _of_scalar(schema, scene, "JSON"):
        body = {"query": document, "variables": replaced(call, path, big)}
        [error] = (await prober.post(body)).json()["errors"]
        assert str(path[-1]) in error["message"]
        assert "expected at most 1048576 bytes of JSON, got 1003" in error["message"]


# ---------------------------------------------------------------- lines, offsets, ends, steps


async def test_line_of_a_megabyte_is_cut_and_says_so(client: Client) -> None:
    run_id = await client.begin()
    told = ["x" * 1_048_576, "short", "é" * 524_288 + "!", "a" + "😀" * 16_384, "x" * 65_536]
    assert (await client.append(run_id, 0, *told))["nextOffset"] == len(told)
    assert (await client.append(run_id, 0, *told))["nextOffset"] == len(told)
    most = 65_536
    found = [(line["message"], line["truncatedBytes"]) for line in await _lines(client, run_id)]
    assert found == [
        ("x" * most, 1_048_576 - most),
        ("short", None),
        ("é" * (most // 2), 1_048_576 + 1 - most),
        ("a" + "😀" * ((most - 1) // 4), 16_384 * 4 + 1 - (most - 3)),
        ("x" * most, None),
    ]


@pytest.mark.usefixtures("nothing_changes")
async def test_offset_that_leaves_a_gap_is_refused_with_the_one_that_is_expected(
    prober: Prober, scene: Scene
) -> None:
    for offset in (len(LINES) + 1, 2**31 - 1):
        lines = [{"message": "four"}]
        told = {"runId": scene.running, "offset": offset, "lines": lines}
        payload = await prober.call("appendLogs", "nextOffset endCursor", **told)
        [error] = payload["userErrors"]
        assert (error["code"], error["field"]) == ("OFFSET_GAP", ["offset"])
        assert payload["nextOffset"] == len(LINES)
        assert f"expected {len(LINES)} or less" in error["message"]
        assert f"got {offset}" in error["message"]
    told = {"runId": scene.running, "lines": [{"message": "x"}]}
    assert (await prober.refusal("appendLogs", offset=-1, **told))["code"] == "INVALID"
    other_source = await prober.refusal("appendLogs", offset=1, source="other", **told)
    assert other_source["code"] == "OFFSET_GAP"


@pytest.mark.usefixtures("nothing_changes")
async def test_other_text_at_a_known_offset_is_refused_whole(prober: Prober, scene: Scene) -> None:
    lines = [{"message": text} for text in (LINES[0], "another", LINES[2], "four")]
    payload = await prober.call(
        "appendLogs", "nextOffset", runId=scene.running, offset=0, lines=lines
    )
    [error] = payload["userErrors"]
    assert (error["code"], error["field"]) == ("OFFSET_CONFLICT", ["lines", "1"])
    assert payload["nextOffset"] == len(LINES)


@pytest.mark.usefixtures("nothing_changes")
async def test_one_bad_line_keeps_the_others_from_being_stored(
    prober: Prober, scene: Scene
) -> None:
    told = {"runId": scene.running, "offset": len(LINES)}
    good = {"message": "good", "stepKey": "new step"}
    for bad in ({"message": "x", "stepKey": ""}, {"message": "x", "stepKey": "s" * 201}):
        error = await prober.refusal("appendLogs", lines=[good, bad], **told)
        assert (error["code"], error["field"]) == ("INVALID", ["lines", "1", "stepKey"])
    error = await prober.refusal("appendLogs", lines=[good] * 1_001, **told)
    assert error["message"] == "lines: expected at most 1000 lines, got 1001 lines"


@pytest.mark.usefixtures("nothing_changes")
async def test_end_told_to_a_run_that_ended_otherwise_is_refused(
    prober: Prober, scene: Scene
) -> None:
    failure = {"message": "too late"}
    line = [{"message": "too late"}]
    late: dict[str, tuple[str, Json]] = {
        scene.completed: ("failRun", {"error": failure}),
        scene.failed: ("completeRun", {}),
    }
    for run_id, (mutation, told) in late.items():
        calls: dict[str, Json] = {
            mutation: told,
            "confirmCancel": {},
            "heartbeat": {},
            "appendLogs": {"offset": int(run_id == scene.completed), "lines": line},
            "updateSteps": {"steps": [{"key": "new"}]},
            "scheduleRetry": {"reason": "away"},
        }
        for name, more in calls.items():
            error = await prober.refusal(name, runId=run_id, **more)
            assert error["code"] == "RUN_ENDED", (name, error)
            assert error["nodeId"] == run_id
        error = await prober.refusal("startAttempt", runId=run_id, number=2)
        assert error["code"] == "RUN_ENDED"
        error = await prober.refusal("cancelRuns", ids=[run_id])
        assert error["code"] == "RUN_ENDED"
    # The same end again is fine, and changes nothing.
    await prober.tell("completeRun", runId=scene.completed, report={"title": "Another"})
    await prober.tell("failRun", runId=scene.failed, error=failure)


@pytest.mark.usefixtures("nothing_changes")
async def test_end_before_the_last_lines_or_before_the_start_is_refused(
    prober: Prober, scene: Scene
) -> None:
    missing = [{"source": "main", "nextOffset": len(LINES) + 1}]
    for mutation, more in (("completeRun", {}), ("failRun", {"error": {"message": "x"}})):
        told = {"runId": scene.running, **more}
        error = await prober.refusal(mutation, logEnds=missing, **told)
        assert error["code"] == "LOGS_MISSING"
        assert error["field"] == ["logEnds", "0", "nextOffset"]
        for at in (PAST, FAR):
            error = await prober.refusal(mutation, completedAt=at, **told)
            assert (error["code"], error["field"]) == ("INVALID", ["completedAt"])


@pytest.mark.usefixtures("nothing_changes")
async def test_negative_numbers_are_refused(prober: Prober, scene: Scene) -> None:
    told = {"runId": scene.running}
    wrong: list[tuple[str, Json, str]] = [
        ("heartbeat", {"attempt": -1}, "attempt"),
        ("heartbeat", {"attempt": 0}, "attempt"),
        ("startAttempt", {"number": -1}, "number"),
        ("startAttempt", {"number": 0}, "number"),
        ("startAttempt", {"number": 3}, "number"),
        ("appendLogs", {"offset": -1, "lines": []}, "offset"),
        ("completeRun", {"logEnds": [{"source": "main", "nextOffset": -1}]}, "nextOffset"),
    ]
    for mutation, more, field in wrong:
        error = await prober.refusal(mutation, **told, **more)
        assert field in error["field"], (mutation, error)
        assert error["code"] in ("INVALID", "STALE_ATTEMPT")


@pytest.mark.usefixtures("nothing_changes")
async def test_step_whose_parent_is_missing_or_itself_is_refused_with_all_that_came_with_it(
    prober: Prober, scene: Scene
) -> None:
    good = {"key": "good", "name": "Good"}
    wrong = {
        "missing": [{"key": "x", "parentKey": "nowhere"}],
        "itself": [{"key": "x", "parentKey": "x"}],
        "circle": [{"key": "x", "parentKey": "y"}, {"key": "y", "parentKey": "x"}],
        "below": [{"key": "x", "parentKey": "load"}, {"key": "load", "parentKey": "x"}],
    }
    for name, steps in wrong.items():
        error = await prober.refusal("updateSteps", runId=scene.running, steps=[good, *steps])
        field = ["steps", str(len(steps)), "parentKey"]
        assert (error["code"], error["field"]) == ("INVALID", field), name
        assert error["message"].startswith(f"{'.'.join(field)}: expected ")
        if name != "below":
            begun = recipes.mutations(scene)["startRun"][0] | {"steps": [good, *steps]}
            error = await prober.refusal("startRun", **begun)
            assert (error["code"], error["field"]) == ("INVALID", field)
    twice = recipes.mutations(scene)["startRun"][0] | {"steps": [good, good]}
    assert (await prober.refusal("startRun", **twice))["field"] == ["steps", "1", "key"]


# ---------------------------------------------------------------- reports

SCRIPTS = """
# <script>alert(1)</script>

<script>alert(2)</script><img src=x onerror=alert(3)><svg onload=alert(4)>
[a](javascript:alert(5)) [b](JaVaScRiPt:alert(6)) [c](java&#115;cript:alert(7))
[d](data:text/html;base64,PHNjcmlwdD4=) [e](vbscript:x) <javascript:alert(8)>
[f]: javascript:alert(9)
[f] ![g](javascript:alert(10)) ![h](https://evil.example/pixel.png)
[i](/graphql) [j](//evil.example) <a href="javascript:alert(11)" onclick="alert(12)">k</a>
<style>body{display:none}</style><iframe src="https://evil.example"></iframe>
<base href="https://evil.example/"><meta http-equiv=refresh content="0;url=https://evil.example">
```html
<script>alert(13)</script>
"""
BROKEN = [
    "```\nnever closed",
    "| a | b |\n|---|\n| 1 | 2 | 3 |",
    "[" * 5_000,
    "](" * 5_000,
    "*" * 20_000,
    "_a" * 10_000,
    "> " * 2_000 + "deep",
    "\n".join("  " * level + "- x" for level in range(500)),
    "`" * 10_001,
    "<" * 20_000,
    "![" * 5_000,
    "&#x0;&#xd800;&#xffffffff;&nosuch;",
    "[a]: <\n[a]\n[^1]: x",
    "\u202e\u2028\x1b[31m\x7f",
    "-" * 50_000,
    "a\\" * 20_000,
    "<!--" * 5_000,
    "<a href='" * 3_000,
]


async def _complete(client: Client, report: Json) -> Json:
    """The report of a run that completed with it."""
    run_id = await client.begin()
    fields = "run { report { id url html markdown downloads { url } } }"
    payload = await client.tell("completeRun", fields, runId=run_id, report=report)
    return dict(payload["run"]["report"])


async def test_report_with_scripts_is_harmless_wherever_it_is_shown(client: Client) -> None:
    report = {
        "title": "<script>alert(0)</script>",
        "summary": SCRIPTS,
        "sections": [
            {"text": {"heading": "<img src=x onerror=alert(1)>", "markdown": SCRIPTS}},
            {"table": {"heading": "t", "columns": [SCRIPTS], "rows": [[SCRIPTS]]}},
            {
                "metrics": {
                    "heading": "m",
                    "metrics": [{"name": SCRIPTS[:150], "value": 1, "unit": "<script>"}],
                }
            },
        ],
    }
    done = await _complete(client, report)
    share = await client.tell("shareReport", "url", reportId=done["id"])
    pages = [done["html"]]
    for url in (done["url"], share["url"], done["downloads"][1]["url"]):
        response = await client.http.get(url)
        assert response.status_code == 200
        policy = response.headers["content-security-policy"]
        assert "script-src" in policy or "default-src 'none'" in policy
        pages.append(response.text)
    for page in pages:
        assert _Dangers.of(page) == []


class _Dangers(HTMLParser):
    """What in a page could run, or call out to other servers."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    @classmethod
    def of(cls, page: str) -> list[str]:
        parser = cls()
        parser.feed(page)
        parser.close()
        return parser.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "img", "svg", "iframe", "base", "object", "embed", "form"):
            self.found.append(tag)
        for name, value in attrs:
            target = (value or "").strip().lower()
            if name.startswith("on") or target.startswith(("javascript:", "data:", "vbscript:")):
                self.found.append(f"{tag} {name}={value}")
            if name == "http-equiv" and target == "refresh":
                self.found.append("refresh")


async def test_report_with_broken_markdown_is_shown_and_comes_back_as_it_was_told(
    client: Client,
) -> None:
    sections = [{"text": {"heading": "", "markdown": text}} for text in BROKEN]
    report = {"title": "Broken", "summary": BROKEN[0], "sections": sections}
    done = await _complete(client, report)
    document = """query($id: ID!) { node(id: $id) { ... on Report {
        summary sections { markdown } html markdown
    } } }"""
    found = (await client.data(document, id=done["id"]))["node"]
    assert found["summary"] == BROKEN[0]
    assert [section["markdown"] for section in found["sections"]] == BROKEN
    for url in (done["url"], *(entry["url"] for entry in done["downloads"])):
        assert (await client.http.get(url)).status_code == 200


@pytest.mark.usefixtures("nothing_changes")
async def test_report_beyond_a_bound_is_refused_and_the_run_goes_on(
    prober: Prober, scene: Scene
) -> None:
    text = {"heading": "h", "markdown": "x"}
    table = {"heading": "h", "columns": ["a", "b"], "rows": []}
    wrong: list[tuple[Json, list[str]]] = [
        ({"title": ""}, ["title"]),
        ({"title": " \n"}, ["title"]),
        ({"title": "x" * 201}, ["title"]),
        ({"summary": "x" * 1_000_000}, ["summary"]),
        ({"sections": [{"text": text}] * 101}, ["sections"]),
        ({"sections": [{"text": text | {"markdown": "x" * 1_000_000}}]},
         ["sections", "0", "text", "markdown"]),
        ({"sections": [{"text": text}, {"table": table | {"rows": [["1", "2"], ["1"]]}}]},
         ["sections", "1", "table", "rows", "1"]),
        ({"sections": [{"table": table | {"columns": []}}]},
         ["sections", "0", "table", "columns"]),
        ({"sections": [{"table": table | {"rows": [["", ""]] * 5_000}}]},
         ["sections", "0", "table", "rows"]),
        ({"sections": [{"text": text | {"markdown": "x" * 200_000}}] * 50},
         ["sections", "10", "text", "markdown"]),
    ]  # fmt: skip
    for more, field in wrong:
        report = {"title": "Good", **more}
        error = await prober.refusal("completeRun", runId=scene.running, report=report)
        assert error["code"] == "INVALID"
        assert error["field"][: len(field) + 1] == ["report", *field][: len(error["field"])], error
    two = {"title": "Good", "sections": [{"text": text, "table": table}]}
    for report in (two, {"title": "Good", "sections": [{}]}, {"title": "Good", "sections": [None]}):
        told = {"runId": scene.running, "report": report}
        [(message, _)] = await prober.complaints("completeRun", told)
        assert "sections" in message or "ReportSectionInput" in message


# ---------------------------------------------------------------- HTTP and sockets

QUERY = {"query": "{ __typename }"}
#: Bodies and headers that are no request, with the status and what its sentence begins with.
BODIES: list[tuple[Any, Json, int, str]] = [
    (b"", {}, 400, "body: expected JSON"),
    (b"{", {}, 400, "body: expected JSON"),
    (b"\xff\xfe", {}, 400, "body: expected UTF-8"),
    (b"[" * 100_000, {}, 400, "body: expected JSON"),
    (b'{"query": "{ __typename }", "variables": {"a": NaN}}', {}, 400, "body: expected JSON"),
    (b"null", {}, 400, "body: expected a JSON object, got null"),
    ([QUERY], {}, 400, "body: expected one operation, a JSON object, got an array"),
    ("{ __typename }", {}, 400, "body: expected a JSON object, got a string"),
    (b"9" * 5_000, {}, 400, "body: expected a JSON object, got a number"),
    ({}, {}, 400, "query: expected a GraphQL document"),
    ({"query": None}, {}, 400, "query: expected a GraphQL document"),
    ({"query": ["{ __typename }"]}, {}, 400, "query: expected a string, got an array"),
    (QUERY | {"variables": []}, {}, 400, "variables: expected a JSON object, got an array"),
    (QUERY | {"variables": "{}"}, {}, 400, "variables: expected a JSON object, got a string"),
    (QUERY | {"operationName": 1}, {}, 400, "operationName: expected a string, got a number"),
    (QUERY | {"extensions": 1}, {}, 400, "extensions: expected a JSON object, got a number"),
    (QUERY, {"Content-Type": "text/plain"}, 415, "Content-Type: expected application/json"),
    (QUERY, {"Content-Type": "multipart/form-data; boundary=x"}, 415, "Content-Type: expected"),
    (QUERY, {"Content-Encoding": "gzip"}, 415, "Content-Encoding: expected none"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "headers", "status", "sentence"), BODIES, ids=range(len(BODIES)))
async def test_body_that_is_no_request_gets_a_status_and_a_sentence(
    prober: Prober, body: Any, headers: Json, status: int, sentence: str
) -> None:
    response = await prober.post(body, **headers)
    assert response.status_code == status
    [error] = response.json()["errors"]
    assert error["message"].startswith(sentence)
    assert error["extensions"] == {"code": "BAD_INPUT"}


@pytest.mark.parametrize("told", ["Content-Length: 20000000", "Transfer-Encoding: chunked"])
async def test_body_of_20_megabytes_is_refused_without_being_taken(
    shared_service: Service, told: str
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", shared_service.port)
    head = "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    writer.write(f"{head}{told}\r\n\r\n".encode())
    if "chunked" in told:
        # As much as is taken; not more, which would be answered by the system with a reset.
        size = 16 * 1024 * 1024 + 1
        writer.write(f"{size:x}\r\n".encode() + b" " * size)
    async with asyncio.timeout(PATIENCE):
        answer = (await reader.read()).decode()
    assert answer.startswith("HTTP/1.1 413 ")
    assert "body: expected at most 16777216 bytes, got more (MAX_BODY_BYTES)" in answer
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


@pytest.mark.usefixtures("nothing_changes")
async def test_get_changes_nothing_and_other_methods_are_refused(
    prober: Prober, scene: Scene
) -> None:
    deletion = f'mutation {{ deleteRuns(input: {{ids: ["{scene.failed}"]}}) {{ deletedRunIds }} }}'
    wrong = [
        ("GET", {"query": deletion}, 405),
        ("GET", {}, 400),
        ("GET", {"query": "{ __typename }", "variables": "{"}, 400),
        ("GET", {"query": "{ __typename }", "variables": "[" * 10_000}, 400),
        ("PUT", QUERY, 405),
        ("DELETE", QUERY, 405),
        ("PATCH", {}, 405),
    ]
    for method, parameters, status in wrong:
        response = await prober.http.request(method, "/graphql", params=parameters)
        assert response.status_code == status, (method, response.text[:200])
    subscription = {"query": "subscription { runUpdates { kind } }"}
    [error] = (await prober.post(subscription)).json()["errors"]
    assert "WebSocket" in error["message"]


async def test_upload_that_breaks_off_harms_nobody(client: Client, shared_service: Service) -> None:
    head = b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    for rest in (b"Content-Length: 1000\r\n\r\n{", b"Transfer-Encoding: chunked\r\n\r\nff\r\n{"):
        _, writer = await asyncio.open_connection("127.0.0.1", shared_service.port)
        writer.write(head + rest)
        await writer.drain()
        writer.close()
        await writer.wait_closed()
    assert await client.data("{ __typename }") == {"__typename": "Query"}


async def test_document_without_bounds_is_refused(prober: Prober) -> None:
    deep = "node(id: $i) { ... on Step { run { steps { " * 30
    for query, code in (
        ("{ a" * 50_000, "LIMIT_EXCEEDED"),
        ("{ " + "viewer { name } " * 50_000 + "}", "LIMIT_EXCEEDED"),
        ("{ " + "".join(f"a{n}: viewer {{ name }} " for n in range(3_000)) + "}", "LIMIT_EXCEEDED"),
        (f"query($i: ID!) {{ {deep} id {'}' * (deep.count('{') + 1)}", "LIMIT_EXCEEDED"),
        ("{ runs { nodes { nosuchfield } } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ runs(nosuch: 1) { totalCount } }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { __typename } query A { __typename }", "GRAPHQL_VALIDATION_FAILED"),
        ("\0", "GRAPHQL_PARSE_FAILED"),
        ("{ __typename @skip }", "GRAPHQL_VALIDATION_FAILED"),
    ):
        errors = (await prober.ask(query))["errors"]
        assert errors[0]["extensions"]["code"] == code, (query[:60], errors[0])


async def test_message_of_two_megabytes_closes_the_socket_and_no_other(
    client: Client, shared_service: Service
) -> None:
    async with socket_of(shared_service.url) as socket:
        await socket.init()
        await socket.send({"type": "ping", "payload": {"text": "x" * 2_000_000}})
        assert (await socket.closed())[0] == 1009
    assert await client.data("{ __typename }") == {"__typename": "Query"}
