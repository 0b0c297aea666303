"""A run's page: what happened, in plain HTML, where an address of a run leads."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from models.states import ACTIVE, LogLevel, RunErrorCode, RunStatus, StepStatus, TriggerSource
from server.pages import render

#: Of the log, on the page: some screens to see what went on; the plain text has it all.
MAX_PAGE_LINES = 100


class TriggerFacts(TypedDict):
    source: TriggerSource
    name: str
    url: str | None


class AttemptFacts(TypedDict):
    number: int
    started_at: datetime
    ended_at: datetime | None
    failure: str | None


class CancellationFacts(TypedDict):
    by: str
    at: datetime
    reason: str | None


class ErrorFacts(TypedDict):
    code: RunErrorCode
    message: str
    #: The name of the step that failed.
    step: str | None
    details: str | None


class StepFacts(TypedDict):
    name: str
    status: StepStatus
    duration_seconds: float | None
    error_message: str | None


class LineFacts(TypedDict):
    level: LogLevel
    message: str


class RunFacts(TypedDict):
    """All that the page tells of a run. Texts are as the reporter gave them: nothing is trusted."""

    #: The global id.
    id: str
    status: RunStatus
    agent: str
    cluster: str
    trigger: TriggerFacts
    started_at: datetime
    completed_at: datetime | None
    duration_seconds: float | None
    next_attempt_at: datetime | None
    cancellation: CancellationFacts | None
    error: ErrorFacts | None
    #: JSON as text, laid out for reading; empty where there are none.
    inputs: str
    labels: list[tuple[str, str]]
    attempts: list[AttemptFacts]
    steps: list[StepFacts]
    #: The last MAX_PAGE_LINES, oldest first.
    log_lines: list[LineFacts]
    #: Of all its lines.
    last_sequence: int
    #: Of the plain text, without a query.
    log_url: str
    report_url: str | None


def render_run_page(run: RunFacts) -> str:
    """The page as it stands at this moment; it does not reload by itself under a reader's eyes."""
    lines = [{**line, "level": line["level"].name} for line in run["log_lines"]]
    is_active = run["status"] in ACTIVE
    return render("run.html", run={**run, "log_lines": lines, "is_active": is_active})
