"""What agents tell, through the door: each mutation's good case, and what it is refused for."""

from __future__ import annotations

import json
from typing import Any

from graph.json_text import MAX_JSON_BYTES
from tests.graph.support import (
    PATH,
    RUN_INPUT,
    UNKNOWN,
    Api,
    append,
    complete,
    fail,
    refused,
    start,
    tell,
    told,
)


async def test_run_begins_with_everything_that_was_told(api: Api) -> None:
    given: dict[str, Any] = {
        "agent": {"name": "deploy", "kind": "WORKFLOW", "description": "Ships it."},
        "cluster": "eu-1",
        "trigger": {
            "source": "COPILOT",
            "name": "session 7",
            "url": "https://copilot.example/7",
            "externalId": "7",
        },
        "inputs": {"b": 1, "a": [True, None, "ü"]},
        "labels": [{"name": "team", "value": "core"}, {"name": "env", "value": "prod"}],
        "steps": [{"key": "build"}, {"key": "test", "name": "Test", "parentKey": "build"}],
        "startedAt": "2026-11-01T10:00:00.123456+02:00",
        "idempotencyKey": "once",
    }
    fields = """created run {
        status revision inputs startedAt completedAt durationSeconds lastSequence
        agent { name kind description } cluster { name description }
        trigger { source name url externalId } labels { name value }
        steps { key name position status attempt parent { key } output }
        attempts { number startedAt endedAt failure } logSources { name }
        error { message } report { id } nextAttemptAt cancellation { by } currentStep { key }
    }"""
    payload = await told(api, "startRun", fields, **given)
    assert payload["created"] is True
    assert payload["run"] == {
        "status": "RUNNING",
        "revision": 1,
        "inputs": {"b": 1, "a": [True, None, "ü"]},
        "startedAt": "2026-11-01T08:00:00.123456Z",
        "completedAt": None,
        "durationSeconds": None,
        "lastSequence": 0,
        "agent": {"name": "deploy", "kind": "WORKFLOW", "description": "Ships it."},
        "cluster": {"name": "eu-1", "description": ""},
        "trigger": given["trigger"],
        "labels": [{"name": "env", "value": "prod"}, {"name": "team", "value": "core"}],
        "steps": [
            {
                "key": "build",
                "name": "build",
                "position": 1,
                "status": "PENDING",
                "attempt": 1,
                "parent": None,
                "output": None,
            },
            {
                "key": "test",
                "name": "Test",
                "position": 2,
                "status": "PENDING",
                "attempt": 1,
                "parent": {"key": "build"},
                "output": None,
            },
        ],
        "attempts": [
            {
                "number": 1,
                "startedAt": "2026-11-01T08:00:00.123456Z",
                "endedAt": None,
                "failure": None,
            }
        ],
        "logSources": [],
        "error": None,
        "report": None,
        "nextAttemptAt": None,
        "cancellation": None,
        "currentStep": None,
    }
    again = await told(api, "startRun", "created run { id }", **given)
    assert again["created"] is False
    error = await refused(api, "startRun", **(given | {"cluster": "us-1"}))
    assert error["code"] == "CONFLICT"
    assert error["field"] == ["idempotencyKey"]


async def test_inputs_and_outputs_come_back_as_they_were_told(api: Api) -> None:
    text = '{"z":1,"a":1.10,"big":123456789012345678901234567890,"e":1e400,"t":"\\u0001ü😀"}'
    expected = text.replace("\\u0001ü", "\\u0001ü")
    query = """mutation ($i: StartRunInput!) { startRun(input: $i) { run { id inputs } } }"""
    given = json.dumps(RUN_INPUT)[:-1] + f', "inputs": {text}}}'
    body = f'{{"query": {json.dumps(query)}, "variables": {{"i": {given}}}}}'
    response = await api.http.post(PATH, content=body, headers={"Content-Type": "application/json"})
    assert f'"inputs":{expected}' in response.text
    run_id = response.json()["data"]["startRun"]["run"]["id"]
    literal = f"""mutation {{ updateSteps(input: {{ runId: "{run_id}", steps: [
        {{key: "s", output: {{z: 1, a: 1.10, big: 12345678901234567890123}}}}
    ] }}) {{ steps {{ output }} }} }}"""
    response = await api.http.post(PATH, json={"query": literal})
    assert '"output":{"z":1,"a":1.10,"big":12345678901234567890123}' in response.text


async def test_variable_inside_a_json_literal_keeps_its_type(api: Api) -> None:
    query = """mutation ($o: JSON, $s: String, $n: Int, $run: ID!) { updateSteps(input: {
        runId: $run, steps: [{key: "s", output: {o: $o, s: $s, n: [$n]}}]
    }) { steps { output } } }"""
    variables = {"run": await start(api), "o": {"x": "1"}, "s": "[1]", "n": 7}
    data = await api.data(query, **variables)
    output = data["updateSteps"]["steps"][0]["output"]
    assert output == {"o": {"x": "1"}, "s": "[1]", "n": [7]}


