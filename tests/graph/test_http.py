"""GraphQL over HTTP: whatever comes gets an answer in JSON, and none is a 5xx."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from server.limits import DOOR_LIMITS
from tests.graph.support import PATH, answer_of

MAX_BODY_BYTES = DOOR_LIMITS.max_body_bytes
JSON = {"Content-Type": "application/json"}
GRAPHQL_RESPONSE = "application/graphql-response+json"

BAD_BODIES = {
    "nothing": b"",
    "no JSON": b"{query}",
    "a scalar": b"42",
    "null": b"null",
    "a list, since batching is off": b'[{"query": "{__typename}"}]',
    "JSON nested thousands deep": b'{"query": "{a}", "variables": ' + b'{"a":' * 50_000,
    "closed JSON nested thousands deep": b"[" * 5_000 + b"]" * 5_000,
    "bad UTF-8": b'{"query": "\xff{__typename}"}',
    "UTF-16": '{"query": "{__typename}"}'.encode("utf-16"),
    "NaN": b'{"query": "{__typename}", "variables": {"a": NaN}}',
    "no query": b"{}",
    "an empty query": b'{"query": ""}',
    "a query that is a number": b'{"query": 1}',
    "variables that are a list": b'{"query": "{__typename}", "variables": []}',
    "variables that are a string": b'{"query": "{__typename}", "variables": "{}"}',
    "an operation name that is a number": b'{"query": "{__typename}", "operationName": 7}',
    "extensions that are a string": b'{"query": "{__typename}", "extensions": "x"}',
}


async def post(door: httpx.AsyncClient, body: Any, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body)
    return await door.post(PATH, content=content, headers=JSON | headers)


def only_error(response: httpx.Response) -> dict[str, Any]:
    answer = response.json()
    assert "data" not in answer
    [error] = answer["errors"]
    return error


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
async def test_body_that_is_no_request_gets_400_and_a_sentence(
    door: httpx.AsyncClient, body: bytes
) -> None:
    response = await post(door, body)
    assert response.status_code == 400
    error = only_error(response)
    assert error["extensions"] == {"code": "BAD_INPUT"}
    assert "expected" in error["message"]
    assert len(response.content) < 1_000


@pytest.mark.parametrize("accept", ["*/*", "application/json", ""])
async def test_query_gets_json(door: httpx.AsyncClient, accept: str) -> None:
    response = await post(door, {"query": "{ __typename }"}, Accept=accept)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.json() == answer_of({"__typename": "Query"})


async def test_client_that_takes_graphql_responses_gets_one(door: httpx.AsyncClient) -> None:
    accept = f"{GRAPHQL_RESPONSE}, application/json;q=0.9"
    response = await post(door, {"query": "{ __typename }"}, Accept=accept)
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{GRAPHQL_RESPONSE}; charset=utf-8"
    assert response.headers["vary"] == "Accept"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($id: ID!) { run(id: $id) { id } }", "BAD_INPUT"),
    ],
)
async def test_request_error_has_no_data_and_its_status_follows_the_media_type(
    door: httpx.AsyncClient, query: str, code: str
) -> None:
    response = await post(door, {"query": query}, Accept=GRAPHQL_RESPONSE)
    assert response.status_code == 400
    assert only_error(response)["extensions"] == {"code": code}
    response = await post(door, {"query": query}, Accept="application/json")
    assert response.status_code == 200
    assert only_error(response)["extensions"] == {"code": code}


async def test_get_answers_queries(door: httpx.AsyncClient) -> None:
    parameters = {
        "query": "query A { a: __typename } query B($if: Boolean!) { __typename @skip(if: $if) }",
        "variables": '{"if": false}',
        "operationName": "B",
    }
    response = await door.get(PATH, params=parameters)
    assert response.json() == answer_of({"__typename": "Query"})


async def test_get_changes_nothing(door: httpx.AsyncClient) -> None:
    query = 'mutation { heartbeat(input: {runId: "x"}) { intervalSeconds } }'
    response = await door.get(PATH, params={"query": query})
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert only_error(response)["extensions"] == {"code": "BAD_INPUT"}


@pytest.mark.parametrize("parameters", [{}, {"query": ""}, {"query": "{a}", "variables": "[1"}])
async def test_get_without_a_request_gets_400(
    door: httpx.AsyncClient, parameters: dict[str, str]
) -> None:
    response = await door.get(PATH, params=parameters, headers={"Accept": "text/html, */*"})
    assert response.status_code == 400
    assert "expected" in only_error(response)["message"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "BREW"])
async def test_other_methods_get_405_and_hear_which_are_allowed(
    door: httpx.AsyncClient, method: str
) -> None:
    response = await door.request(method, PATH)
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"
    assert only_error(response)["message"] == f"expected GET or POST, got {method}"


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/json"],
)
async def test_content_that_a_foreign_page_can_send_unasked_gets_415(
    door: httpx.AsyncClient, content_type: str
) -> None:
    response = await post(door, {"query": "{ __typename }"}, **{"Content-Type": content_type})
    assert response.status_code == 415
    assert "expected application/json" in only_error(response)["message"]


async def test_charset_beside_the_content_type_is_fine(door: httpx.AsyncClient) -> None:
    content_type = {"Content-Type": "Application/JSON; charset=utf-8"}
    assert (await post(door, {"query": "{ __typename }"}, **content_type)).status_code == 200


async def test_compressed_body_gets_415(door: httpx.AsyncClient) -> None:
    response = await post(door, b"\x1f\x8b\x08\x00", **{"Content-Encoding": "gzip"})
    assert response.status_code == 415


async def test_body_that_says_it_is_too_large_gets_413_unread(door: httpx.AsyncClient) -> None:
    response = await post(door, b"{}", **{"Content-Length": str(MAX_BODY_BYTES + 1)})
    assert response.status_code == 413
    assert response.headers["connection"] == "close"


async def test_body_that_turns_out_too_large_gets_413_before_its_end(
    door: httpx.AsyncClient,
) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 2 * MAX_BODY_BYTES:
            sent += 1024 * 1024
            yield b" " * 1024 * 1024

    response = await door.post(PATH, content=endless(), headers=JSON)
    assert response.status_code == 413
    assert "expected at most" in only_error(response)["message"]


async def test_several_operations_need_a_name(door: httpx.AsyncClient) -> None:
    query = "query A { __typename } query B { __typename }"
    error = only_error(await post(door, {"query": query}))
    assert error["extensions"] == {"code": "BAD_INPUT"}
    assert "expected operationName" in error["message"]
    answer = await post(door, {"query": query, "operationName": "B"})
    assert answer.json() == answer_of({"__typename": "Query"})


@pytest.mark.parametrize("name", ["B", "B\ud800", "", "B" * 1_000_000], ids=range(4))
async def test_unknown_operation_name_is_an_error(door: httpx.AsyncClient, name: str) -> None:
    body = {"query": "query A { __typename }", "operationName": name}
    for accept, status in ((GRAPHQL_RESPONSE, 400), ("application/json", 200)):
        response = await post(door, body, Accept=accept)
        assert response.status_code == status
        error = only_error(response)
        assert error["extensions"] == {"code": "BAD_INPUT"}
        expected = "operationName: expected one of the document's operations, got "
        assert error["message"].startswith(expected)
        assert len(error["message"]) < 200


async def test_subscription_over_http_is_told_where_to_go(door: httpx.AsyncClient) -> None:
    response = await post(door, {"query": "subscription { runUpdates { kind } }"})
    assert response.status_code == 400
    assert "WebSocket" in only_error(response)["message"]


async def test_introspection_of_common_clients_is_answered(door: httpx.AsyncClient) -> None:
    from graphql import get_introspection_query

    query = get_introspection_query(
        input_value_deprecation=True, specified_by_url=True, schema_description=True
    )
    response = await post(door, {"query": query})
    assert response.json()["data"]["__schema"]["queryType"] == {"name": "Query", "kind": "OBJECT"}
