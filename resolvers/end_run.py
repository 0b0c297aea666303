"""completeRun, failRun, confirmCancel: the ends that a reporter tells of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from models.ids import Kind, global_id
from models.instants import format_instant
from models.report import ReportWithSections
from models.run import Run
from models.run_change import RunChange
from models.states import RunStatus
from resolvers.append_logs import MAX_SOURCES
from resolvers.closing import Failure, cancel, close
from resolvers.commands import (
    CompleteRun,
    ConfirmCancel,
    FailRun,
    LogEnd,
    ToldError,
    ToldReport,
)
from resolvers.draw_up_report import drawn_up
from resolvers.errors import Refused, UserErrorCode, counted, invalid
from resolvers.report_document import InvalidReport, check_report, sections_to_json
from resolvers.reporter import checked_time, ended, report
from resolvers.service import Service
from resolvers.step_book import StepBook
from resolvers.text import MAX_DETAILS, MAX_SENTENCE, checked, checked_name, checked_optional
from resolvers.uninterrupted import uninterrupted
from resolvers.viewer import Viewer


@uninterrupted
async def complete_run(service: Service, viewer: Viewer, told: CompleteRun) -> Run:
    """RUNNING → COMPLETED, with a report: the one told, or one drawn up from the run.

    Told twice, the first report stays. Raises Refused: besides what every reporter's call can,
    RUN_ENDED after another end, CONFLICT while retrying, LOGS_MISSING, INVALID for the report.
    """
    if told.report is not None:
        _check_report(told.report)
    kept = service.redactor.told(told)

    async def tell(change: RunChange) -> Run:
        run = change.run
        if _is_told_again(run, RunStatus.COMPLETED):
            return run
        if run.status is RunStatus.RETRYING:
            raise Refused(
                UserErrorCode.CONFLICT,
                f"runId: the run is RETRYING: start attempt {run.attempt + 1} before completing it",
                "runId",
                node_id=global_id(Kind.RUN, run.id),
            )
        _check_log_ends(run, told.attempt, told.log_ends)
        at = _end_time(told.completed_at, change)
        book = await close(service, change, RunStatus.COMPLETED, at)
        await _add_report(service, change, kept.report, book)
        return run

    return await report(service, viewer, told.run_id, told.attempt, tell)


@uninterrupted
async def fail_run(service: Service, viewer: Viewer, told: FailRun) -> Run:
    """RUNNING or RETRYING → FAILED, with the error and the step where it failed."""
    _check_error(told.error)
    failure = _failure(service.redactor.told(told.error))

    async def tell(change: RunChange) -> Run:
        if _is_told_again(change.run, RunStatus.FAILED):
            return change.run
        _check_log_ends(change.run, told.attempt, told.log_ends)
        at = _end_time(told.completed_at, change)
        await close(service, change, RunStatus.FAILED, at, failure)
        return change.run

    return await report(service, viewer, told.run_id, told.attempt, tell)


@uninterrupted
async def confirm_cancel(service: Service, viewer: Viewer, told: ConfirmCancel) -> Run:
    """The reporter has stopped what it was asked to cancel: → CANCELLED."""

    async def tell(change: RunChange) -> Run:
        run = change.run
        if _is_told_again(run, RunStatus.CANCELLED):
            return run
        if run.cancel_requested_at is None:
            raise Refused(
                UserErrorCode.CONFLICT,
                "runId: nobody asked to cancel this run",
                "runId",
                node_id=global_id(Kind.RUN, run.id),
            )
        _check_log_ends(run, told.attempt, told.log_ends)
        await cancel(service, change)
        return run

    return await report(service, viewer, told.run_id, told.attempt, tell)


def _is_told_again(run: Run, status: RunStatus) -> bool:
    """Whether the run ended like this already; RUN_ENDED where it ended otherwise."""
    if run.is_active:
        return False
    if run.status is not status:
        raise ended(run)
    return True


def _check_log_ends(run: Run, attempt: int, log_ends: Sequence[LogEnd]) -> None:
    """The last lines never lose the race against the end: they are stored, or it waits."""
    if len(log_ends) > MAX_SOURCES:
        raise invalid(
            ("logEnds",), f"at most {MAX_SOURCES} sources", counted(len(log_ends), "ends")
        )
    offsets = run.source_offsets()
    for index, log_end in enumerate(log_ends):
        checked_name(log_end.source, "logEnds", str(index), "source")
        if log_end.next_offset < 0:
            field = ("logEnds", str(index), "nextOffset")
            raise invalid(field, "a number from 0", log_end.next_offset)
        stored = offsets.get((attempt, log_end.source), 0)
        if stored < log_end.next_offset:
            raise Refused(
                UserErrorCode.LOGS_MISSING,
                f"logEnds.{index}.nextOffset: expected {stored} or less, which is what source "
                f"{log_end.source!r} has stored; got {log_end.next_offset}: append the rest first",
                "logEnds",
                str(index),
                "nextOffset",
                node_id=global_id(Kind.RUN, run.id),
                next_offset=stored,
            )


def _end_time(completed_at: datetime | None, change: RunChange) -> datetime | None:
    checked_time(completed_at, change.now, "completedAt")
    if completed_at is not None and completed_at < change.run.started_at:
        start = format_instant(change.run.started_at)
        expected = f"a time not before the run's start, {start}"
        raise invalid(("completedAt",), expected, format_instant(completed_at))
    return completed_at


def _check_error(error: ToldError) -> None:
    if error.step_key is not None:
        checked_name(error.step_key, "error", "stepKey")
    checked(error.message, ("error", "message"), most=MAX_SENTENCE, least=1)
    checked_optional(error.details, "error", "details", most=MAX_DETAILS)


def _failure(error: ToldError) -> Failure:
    return Failure(error.code, error.message, error.details, error.step_key)


def _check_report(told: ToldReport) -> None:
    try:
        check_report(told.title, told.summary, told.sections)
    except InvalidReport as error:
        raise invalid(tuple(error.field_path), error.expected, error.got) from error


async def _add_report(
    service: Service, change: RunChange, told: ToldReport | None, book: StepBook
) -> None:
    report_told = told or await drawn_up(change.run, book.steps)
    await ReportWithSections.create(
        id=service.new_id(),
        run_id=change.run.id,
        title=report_told.title,
        summary=report_told.summary,
        sections=sections_to_json(report_told.sections),
        created_at=change.now,
    )