async def test_lines_are_appended_once_and_a_gap_names_the_offset_expected(api: Api) -> None:
    run_id = await start(api)
    first = await append(api, run_id, 0, "one", "two")
    assert first["nextOffset"] == 2
    assert await append(api, run_id, 0, "one", "two") == first
    assert (await append(api, run_id, 1, "two", "three"))["nextOffset"] == 3
    payload = await tell(
        api, "appendLogs", "nextOffset endCursor", runId=run_id, offset=9, lines=[{"message": "x"}]
    )
    assert payload["nextOffset"] == 3
    assert payload["endCursor"] is None
    [error] = payload["userErrors"]
    assert (error["code"], error["field"], error["nodeId"]) == ("OFFSET_GAP", ["offset"], run_id)
    payload = await tell(
        api, "appendLogs", "nextOffset", runId=run_id, offset=0, lines=[{"message": "other"}]
    )
    assert payload["nextOffset"] == 3
    assert payload["userErrors"][0]["code"] == "OFFSET_CONFLICT"


async def test_nulls_mean_the_defaults(api: Api) -> None:
    run_id = await start(api, inputs=None, labels=None, steps=None, startedAt=None)
    line = {"message": "m", "level": None, "stream": None, "at": None, "stepKey": None}
    given = {"runId": run_id, "offset": 0, "attempt": None, "source": None, "lines": [line]}
    payload = await told(api, "appendLogs", "run { inputs logSources { name attempt } }", **given)
    assert payload["run"] == {"inputs": {}, "logSources": [{"name": "main", "attempt": 1}]}


async def test_what_is_absent_of_a_step_stays_and_null_clears_it(api: Api) -> None:
    run_id = await start(api)
    fields = "steps { name status output errorMessage parent { key } }"
    step = {"key": "s", "name": "S", "status": "RUNNING", "output": [1], "errorMessage": "e"}
    steps = [{"key": "p"}, step | {"parentKey": "p"}]
    await told(api, "updateSteps", fields, runId=run_id, steps=steps)
    payload = await told(api, "updateSteps", fields, runId=run_id, steps=[{"key": "s"}])
    assert payload["steps"] == [
        {
            "name": "S",
            "status": "RUNNING",
            "output": [1],
            "errorMessage": "e",
            "parent": {"key": "p"},
        }
    ]
    cleared = {"key": "s", "name": None, "output": None, "errorMessage": None, "parentKey": None}
    payload = await told(api, "updateSteps", fields, runId=run_id, steps=[cleared])
    assert payload["steps"] == [
        {"name": "s", "status": "RUNNING", "output": None, "errorMessage": None, "parent": None}
    ]


async def test_run_retries_and_an_older_attempt_is_refused(api: Api) -> None:
    run_id = await start(api)
    fields = "run { status nextAttemptAt attempts { number failure } }"
    at = "2026-11-24T12:00:00.000000Z"
    payload = await told(
        api, "scheduleRetry", fields, runId=run_id, reason="no answer", nextAttemptAt=at
    )
    assert payload["run"]["status"] == "RETRYING"
    assert payload["run"]["nextAttemptAt"] == at
    payload = await told(api, "startAttempt", fields, runId=run_id, number=2)
    assert payload["run"] == {
        "status": "RUNNING",
        "nextAttemptAt": None,
        "attempts": [{"number": 1, "failure": "no answer"}, {"number": 2, "failure": None}],
    }
    error = await refused(api, "heartbeat", "run { id }", runId=run_id, attempt=1)
    assert error["code"] == "STALE_ATTEMPT"
    assert error["field"] == ["attempt"]


async def test_heartbeat_tells_how_often_and_whether_to_stop(api: Api) -> None:
    run_id = await start(api)
    fields = "intervalSeconds run { status cancellation { by reason at } }"
    payload = await told(api, "heartbeat", fields, runId=run_id)
    assert payload["intervalSeconds"] == 15.0
    assert payload["run"] == {"status": "RUNNING", "cancellation": None}
    await told(api, "cancelRuns", "runs { id }", ids=[run_id], reason="enough")
    payload = await told(api, "heartbeat", fields, runId=run_id)
    assert payload["run"]["cancellation"]["by"] == "local"
    assert payload["run"]["cancellation"]["reason"] == "enough"
    payload = await told(api, "confirmCancel", "run { status report { id } }", runId=run_id)
    assert payload["run"] == {"status": "CANCELLED", "report": None}


