"""No text of any mutation is stored with a secret in it: schema and database are walked.

Whoever adds a String, an ID or JSON to an input has to say here how it is told a secret, or why it
is left alone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import orjson
import pytest
from graphql import GraphQLInputObjectType, GraphQLInputType, get_named_type
from tortoise import Tortoise

from graph.schema import schema
from live.log_codec import decode
from models.database import connection
from tests.graph.support import Api, append, start, told
from tests.support.secrets import FILL

#: Why a text is stored as it is told, or not at all.
ID, KEY, NAME = "an id", "a key that others name again", "a name that others look for"
SOUGHT = "looked for, never stored"
LEFT_ALONE = {
    "AgentInput.name": NAME,
    "AppendLogsInput.runId": ID,
    "AppendLogsInput.source": NAME,
    "CancelRunsInput.ids": ID,
    "CompleteRunInput.runId": ID,
    "ConfirmCancelInput.runId": ID,
    "DeleteRunsInput.ids": ID,
    "FailRunInput.runId": ID,
    "HeartbeatInput.runId": ID,
    "LabelInput.name": NAME,
    "LogEndInput.source": NAME,
    "LogLineInput.stepKey": KEY,
    "RestoreRunsInput.deletionId": ID,
    "RestoreRunsInput.ids": ID,
    "RevokeReportShareInput.shareId": ID,
    "RunErrorInput.stepKey": KEY,
    "RunExclusion.agentNames": SOUGHT,
    "RunExclusion.clusterNames": SOUGHT,
    "RunExclusion.triggeredBy": SOUGHT,
    "RunFilter.agentNames": SOUGHT,
    "RunFilter.clusterNames": SOUGHT,
    "RunFilter.ids": SOUGHT,
    "RunFilter.search": SOUGHT,
    "RunFilter.triggeredBy": SOUGHT,
    "ScheduleRetryInput.runId": ID,
    "ShareReportInput.reportId": ID,
    "StartAttemptInput.runId": ID,
    "StartRunInput.cluster": NAME,
    "StartRunInput.idempotencyKey": KEY,
    "StepInput.key": KEY,
    "StepInput.parentKey": KEY,
    "StepUpdateInput.key": KEY,
    "StepUpdateInput.parentKey": KEY,
    "UpdateStepsInput.runId": ID,
}
#: Those that are told a secret below.
REDACTED = (
    *("AgentInput.description", "TriggerInput.name", "TriggerInput.url", "TriggerInput.externalId"),
    *("StartRunInput.inputs", "LabelInput.value", "StepInput.name", "LogLineInput.message"),
    *("StepUpdateInput.name", "StepUpdateInput.output", "StepUpdateInput.errorMessage"),
    *("ScheduleRetryInput.reason", "CancelRunsInput.reason"),
    *("RunErrorInput.message", "RunErrorInput.details"),
    *("ReportInput.title", "ReportInput.summary", "MetricInput.name", "MetricInput.unit"),
    *("TextSectionInput.heading", "TextSectionInput.markdown", "MetricsSectionInput.heading"),
    *("TableSectionInput.heading", "TableSectionInput.columns", "TableSectionInput.rows"),
)
SECRETS = {field: f"hf_{index:02}{FILL}{FILL[:8]}" for index, field in enumerate(REDACTED)}


def texts(type_: GraphQLInputType, seen: set[str]) -> Iterator[str]:
    """Every field below an input's type that a text can be told in, as `Type.field`."""
    named = get_named_type(type_)
    if not isinstance(named, GraphQLInputObjectType) or named.name in seen:
        return
    seen.add(named.name)
    for name, field in named.fields.items():
        if get_named_type(field.type).name in ("String", "ID", "JSON"):
            yield f"{named.name}.{name}"
        yield from texts(field.type, seen)


def test_every_text_of_every_mutation_is_told_a_secret_or_left_alone_for_a_reason() -> None:
    mutation = schema._schema.mutation_type
    assert mutation is not None
    seen: set[str] = set()
    found = [
        text
        for field in mutation.fields.values()
        for argument in field.args.values()
        for text in texts(argument.type, seen)
    ]
    assert sorted(found) == sorted([*LEFT_ALONE, *REDACTED])


