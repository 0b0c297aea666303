"""What mutations are told: their inputs as plain data, before any check.

Ids are the clients' texts. Absent and null are told apart by UNSET where that has a meaning. Texts
are redacted (resolvers/redaction.py), unless they are marked as something else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Annotated, Final, NamedTuple, TypeAlias

from models.states import (
    AgentKind,
    LogLevel,
    LogStream,
    RunErrorCode,
    StepStatus,
    TriggerSource,
)
from resolvers.report_document import Section


class Unset(Enum):
    """The type of UNSET: an input field that was not given at all."""

    UNSET = "UNSET"


UNSET: Final = Unset.UNSET


class Kept(Enum):
    """What a text is, other than free text."""

    #: It names something: what it names would not be found by anything else.
    AS_NAME = "name"
    AS_JSON = "JSON"
    AS_LABELS = "labels"


#: An id, a key, the name of an agent, a cluster or a source of log lines.
Name: TypeAlias = Annotated[str, Kept.AS_NAME]
#: JSON as text, checked for depth and size by the scalar.
Json: TypeAlias = Annotated[str, Kept.AS_JSON]
#: (name, value) pairs.
Labels: TypeAlias = Annotated[tuple[tuple[str, str], ...], Kept.AS_LABELS]


@dataclass(frozen=True, slots=True)
class NewStep:
    key: Name
    name: str | None = None
    parent_key: Name | None = None


@dataclass(frozen=True, slots=True)
class StartRun:
    agent_name: Name
    cluster: Name
    trigger_source: TriggerSource
    trigger_name: str
    agent_kind: AgentKind | None = None
    agent_description: str | None = None
    trigger_url: str | None = None
    trigger_external_id: str | None = None
    inputs: Json = "{}"
    labels: Labels = ()
    steps: tuple[NewStep, ...] = ()
    started_at: datetime | None = None
    idempotency_key: Name | None = None


class ToldLine(NamedTuple):
    """A tuple, since it is made a thousand times in a call: a frozen dataclass takes far longer."""

    message: str
    at: datetime | None = None
    level: LogLevel = LogLevel.INFO
    stream: LogStream = LogStream.STDOUT
    step_key: str | None = None


@dataclass(frozen=True, slots=True)
class AppendLogs:
    run_id: Name
    offset: int
    lines: tuple[ToldLine, ...]
    attempt: int = 1
    source: Name = "main"


@dataclass(frozen=True, slots=True)
class StepUpdate:
    """What is absent stays as it is; null clears `name`'s own value, parent, output and error."""

    key: Name
    name: str | Unset | None = UNSET
    parent_key: Name | Unset | None = UNSET
    status: StepStatus | Unset | None = UNSET
    output: Json | Unset | None = UNSET
    error_message: str | Unset | None = UNSET
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class UpdateSteps:
    run_id: Name
    steps: tuple[StepUpdate, ...]
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class ScheduleRetry:
    run_id: Name
    reason: str
    attempt: int = 1
    next_attempt_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LogEnd:
    source: Name
    next_offset: int


@dataclass(frozen=True, slots=True)
class ToldReport:
    title: str
    summary: str = ""
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True)
class ToldError:
    message: str
    code: RunErrorCode = RunErrorCode.AGENT_ERROR
    step_key: Name | None = None
    details: str | None = None


@dataclass(frozen=True, slots=True)
class CompleteRun:
    run_id: Name
    attempt: int = 1
    report: ToldReport | None = None
    completed_at: datetime | None = None
    log_ends: tuple[LogEnd, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class FailRun:
    run_id: Name
    error: ToldError
    attempt: int = 1
    completed_at: datetime | None = None
    log_ends: tuple[LogEnd, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class ConfirmCancel:
    run_id: Name
    attempt: int = 1
    log_ends: tuple[LogEnd, ...] = field(default=())
