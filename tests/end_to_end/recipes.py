"""Good calls of every mutation, field and subscription, with every argument given.

Tests put something wrong into each place in turn. What is good here would go through as it stands,
so that a refusal is one of what was put in.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from graphql import GraphQLSchema, get_named_type, is_leaf_type

from tests.end_to_end.client import Json
from tests.end_to_end.scene import LINES, REPORT, Scene

TIME = "2020-02-29T01:47:19.000000Z"
FAR = "2099-01-01T00:00:00Z"
LABEL = {"name": "team", "value": "data"}
LOG_END = {"source": "main", "nextOffset": 0}


def run_filter(scene: Scene) -> Json:
    """A filter with all that there is, which matches nothing."""
    exclusion = {
        "statuses": ["FAILED"],
        "agentNames": ["another"],
        "clusterNames": ["us-1"],
        "triggerSources": ["WEBHOOK"],
        "triggeredBy": ["bob"],
        "labels": [LABEL],
    }
    return {
        "ids": [scene.running],
        "statuses": ["RUNNING"],
        "agentNames": ["nightly-etl"],
        "clusterNames": ["eu-1"],
        "triggerSources": ["MANUAL"],
        "triggeredBy": ["ada"],
        "startedAt": {"from": TIME, "until": FAR},
        "completedAt": {"from": TIME, "until": FAR},
        "durationSeconds": {"from": 0.5, "until": 1.5},
        "labels": [LABEL],
        "search": "etl",
        "exclude": [exclusion],
    }


def log_filter() -> Json:
    return {
        "minLevel": "INFO",
        "streams": ["STDOUT"],
        "stepKeys": ["extract"],
        "attempts": [1],
        "contains": "o",
        "at": {"from": TIME, "until": FAR},
        "fromSequence": 1,
    }


def mutations(scene: Scene) -> dict[str, list[Json]]:
    """Inputs by mutation; several where one cannot hold everything."""
    run = {"runId": scene.running, "attempt": 1}
    now = datetime.now(UTC).isoformat()
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    return {
        "deleteRuns": [{"ids": [scene.completed], "force": False}],
        "deleteRunsMatching": [
            {"filter": run_filter(scene), "expectedCount": 0, "force": False},
        ],
        "restoreRuns": [{"deletionId": scene.deletion}, {"ids": [scene.deleted]}],
        "cancelRuns": [{"ids": [scene.running], "reason": "too slow"}],
        "shareReport": [
            {"reportId": scene.report, "expiresAt": FAR, "neverExpires": False},
        ],
        "revokeReportShare": [{"shareId": scene.share}],
        "startRun": [
            {
                "agent": {"name": "new", "kind": "WORKFLOW", "description": "text"},
                "cluster": "new",
                "trigger": {
                    "source": "WEBHOOK",
                    "name": "push",
                    "url": "https://example.com/",
                    "externalId": "42",
                },
                "inputs": {"a": ["b"]},
                "labels": [LABEL],
                "steps": [
                    {"key": "a", "name": "A", "parentKey": "b"},
                    {"key": "b", "name": "B"},
                ],
                "startedAt": TIME,
                "idempotencyKey": scene.running,
            }
        ],
        "appendLogs": [
            {
                **run,
                "source": "main",
                "offset": len(LINES),
                "lines": [
                    {
                        "message": "four",
                        "at": TIME,
                        "level": "INFO",
                        "stream": "STDERR",
                        "stepKey": "extract",
                    }
                ],
            }
        ],
        "updateSteps": [
            {
                **run,
                "steps": [
                    {
                        "key": "load",
                        "name": "Load",
                        "parentKey": "extract",
                        "status": "RUNNING",
                        "output": {"a": ["b"]},
                        "errorMessage": "none",
                        "at": TIME,
                    }
                ],
            }
        ],
        "scheduleRetry": [{**run, "reason": "away", "nextAttemptAt": soon}],
        "startAttempt": [{"runId": scene.retrying, "number": 2}],
        "heartbeat": [run],
        "confirmCancel": [{"runId": scene.cancelling, "attempt": 1, "logEnds": [LOG_END]}],
        "completeRun": [
            {**run, "report": REPORT, "completedAt": now, "logEnds": [LOG_END]},
        ],
        "failRun": [
            {
                **run,
                "error": {
                    "code": "AGENT_ERROR",
                    "message": "it broke",
                    "stepKey": "extract",
                    "details": "more",
                },
                "completedAt": now,
                "logEnds": [LOG_END],
            }
        ],
    }


def reads(scene: Scene) -> dict[str, list[Json]]:
    """Arguments by the field that takes them, `Type.field`; several where one cannot hold all."""
    runs, logs = run_filter(scene), log_filter()
    log_pages = [
        {"filter": logs, "first": 2, "after": scene.log_cursor},
        {"filter": logs, "last": 2, "before": scene.log_cursor},
    ]
    of_name = [{"filter": runs, "first": 1, "after": scene.run_cursor}]
    order = {"field": "STARTED_AT", "direction": "DESC"}
    return {
        "Query.node": [{"id": scene.step}],
        "Query.nodes": [{"ids": [scene.running, scene.step, scene.agent]}],
        "Query.run": [{"id": scene.running}],
        "Query.runs": [
            {"filter": runs, "orderBy": order, "first": 1, "after": scene.run_cursor},
            {"filter": runs, "orderBy": order, "last": 1, "before": scene.run_cursor},
        ],
        "Query.runStats": [{"filter": runs}],
        "Query.agents": [
            {"nameContains": "e", "first": 1, "after": scene.agent_cursor},
            {"nameContains": "e", "last": 1, "before": scene.agent_cursor},
        ],
        "Query.clusters": [
            {"nameContains": "e", "first": 1, "after": scene.cluster_cursor},
            {"nameContains": "e", "last": 1, "before": scene.cluster_cursor},
        ],
        "Query.sharedReport": [{"token": scene.token}],
        "Query.deletions": [{"first": 1, "after": scene.deletion_cursor}],
        "Query.auditEntries": [{"first": 1, "after": scene.audit_cursor}],
        "AuditEntry.targetIds": [{"first": 1, "skip": 0}],
        "Run.logs": log_pages,
        "Step.logs": log_pages,
        "Agent.runs": of_name,
        "Agent.stats": [{"filter": runs}],
        "Cluster.runs": of_name,
        "Cluster.stats": [{"filter": runs}],
        "RunStats.byAgent": [{"first": 1}],
        "RunStats.byCluster": [{"first": 1}],
        "RunStats.buckets": [{"size": "WEEK", "timeZone": "Europe/Berlin"}],
        "Subscription.logLines": [
            {"runId": scene.completed, "after": scene.ended_log_cursor, "filter": logs}
        ],
        "Subscription.stepTransitions": [
            {"runId": scene.completed, "after": scene.ended_event_cursor}
        ],
        "Subscription.runUpdates": [{"filter": runs}],
    }


#: Around a field that is not at the root: where an object of its type is found.
_AROUND = {
    "Run": ("run(id: ON)", "running"),
    "Step": ("node(id: ON)", "step"),
    "Agent": ("node(id: ON)", "agent"),
    "Cluster": ("node(id: ON)", "cluster"),
    "AuditEntry": ("node(id: ON)", "audit"),
    "RunStats": ("runStats", None),
}
#: What is asked of what a field gives, so that all of its arguments are looked at.
_SELECTIONS = {"RunStats": "{ total }"}


def document_of(schema: GraphQLSchema, scene: Scene, name: str) -> str:
    """The document that asks for a field, `Type.field`, with its arguments as variables."""
    owner, _, field_name = name.partition(".")
    field = schema.type_map[owner].fields[field_name]  # type: ignore[attr-defined]
    variables = ", ".join(f"${key}: {argument.type}" for key, argument in field.args.items())
    given = ", ".join(f"{key}: ${key}" for key in field.args)
    type_ = get_named_type(field.type)
    selection = "" if is_leaf_type(type_) else _SELECTIONS.get(type_.name, "{ __typename }")
    body = f"{field_name}({given}) {selection}"
    if owner in _AROUND:
        around, kind = _AROUND[owner]
        found = around.replace("ON", f'"{getattr(scene, kind)}"' if kind else "")
        body = f"{found} {{ ... on {owner} {{ {body} }} }}"
    operation = "subscription" if owner == "Subscription" else "query"
    return f"{operation}({variables}) {{ {body} }}"