async def test_run_completes_with_its_report(api: Api) -> None:
    run_id = await start(api)
    report = {
        "title": "Done",
        "summary": "All **well**.",
        "sections": [
            {"text": {"heading": "Why", "markdown": "Because."}},
            {"table": {"heading": "What", "columns": ["a", "b"], "rows": [["1", "2"]]}},
            {"metrics": {"heading": "How much", "metrics": [{"name": "n", "value": 1.5}]}},
        ],
    }
    fields = """run { status durationSeconds report { title summary createdAt run { id } sections {
        __typename heading markdown
        ... on TableSection { columns rows }
        ... on MetricsSection { metrics { name value unit } }
    } } }"""
    payload = await told(api, "completeRun", fields, runId=run_id, report=report)
    run = payload["run"]
    assert run["status"] == "COMPLETED"
    assert run["report"]["run"] == {"id": run_id}
    text, table, metrics = run["report"]["sections"]
    assert text == {"__typename": "TextSection", "heading": "Why", "markdown": "Because."}
    assert (table["columns"], table["rows"]) == (["a", "b"], [["1", "2"]])
    assert "| 1 | 2 |" in table["markdown"]
    assert metrics["metrics"] == [{"name": "n", "value": 1.5, "unit": None}]
    again = await told(api, "completeRun", fields, runId=run_id, report={"title": "Other"})
    assert again["run"]["report"]["title"] == "Done"
    error = await refused(api, "failRun", "run { status }", runId=run_id, error={"message": "no"})
    assert error["code"] == "RUN_ENDED"


async def test_run_that_ended_is_shown_beside_the_refusal(api: Api) -> None:
    run_id = await start(api)
    await complete(api, run_id)
    payload = await tell(
        api, "failRun", "run { status }", runId=run_id, error={"message": "too late"}
    )
    assert payload["run"] == {"status": "COMPLETED"}


async def test_run_fails_in_its_step(api: Api) -> None:
    run_id = await start(api, agent={"name": "deploy"}, steps=[{"key": "a"}, {"key": "b"}])
    error = {"message": "disk full", "code": "TIMED_OUT", "stepKey": "a", "details": "trace"}
    fields = "run { status error { code message details step { key status } } report { id } }"
    payload = await told(api, "failRun", fields, runId=run_id, error=error)
    assert payload["run"] == {
        "status": "FAILED",
        "error": {
            "code": "TIMED_OUT",
            "message": "disk full",
            "details": "trace",
            "step": {"key": "a", "status": "FAILED"},
        },
        "report": None,
    }


async def test_end_waits_for_the_lines_that_were_told_of(api: Api) -> None:
    run_id = await start(api)
    await append(api, run_id, 0, "one")
    ends = [{"source": "main", "nextOffset": 2}]
    error = await refused(api, "completeRun", "run { id }", runId=run_id, logEnds=ends)
    assert error["code"] == "LOGS_MISSING"
    await append(api, run_id, 1, "two")
    await complete(api, run_id, logEnds=ends)


async def test_unknown_malformed_and_foreign_ids_are_user_errors(api: Api) -> None:
    for run_id, code in [
        (f"run_{UNKNOWN}", "NOT_FOUND"),
        (f"step_{UNKNOWN}", "INVALID"),
        ("nonsense", "INVALID"),
        ("", "INVALID"),
        ("\ud800", "INVALID"),
        ("x" * 100_000, "INVALID"),
    ]:
        payload = await tell(api, "heartbeat", "run { id } intervalSeconds", runId=run_id)
        assert payload["run"] is None
        assert payload["intervalSeconds"] == 15.0
        [error] = payload["userErrors"]
        assert (error["code"], error["field"]) == (code, ["runId"])
        assert len(error["message"]) < 300


async def test_failed_mutation_leaves_nothing_half_done(api: Api) -> None:
    run_id = await start(api)
    steps = [{"key": "good"}, {"key": "bad", "parentKey": "missing"}]
    error = await refused(api, "updateSteps", runId=run_id, steps=steps)
    assert (error["code"], error["field"]) == ("INVALID", ["steps", "1", "parentKey"])
    data = await api.data("query ($id: ID!) { run(id: $id) { steps { key } } }", id=run_id)
    assert data["run"]["steps"] == []


async def test_json_of_just_the_bound_is_taken(api: Api) -> None:
    value = "a" * (MAX_JSON_BYTES - 2)
    assert await start(api, inputs=value)


async def test_failed_run_is_told_twice(api: Api) -> None:
    run_id = await start(api)
    await fail(api, run_id, "first")
    await fail(api, run_id, "second")
    data = await api.data("query ($id: ID!) { run(id: $id) { error { message } } }", id=run_id)
    assert data["run"]["error"] == {"message": "first"}


async def test_mutations_of_one_operation_see_what_those_before_them_did(api: Api) -> None:
    run_id = await start(api, steps=[{"key": "s"}])
    query = """mutation ($id: ID!) {
        a: updateSteps(input: {runId: $id, steps: [{key: "s", status: RUNNING}]}) { ...Steps }
        b: updateSteps(input: {runId: $id, steps: [{key: "s", status: COMPLETED}]}) { ...Steps }
    }
    fragment Steps on UpdateStepsPayload { run { steps { status run { revision } } } }"""
    data = await api.data(query, id=run_id)
    [first], [second] = data["a"]["run"]["steps"], data["b"]["run"]["steps"]
    assert (first["status"], second["status"]) == ("RUNNING", "COMPLETED")
    assert second["run"]["revision"] == first["run"]["revision"] + 1
