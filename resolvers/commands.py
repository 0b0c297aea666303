"""What mutations are told: their inputs as plain data, before any check.

Ids are the clients' texts. Absent and null are told apart by UNSET where that has a meaning.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Final, NamedTuple

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


@dataclass(frozen=True, slots=True)
class NewStep:
    key: str
    name: str | None = None
    parent_key: str | None = None


@dataclass(frozen=True, slots=True)
class StartRun:
    agent_name: str
    cluster: str
    trigger_source: TriggerSource
    trigger_name: str
    agent_kind: AgentKind | None = None
    agent_description: str | None = None
    trigger_url: str | None = None
    trigger_external_id: str | None = None
    #: JSON as text, checked for depth and size by the scalar.
    inputs: str = "{}"
    labels: tuple[tuple[str, str], ...] = ()
    steps: tuple[NewStep, ...] = ()
    started_at: datetime | None = None
    idempotency_key: str | None = None


class ToldLine(NamedTuple):
    """A tuple, since it is made a thousand times in a call: a frozen dataclass takes far longer."""

    message: str
    at: datetime | None = None
    level: LogLevel = LogLevel.INFO
    stream: LogStream = LogStream.STDOUT
    step_key: str | None = None


@dataclass(frozen=True, slots=True)
class AppendLogs:
    run_id: str
    offset: int
    lines: tuple[ToldLine, ...]
    attempt: int = 1
    source: str = "main"


@dataclass(frozen=True, slots=True)
class StepUpdate:
    """What is absent stays as it is; null clears `name`'s own value, parent, output and error."""

    key: str
    name: str | Unset | None = UNSET
    parent_key: str | Unset | None = UNSET
    status: StepStatus | Unset | None = UNSET
    #: JSON as text.
    output: str | Unset | None = UNSET
    error_message: str | Unset | None = UNSET
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class UpdateSteps:
    run_id: str
    steps: tuple[StepUpdate, ...]
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class ScheduleRetry:
    run_id: str
    reason: str
    attempt: int = 1
    next_attempt_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LogEnd:
    source: str
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
    step_key: str | None = None
    details: str | None = None


@dataclass(frozen=True, slots=True)
class CompleteRun:
    run_id: str
    attempt: int = 1
    report: ToldReport | None = None
    completed_at: datetime | None = None
    log_ends: tuple[LogEnd, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class FailRun:
    run_id: str
    error: ToldError
    attempt: int = 1
    completed_at: datetime | None = None
    log_ends: tuple[LogEnd, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class ConfirmCancel:
    run_id: str
    attempt: int = 1
    log_ends: tuple[LogEnd, ...] = field(default=())
