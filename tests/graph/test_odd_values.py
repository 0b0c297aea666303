"""No text or number, wherever it stands, makes more than an error that tells what was expected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.graph.support import ERRORS, Api, append, complete, start, told

TEXTS = ["", "\0", "a\ud800", "x" * 70_000, "' OR 1=1 --", "%_\\", "\u202e\x1b[31m"]
NUMBERS = [-(2**31), -1, 0, 2**31 - 1]
TIMES = ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59-23:59"]

#: Values that are not replaced: without them a call stops before it looks at the rest.
ANCHORS = {"runId", "reportId"}

INPUTS: dict[str, dict[str, Any]] = {
    "startRun": {
        "agent": {"name": "a", "description": "d"},
        "cluster": "c",
        "trigger": {"source": "EVENT", "name": "t", "url": "http://e", "externalId": "e"},
        "inputs": {"key": ["value"]},
        "labels": [{"name": "n", "value": "v"}],
        "steps": [{"key": "k", "name": "n", "parentKey": "k"}],
        "startedAt": TIMES[0],
        "idempotencyKey": "i",
    },
    "appendLogs": {
        "runId": "",
        "attempt": 1,
        "source": "main",
        "offset": 0,
        "lines": [{"message": "m", "stepKey": "s", "at": TIMES[0]}],
    },
    "updateSteps": {
        "runId": "",
        "attempt": 1,
        "steps": [
            {
                "key": "k",
                "name": "n",
                "parentKey": None,
                "status": "RUNNING",
                "output": ["o"],
                "errorMessage": "e",
                "at": TIMES[0],
            }
        ],
    },
    "heartbeat": {"runId": "", "attempt": 1},
    "startAttempt": {"runId": "", "number": 2},
    "confirmCancel": {"runId": "", "attempt": 1, "logEnds": [{"source": "s", "nextOffset": 1}]},
    "cancelRuns": {"ids": ["r"], "reason": "r"},
    "scheduleRetry": {"runId": "", "attempt": 1, "reason": "r", "nextAttemptAt": TIMES[0]},
    "completeRun": {
        "runId": "",
        "attempt": 1,
        "completedAt": TIMES[0],
        "logEnds": [{"source": "main", "nextOffset": 1}],
        "report": {
            "title": "t",
            "summary": "s",
            "sections": [
                {"text": {"heading": "h", "markdown": "m"}},
                {"table": {"heading": "h", "columns": ["c"], "rows": [["r"]]}},
                {"metrics": {"heading": "h", "metrics": [{"name": "n", "value": 1, "unit": "u"}]}},
            ],
        },
    },
    "failRun": {
        "runId": "",
        "attempt": 1,
        "error": {"message": "m", "stepKey": "s", "details": "d"},
        "completedAt": TIMES[0],
    },
    "shareReport": {"reportId": "", "expiresAt": TIMES[0]},
    "revokeReportShare": {"shareId": "s"},
    "deleteRuns": {"ids": ["r"]},
    "deleteRunsMatching": {"filter": {"search": "s"}, "expectedCount": 1},
    "restoreRuns": {"ids": ["r"]},
}

FILTER = {
    "ids": ["r"],
    "agentNames": ["a"],
    "clusterNames": ["c"],
    "triggeredBy": ["t"],
    "startedAt": {"from": TIMES[0], "until": TIMES[1]},
    "durationSeconds": {"from": 0, "until": 1},
    "labels": [{"name": "n", "value": "v"}],
    "search": "s",
    "exclude": [{"agentNames": ["a"], "labels": [{"name": "n", "value": "v"}]}],
}
LOGS_OF = "logs(filter: $f, first: $n, after: $t) { isComplete }"
QUERIES: dict[str, tuple[str, dict[str, Any]]] = {
    "runs": ("($f: RunFilter) { runs(filter: $f) { totalCount nodes { id } } }", {"f": FILTER}),
    "runStats": (
        "($f: RunFilter, $t: String, $n: Int) { runStats(filter: $f) { total byStatus { count } "
        "byAgent(first: $n) { count } buckets(size: WEEK, timeZone: $t) { start } } }",
        {"f": {"startedAt": FILTER["startedAt"], "search": "s"}, "t": "UTC", "n": 1},
    ),
    "agents": (
        "($t: String, $a: String, $n: Int) { agents(nameContains: $t, first: $n, after: $a) "
        "{ totalCount nodes { id } } }",
        {"t": "n", "a": "c", "n": 1},
    ),
    "sharedReport": ("($t: String!) { sharedReport(token: $t) { title } }", {"t": "t"}),
    "nodes": ("($t: [ID!]!) { nodes(ids: $t) { id } }", {"t": ["n"]}),
    "logs": (
        f"($id: ID!, $f: LogFilter, $t: String, $n: Int) {{ run(id: $id) {{ {LOGS_OF} }} }}",
        {
            "id": "",
            "f": {
                "contains": "c",
                "stepKeys": ["s"],
                "attempts": [1],
                "fromSequence": 1,
                "at": {"from": TIMES[0], "until": TIMES[1]},
            },
            "t": None,
            "n": 1,
        },
    ),
}
#: What a client may be told: never that something went wrong inside.
FIT_TO_TELL = {"BAD_INPUT", "LIMIT_EXCEEDED"}


def variants(value: Any, name: str = "") -> Iterator[Any]:
    """The value with one of its parts replaced by something odd."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from ({**value, key: odd} for odd in variants(inner, key))
    elif isinstance(value, list):
        yield []
        for index, inner in enumerate(value):
            yield from ([*value[:index], odd, *value[index + 1 :]] for odd in variants(inner, name))
    elif isinstance(value, str) and value in TIMES:
        yield from TIMES
    elif isinstance(value, str) and not value.isupper() and name not in ANCHORS:
        yield from TEXTS
    elif isinstance(value, int):
        yield from NUMBERS


