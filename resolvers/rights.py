"""Who may do what: the one table. docs/rights.md prints it, a test holds it to the schema.

Whatever may be asked for stands here: each field of the schema and each route of HTTP. What has no
line is refused. A scope narrows this further, to runs of some agents or clusters; and a reporter
writes only the runs that it started itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from resolvers.viewer import Role, Viewer


class Right(StrEnum):
    """What it takes to be given something."""

    #: Nothing: not even a login.
    OPEN = "open"
    READ = "read"
    #: To tell of runs, as agents do.
    REPORT = "report"
    #: To cancel, delete, restore and share.
    OPERATE = "operate"
    #: To see who did what.
    ADMINISTER = "administer"


#: A reporter is a program and an operator a person: neither may do the other's work.
ROLES: Mapping[Right, frozenset[Role | None]] = {
    Right.OPEN: frozenset({None, *Role}),
    Right.READ: frozenset(Role),
    Right.REPORT: frozenset({Role.REPORTER, Role.ADMIN}),
    Right.OPERATE: frozenset({Role.OPERATOR, Role.ADMIN}),
    Right.ADMINISTER: frozenset({Role.ADMIN}),
}


def may(viewer: Viewer, right: Right) -> bool:
    """Whether the viewer has the right, scope and ownership aside."""
    return viewer.role in ROLES[right]


def _of(right: Right, fields: str) -> dict[str, Right]:
    return dict.fromkeys(fields.split(), right)


_OPEN, _READ = Right.OPEN, Right.READ

#: By type and field of the schema. What a mutation answers takes no more than to read it.
FIELDS: Mapping[str, Mapping[str, Right]] = {
    "Query": _of(_READ, "node nodes run runs runStats agents clusters deletions viewer")
    | _of(_OPEN, "sharedReport")
    | _of(Right.ADMINISTER, "auditEntries"),
    "Mutation": _of(
        Right.OPERATE,
        "deleteRuns deleteRunsMatching restoreRuns cancelRuns shareReport revokeReportShare",
    )
    | _of(
        Right.REPORT,
        "startRun appendLogs updateSteps scheduleRetry startAttempt heartbeat confirmCancel "
        "completeRun failRun",
    ),
    "Subscription": _of(_READ, "logLines stepTransitions runUpdates"),
    # ------------------------------------------------------------ what a shared link shows
    "SharedReport": _of(
        _OPEN, "title agentName completedAt summary expiresAt sections html markdown downloads"
    ),
    "ReportSection": _of(_OPEN, "heading markdown"),
    "TextSection": _of(_OPEN, "heading markdown"),
    "TableSection": _of(_OPEN, "heading markdown columns rows"),
    "MetricsSection": _of(_OPEN, "heading markdown metrics"),
    "Metric": _of(_OPEN, "name value unit"),
    "ReportDownload": _of(_OPEN, "format url"),
    # ------------------------------------------------------------ what is read
    "Node": _of(_READ, "id"),
    "PageInfo": _of(_READ, "hasNextPage hasPreviousPage startCursor endCursor"),
    "Viewer": _of(_READ, "name role"),
    "Run": _of(
        _READ,
        "id revision status inputs startedAt completedAt durationSeconds nextAttemptAt lastHeardAt "
        "lastSequence url agent cluster trigger labels error attempts cancellation steps "
        "stepCounts currentStep logs logSources eventCursor report viewerCanCancel viewerCanDelete "
        "viewerCanShare",
    ),
    "RunConnection": _of(_READ, "edges pageInfo nodes totalCount"),
    "RunEdge": _of(_READ, "cursor node"),
    "Trigger": _of(_READ, "source name url externalId"),
    "Label": _of(_READ, "name value"),
    "RunError": _of(_READ, "code message details step"),
    "RunAttempt": _of(_READ, "number startedAt endedAt failure"),
    "Cancellation": _of(_READ, "by at reason"),
    "LogSource": _of(_READ, "attempt name nextOffset"),
    "Step": _of(
        _READ,
        "id key name position attempt status startedAt completedAt durationSeconds output "
        "errorMessage run parent logs",
    ),
    "StepCount": _of(_READ, "status count"),
    "LogLine": _of(_READ, "sequence at level stream stepKey attempt source message truncatedBytes"),
    "LogLineConnection": _of(_READ, "edges pageInfo endCursor isComplete nodes"),
    "LogLineEdge": _of(_READ, "cursor node"),
    # Whoever may not share is shown no shares (graph/types/report.py).
    "Report": _of(
        _READ, "id title summary createdAt url run sections html markdown downloads shares"
    ),
    "ReportShare": _of(
        _READ, "id createdBy createdAt expiresAt revokedAt lastUsedAt status report"
    ),
    "Agent": _of(_READ, "id name kind description latestRun runs stats"),
    "AgentConnection": _of(_READ, "edges pageInfo nodes totalCount"),
    "AgentEdge": _of(_READ, "cursor node"),
    "Cluster": _of(_READ, "id name description latestRun runs stats"),
    "ClusterConnection": _of(_READ, "edges pageInfo nodes totalCount"),
    "ClusterEdge": _of(_READ, "cursor node"),
    "Deletion": _of(_READ, "id count by at restorableUntil"),
    "DeletionConnection": _of(_READ, "edges pageInfo nodes totalCount"),
    "DeletionEdge": _of(_READ, "cursor node"),
    "RunStats": _of(
        _READ,
        "total deletableCount byStatus bySource byAgent byCluster successRate durationP50Seconds "
        "durationP95Seconds buckets",
    ),
    "StatusCount": _of(_READ, "status count"),
    "SourceCount": _of(_READ, "source count"),
    "AgentCount": _of(_READ, "agent count"),
    "ClusterCount": _of(_READ, "cluster count"),
    "StatsBucket": _of(_READ, "start byStatus"),
    # ------------------------------------------------------------ what is pushed
    "LogBatch": _of(_READ, "lines endCursor end"),
    "TransitionBatch": _of(_READ, "transitions run endCursor end"),
    "StepTransition": _of(_READ, "from to at attempt step"),
    "RunUpdate": _of(_READ, "kind run deletedRunId"),
    # ------------------------------------------------------------ what mutations answer
    "UserError": _of(_READ, "code message field nodeId"),
    "DeleteRunsPayload": _of(_READ, "deletedRunIds deletion userErrors"),
    "DeleteRunsMatchingPayload": _of(_READ, "deletedCount matchedCount deletion userErrors"),
    "RestoreRunsPayload": _of(_READ, "restoredCount userErrors"),
    "CancelRunsPayload": _of(_READ, "runs userErrors"),
    "ShareReportPayload": _of(_READ, "share url userErrors"),
    "RevokeReportSharePayload": _of(_READ, "share userErrors"),
    "StartRunPayload": _of(_READ, "run created userErrors"),
    "AppendLogsPayload": _of(_READ, "nextOffset endCursor run userErrors"),
    "UpdateStepsPayload": _of(_READ, "steps run userErrors"),
    "ScheduleRetryPayload": _of(_READ, "run userErrors"),
    "StartAttemptPayload": _of(_READ, "run userErrors"),
    "HeartbeatPayload": _of(_READ, "run intervalSeconds userErrors"),
    "ConfirmCancelPayload": _of(_READ, "run userErrors"),
    "CompleteRunPayload": _of(_READ, "run userErrors"),
    "FailRunPayload": _of(_READ, "run userErrors"),
    # ------------------------------------------------------------ the audit
    "AuditEntry": _of(
        Right.ADMINISTER, "id at action by principal via copilotSession count targetIds"
    ),
    "AuditEntryConnection": _of(Right.ADMINISTER, "edges pageInfo nodes totalCount"),
    "AuditEntryEdge": _of(Right.ADMINISTER, "cursor node"),
}

#: Of the schema itself: introspection tells what there is to ask for.
META_FIELDS: Mapping[str, Right] = {"__typename": _OPEN, "__schema": _READ, "__type": _READ}

#: By path of HTTP, as Starlette writes them. `/graphql` asks FIELDS.
ROUTES: Mapping[str, Right] = {
    "/graphql": _OPEN,
    "/healthz": _OPEN,
    "/readyz": _OPEN,
    "/login": _OPEN,
    "/logout": _OPEN,
    "/reports/shared/{token}": _OPEN,
    "/reports/shared/{token}/download.{extension}": _OPEN,
    "/reports/{report_id}": _READ,
    "/reports/{report_id}/download.{extension}": _READ,
    "/": _OPEN,
    "/assets/{file}": _OPEN,
    "/graphiql": _OPEN,
    "/runs": _READ,
    "/agents": _READ,
    "/clusters": _READ,
    "/runs/{run_id}": _READ,
    "/runs/{run_id}/logs": _READ,
    "/runs/{run_id}/steps": _READ,
    "/runs/{run_id}/report": _READ,
    "/runs/{run_id}/attempts": _READ,
    "/runs/{run_id}/plain": _READ,
    "/runs/{run_id}/logs.txt": _READ,
}
