"""The enums of the inner rooms, as clients see them: registered with their descriptions.

They are the very classes of the inner rooms; importing them from here makes sure that GraphQL
knows them.
"""

from __future__ import annotations

from enum import Enum

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition

from live.ends import StreamEnd
from live.follow_runs import RunUpdateKind
from models.audit_entry import AuditAction
from models.states import (
    AgentKind,
    LogLevel,
    LogStream,
    RunErrorCode,
    RunStatus,
    StepStatus,
    TriggerSource,
)
from resolvers.addresses import ReportFormat
from resolvers.errors import UserErrorCode
from resolvers.run_order import OrderDirection, RunOrderField
from resolvers.run_stats import BucketSize
from resolvers.viewer import Role

__all__ = [
    "AgentKind",
    "AuditAction",
    "BucketSize",
    "LogLevel",
    "LogStream",
    "OrderDirection",
    "ReportFormat",
    "Role",
    "RunErrorCode",
    "RunOrderField",
    "RunStatus",
    "RunUpdateKind",
    "StepStatus",
    "StreamEnd",
    "TriggerSource",
    "UserErrorCode",
]


def describe(enum: type[Enum], description: str, **values: str) -> None:
    """Register an enum; `values` describes its members by name."""
    strawberry.enum(enum, description=description)
    definition: StrawberryEnumDefinition = enum.__strawberry_definition__  # type: ignore[attr-defined]
    for value in definition.values:
        value.description = values.get(value.name)


describe(
    AuditAction,
    "What was done.",
    DELETE_RUNS="They can be restored for a while.",
    PURGE_RUNS="Removed for good, by the service, once their grace was over.",
    CANCEL_RUNS="Asked to stop.",
)
describe(
    RunStatus,
    "Where a run stands. Ended is ended: COMPLETED, FAILED and CANCELLED are never left.",
    RUNNING="Its agent is at work, as far as its reporter tells.",
    RETRYING="The target cluster could not be reached; the next attempt follows by itself.",
    COMPLETED="It did what it was to do, and has a report.",
    FAILED="It ended with an error.",
    CANCELLED="It was asked to stop, and did.",
)
describe(
    StepStatus,
    "Where a step stands.",
    PENDING="It has not begun in the current attempt.",
    SKIPPED="It will not run: the run ended first, or the workflow passed it by.",
    CANCELLED="It was under way when the run was cancelled or failed elsewhere.",
)
describe(
    TriggerSource,
    "What kind of thing began a run.",
    MANUAL="A user.",
    SCHEDULE="A schedule.",
    COPILOT="A Copilot session.",
    WEBHOOK="A webhook.",
    EVENT="An event.",
)
describe(
    AgentKind,
    "Whether an agent works in steps.",
    TASK="It does one thing, without steps.",
    WORKFLOW="It works in steps. An agent becomes one when a step of it is first told of.",
)
describe(LogLevel, "How much a log line matters, the least first.")
describe(
    LogStream,
    "Where a log line came from.",
    SYSTEM="The reporter itself, not the agent's program.",
)
describe(
    RunErrorCode,
    "Why a run failed.",
    AGENT_ERROR="The agent told of an error.",
    CLUSTER_UNREACHABLE="The target cluster could not be reached, and no attempt is left.",
    LOST="The reporter has been silent for too long.",
    TIMED_OUT="It took longer than it may.",
)
describe(
    RunOrderField,
    "What runs are ordered by.",
    COMPLETED_AT="Active runs, which have no end yet, come first in DESC and last in ASC.",
    DURATION="Active runs, whose duration is open, come first in DESC and last in ASC.",
)
describe(OrderDirection, "Which end comes first.")
describe(BucketSize, "How long a bucket of statistics is. A week begins on Monday.")
describe(ReportFormat, "What a report can be downloaded as.")
describe(
    Role,
    "What a viewer may do. Everybody reads.",
    VIEWER="Read.",
    REPORTER="Read, and tell of runs: for agents.",
    OPERATOR="Read, cancel, delete, restore and share: for people.",
    ADMIN="Everything.",
)
describe(
    UserErrorCode,
    "What the state of data does not allow.",
    NOT_FOUND="It never was, is deleted, or is not yours.",
    INVALID="A value that cannot be, such as a malformed id.",
    CONFLICT="Something else is there already.",
    RUN_ENDED="The run has ended, and ended is ended.",
    RUN_ACTIVE="The run is still active.",
    STALE_ATTEMPT="The call speaks for an attempt that has a successor: its reporter was replaced.",
    OFFSET_GAP="Lines before this offset are missing; `nextOffset` says which is expected.",
    OFFSET_CONFLICT="This offset holds another line already.",
    LOGS_MISSING="Lines that are told to exist are not stored yet: send them, then tell the end.",
    COUNT_CHANGED="Another number of runs matches now; nothing was done.",
)
describe(
    StreamEnd,
    "Why a stream of a run ended for good.",
    RUN_ENDED="The run ended, and all that it left was sent.",
    RUN_DELETED="The run was deleted.",
)
describe(
    RunUpdateKind,
    "What happened to a run, as seen through a filter.",
    RESET="Whatever was known is out of date: fetch the list anew.",
    ENTERED="It matches now.",
    CHANGED="It still matches, and something that lists show has changed.",
    LEFT="It matches no more.",
    DELETED="It was deleted.",
)
