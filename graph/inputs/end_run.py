from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import strawberry

from graph.enums import RunErrorCode
from graph.inputs.given import given
from graph.inputs.report import ReportInput
from resolvers.commands import CompleteRun, ConfirmCancel, FailRun, LogEnd, ToldError


@strawberry.input(
    description="Up to where a log source was told: LOGS_MISSING until all of it is stored."
)
class LogEndInput:
    source: str
    next_offset: int = strawberry.field(description="One more than the last line's offset.")

    def plain(self) -> LogEnd:
        return LogEnd(self.source, self.next_offset)


@strawberry.input(description="Why the run failed.")
class RunErrorInput:
    code: RunErrorCode | None = RunErrorCode.AGENT_ERROR
    message: str
    step_key: str | None = strawberry.field(default=None, description="The step that failed.")
    details: str | None = None

    def plain(self) -> ToldError:
        return ToldError(
            message=self.message,
            code=given(self.code, RunErrorCode.AGENT_ERROR),
            step_key=self.step_key,
            details=self.details,
        )


@strawberry.input
class CompleteRunInput:
    run_id: strawberry.ID
    attempt: int | None = 1
    report: ReportInput | None = strawberry.field(
        default=None, description="Absent: one is drawn up from the run."
    )
    completed_at: datetime | None = strawberry.field(default=None, description="Absent: now.")
    log_ends: list[LogEndInput] | None = None

    def plain(self) -> CompleteRun:
        return CompleteRun(
            run_id=self.run_id,
            attempt=given(self.attempt, 1),
            report=None if self.report is None else self.report.plain(),
            completed_at=self.completed_at,
            log_ends=_log_ends(self.log_ends),
        )


@strawberry.input
class FailRunInput:
    run_id: strawberry.ID
    attempt: int | None = 1
    error: RunErrorInput
    completed_at: datetime | None = strawberry.field(default=None, description="Absent: now.")
    log_ends: list[LogEndInput] | None = None

    def plain(self) -> FailRun:
        return FailRun(
            run_id=self.run_id,
            attempt=given(self.attempt, 1),
            error=self.error.plain(),
            completed_at=self.completed_at,
            log_ends=_log_ends(self.log_ends),
        )


@strawberry.input
class ConfirmCancelInput:
    run_id: strawberry.ID
    attempt: int | None = 1
    log_ends: list[LogEndInput] | None = None

    def plain(self) -> ConfirmCancel:
        return ConfirmCancel(
            run_id=self.run_id,
            attempt=given(self.attempt, 1),
            log_ends=_log_ends(self.log_ends),
        )


def _log_ends(ends: Iterable[LogEndInput] | None) -> tuple[LogEnd, ...]:
    return tuple(end.plain() for end in ends or ())