async def run_with_report(api: Api) -> tuple[str, str]:
    run_id = await start(api)
    await append(api, run_id, 0, "line", stepKey="s")
    await complete(api, run_id)
    query = "query ($id: ID!) { run(id: $id) { report { id } } }"
    return run_id, (await api.data(query, id=run_id))["run"]["report"]["id"]


def anchored(given: dict[str, Any], run_id: str, report_id: str) -> dict[str, Any]:
    anchors = {"runId": run_id, "reportId": report_id}
    return {key: anchors.get(key, value) for key, value in given.items()}


@pytest.mark.parametrize("mutation", INPUTS)
async def test_odd_value_in_a_mutation_is_taken_or_told_of(api: Api, mutation: str) -> None:
    _, report_id = await run_with_report(api)
    type_ = f"{mutation[0].upper()}{mutation[1:]}Input!"
    query = f"mutation ($i: {type_}) {{ {mutation}(input: $i) {{ {ERRORS} }} }}"
    run_id = await start(api)
    for given in variants(INPUTS[mutation]):
        answer = await api.ask(query, i=anchored(given, run_id, report_id))
        codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
        assert codes <= FIT_TO_TELL, (given, answer)
        errors = answer["data"][mutation]["userErrors"] if answer.get("data") else []
        assert all(len(error["message"]) < 1_000 for error in errors), given
        if not codes and not errors and mutation in ("completeRun", "failRun", "confirmCancel"):
            run_id = await start(api)
    everything = "{ runs { nodes { id inputs agent { name } steps { output } error { message } "
    everything += "report { html sections { markdown } } logs { nodes { message } } } } }"
    await api.data(everything)


@pytest.mark.parametrize("name", QUERIES)
async def test_odd_value_in_a_query_is_taken_or_told_of(api: Api, name: str) -> None:
    run_id, _ = await run_with_report(api)
    query, given = QUERIES[name]
    for variables in variants(given):
        if "id" in variables:
            variables["id"] = run_id
        answer = await api.ask(f"query {query}", **variables)
        codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
        assert codes <= FIT_TO_TELL, (variables, answer)


def test_every_mutation_is_tried_with_odd_values() -> None:
    from graph.schema import schema

    mutation = schema._schema.mutation_type
    assert mutation is not None
    assert INPUTS.keys() == mutation.fields.keys()


async def test_odd_texts_that_are_taken_come_back_the_same(api: Api) -> None:
    for text in ("' OR 1=1 --", "%_\\", "\u202e\x1b[31m", "ß", "\U0001f600"):
        run_id = await start(api, agent={"name": text})
        found = await api.data(
            "query ($n: [String!]) { runs(filter: {agentNames: $n}) { nodes { id } } }", n=[text]
        )
        assert found["runs"]["nodes"] == [{"id": run_id}]
        listed = await api.data(
            "query ($t: String) { agents(nameContains: $t) { nodes { name } } }", t=text
        )
        assert listed["agents"]["nodes"] == [{"name": text}]
        payload = await told(
            api, "updateSteps", "steps { key }", runId=run_id, steps=[{"key": text}]
        )
        assert payload["steps"] == [{"key": text}]
