"""What clients are told when something goes wrong, and what they are not."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
import structlog

from graph import query as query_module
from graph.errors import MAX_MESSAGE
from models.transactions import DatabaseUnavailable
from tests.graph.test_http import only_error, post

RUN = '{ run(id: "run_0199f0a4-7c1e-7a51-9d0c-5b8f0e6a1b2c") { id } }'


async def answer_to_run(
    door: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> dict[str, Any]:
    async def find_run(*_: object) -> None:
        raise error

    monkeypatch.setattr(query_module, "find_run", find_run)
    return (await post(door, {"query": RUN})).json()


async def test_defect_is_masked_and_logged_under_the_id_that_is_told(
    door: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with structlog.testing.capture_logs() as logs:
        answer = await answer_to_run(door, monkeypatch, RuntimeError("SELECT secret FROM run"))
    assert answer["data"] == {"run": None}
    [error] = answer["errors"]
    assert error["message"] == "internal error"
    assert error["path"] == ["run"]
    assert error["extensions"]["code"] == "INTERNAL"
    [line] = logs
    assert line["error_id"] == error["extensions"]["errorId"]
    assert "SELECT secret" in repr(line["exc_info"])
    assert "SELECT" not in json.dumps(answer)


@pytest.mark.parametrize(
    "error",
    [DatabaseUnavailable("10.0.0.7:5432"), ConnectionResetError("10.0.0.7"), TimeoutError()],
)
async def test_outage_of_the_database_is_told_as_one_that_passes(
    door: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    answer = await answer_to_run(door, monkeypatch, error)
    [told] = answer["errors"]
    assert told["message"] == "the database does not answer; try again later"
    assert told["extensions"] == {"code": "UNAVAILABLE"}


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("query ($id: ID!) { run(id: $id) { id } }", {"id": ["x" * 1_000_000]}),
        (
            "query ($f: RunFilter) { runs(filter: $f) { nodes { id } } }",
            {"f": {"search": [1] * 99_999}},
        ),
        (
            "query ($f: RunFilter) { runs(filter: $f) { nodes { id } } }",
            {"f": {"x" * 1_000_000: 1}},
        ),
        (
            "query ($f: RunFilter) { runs(filter: $f) { nodes { id } } }",
            {"f": {"statuses": "x" * 999_999}},
        ),
        ('{ runs(first: "' + "x" * 1_000_000 + '") { nodes { id } } }', {}),
        ('{ runs(filter: {startedAt: {from: "' + "x" * 99_999 + '"}}) { nodes { id } } }', {}),
        ("{ " + "x" * 1_000_000 + " }", {}),
        ("query ($i: StartRunInput!) { __typename }", {"i": {"inputs": "x" * 2_000_000}}),
    ],
)
async def test_value_of_a_megabyte_is_not_echoed(
    door: httpx.AsyncClient, query: str, variables: dict[str, Any]
) -> None:
    response = await post(door, {"query": query, "variables": variables})
    assert response.status_code == 200
    errors = response.json()["errors"]
    assert all(len(error["message"]) <= MAX_MESSAGE + 3 for error in errors)
    assert {error["extensions"]["code"] for error in errors} <= {
        "BAD_INPUT",
        "GRAPHQL_VALIDATION_FAILED",
        "LIMIT_EXCEEDED",
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-11-24T01:47:19", "with a zone"),
        ("2026-02-30T00:00:00Z", "a time that exists"),
        ("yesterday", "with a zone"),
        (1700000000, "with a zone"),
        ("\ud800", "with a zone"),
    ],
)
async def test_time_that_is_none_names_the_field_and_what_came(
    door: httpx.AsyncClient, value: Any, expected: str
) -> None:
    query = "query ($f: RunFilter) { runs(filter: $f) { nodes { id } } }"
    variables = {"f": {"startedAt": {"from": value}}}
    error = only_error(await post(door, {"query": query, "variables": variables}))
    assert error["extensions"] == {"code": "BAD_INPUT"}
    assert "at .startedAt.from: expected" in error["message"].replace("'$f' has invalid value ", "")
    assert expected in error["message"]


@pytest.mark.parametrize("depth", [65, 1_000])
async def test_inputs_nested_too_deeply_name_the_field(door: httpx.AsyncClient, depth: int) -> None:
    query = "mutation ($i: StartRunInput!) { startRun(input: $i) { created } }"
    inputs = "[" * depth + "]" * depth
    body = f'{{"query": {json.dumps(query)}, "variables": {{"i": {{"inputs": {inputs}}}}}}}'
    response = await post(door, body.encode())
    errors = response.json()["errors"]
    assert {error["extensions"]["code"] for error in errors} == {"BAD_INPUT"}
    assert any("levels" in error["message"] for error in errors)


async def test_inputs_of_ten_megabytes_name_the_field_and_the_bound(
    door: httpx.AsyncClient,
) -> None:
    query = """mutation ($i: JSON!) { startRun(input: {
        inputs: $i, cluster: "c", agent: {name: "a"}, trigger: {source: MANUAL, name: "t"}
    }) { created } }"""
    body = {"query": query, "variables": {"i": {"a": "x" * 10_000_000}}}
    error = only_error(await post(door, body))
    assert error["extensions"] == {"code": "BAD_INPUT"}
    assert error["message"].startswith("Variable '$i' has invalid value")
    assert "at most 1048576 bytes" in error["message"]