class Telling:
    """Secrets, and which of them were told."""

    def __init__(self) -> None:
        self.told: set[str] = set()

    def __call__(self, field: str) -> str:
        self.told.add(field)
        return f"it is {SECRETS[field]}"


@pytest.fixture
def secret() -> Telling:
    return Telling()


async def test_no_secret_of_any_mutation_is_stored_or_answered(api: Api, secret: Telling) -> None:
    answers = [answer async for answer in everything(api, secret)]
    assert secret.told == set(REDACTED)
    stored = await everything_stored()
    assert stored.count("[redacted]") >= len(REDACTED)
    for field in REDACTED:
        for where in (stored, orjson.dumps(answers).decode()):
            assert SECRETS[field].casefold() not in where.casefold(), field


async def everything(api: Api, secret: Telling) -> AsyncIterator[dict[str, Any]]:
    """Every mutation that is told texts; what each answers."""
    label = {"name": "team", "value": secret("LabelInput.value")}
    run = """run { id inputs labels { name value } trigger { name url externalId }
        agent { description } steps { name output errorMessage } attempts { failure }
        error { message details } cancellation { reason } }"""
    begun = await told(
        api,
        "startRun",
        run,
        agent={"name": "a", "description": secret("AgentInput.description")},
        cluster="c",
        trigger={
            "source": "EVENT",
            "name": secret("TriggerInput.name"),
            "url": f"https://x.org/{secret('TriggerInput.url')}",
            "externalId": secret("TriggerInput.externalId"),
        },
        inputs={"a": [{"b": secret("StartRunInput.inputs")}]},
        labels=[label],
        steps=[{"key": "a", "name": secret("StepInput.name")}],
    )
    yield begun
    run_id = begun["run"]["id"]
    yield await append(api, run_id, 0, secret("LogLineInput.message"))
    yield await told(
        api,
        "updateSteps",
        f"steps {{ name output errorMessage }} {run}",
        runId=run_id,
        steps=[
            {
                "key": "b",
                "name": secret("StepUpdateInput.name"),
                "output": {"a": secret("StepUpdateInput.output")},
                "errorMessage": secret("StepUpdateInput.errorMessage"),
            }
        ],
    )
    yield await told(
        api, "completeRun", "run { report { markdown } }", runId=run_id, report=report(secret)
    )
    failed = await start(api)
    yield await told(
        api,
        "failRun",
        run,
        runId=failed,
        error={
            "message": secret("RunErrorInput.message"),
            "details": secret("RunErrorInput.details"),
        },
    )
    again = await start(api)
    yield await told(
        api, "scheduleRetry", run, runId=again, reason=secret("ScheduleRetryInput.reason")
    )
    cancelled = await start(api)
    yield await told(
        api,
        "cancelRuns",
        "runs { cancellation { reason } }",
        ids=[cancelled],
        reason=secret("CancelRunsInput.reason"),
    )


def report(secret: Telling) -> dict[str, Any]:
    table = {
        "heading": secret("TableSectionInput.heading"),
        "columns": [secret("TableSectionInput.columns")],
        "rows": [[secret("TableSectionInput.rows")]],
    }
    metric = {"name": secret("MetricInput.name"), "value": 1.5, "unit": secret("MetricInput.unit")}
    return {
        "title": secret("ReportInput.title"),
        "summary": secret("ReportInput.summary"),
        "sections": [
            {
                "text": {
                    "heading": secret("TextSectionInput.heading"),
                    "markdown": secret("TextSectionInput.markdown"),
                }
            },
            {"table": table},
            {"metrics": {"heading": secret("MetricsSectionInput.heading"), "metrics": [metric]}},
        ],
    }


async def everything_stored() -> str:
    """Every row of every table, log lines unpacked."""
    rows: list[Any] = []
    for model in Tortoise.apps["models"].values():
        _, found = await connection().execute_query(f"SELECT * FROM {model._meta.db_table}")
        rows += map(dict, found)
    for row in rows:
        if "payload" in row:
            row["payload"] = decode(bytes(row["payload"]), row["count"]).messages
    return orjson.dumps(rows, default=str).decode()
