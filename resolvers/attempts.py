"""Attempts: a cluster could not be reached, and is tried again."""

from __future__ import annotations

from datetime import datetime, timedelta

from models.instants import format_instant
from models.run import Run
from models.run_attempt import RunAttempt
from models.run_change import RunChange
from models.states import RunStatus
from resolvers.cancel_runs import was_cancelled
from resolvers.closing import cancel
from resolvers.commands import ScheduleRetry
from resolvers.errors import Phrase, invalid
from resolvers.reporter import ended, report, stale
from resolvers.service import Service
from resolvers.step_book import StepBook
from resolvers.text import MAX_SENTENCE, checked
from resolvers.uninterrupted import uninterrupted
from resolvers.viewer import Viewer

#: How far ahead an attempt may be announced: until then nobody misses the reporter.
MAX_RETRY_WAIT = timedelta(days=7)


@uninterrupted
async def schedule_retry(service: Service, viewer: Viewer, told: ScheduleRetry) -> Run:
    """The attempt is over, another follows: RUNNING → RETRYING. Told twice, the first holds.

    Where cancelling was asked for, the run ends at once: a retrying run has nobody to wait for.
    """
    checked(told.reason, ("reason",), most=MAX_SENTENCE)
    _check_wait(told.next_attempt_at, service.clock())
    kept = service.redactor.told(told)

    async def tell(change: RunChange) -> Run:
        run = change.run
        if was_cancelled(run) or run.status is RunStatus.RETRYING:
            return run
        if not run.is_active:
            raise ended(run)
        if run.cancel_requested_at is not None:
            await cancel(service, change)
            return run
        await _close_attempt(run, change.now, kept.reason)
        change.move(RunStatus.RETRYING, change.now)
        change.set(next_attempt_at=told.next_attempt_at)
        return run

    return await report(service, viewer, told.run_id, told.attempt, tell)


@uninterrupted
async def start_attempt(service: Service, viewer: Viewer, run_id: str, number: int) -> Run:
    """Begin attempt `number`; from its commit on every call for an older one is refused.

    A running run may get a new attempt as well: its reporter was replaced. The same number twice
    is fine. Raises Refused: STALE_ATTEMPT for an older number, INVALID for one that leaves a gap.
    """

    async def tell(change: RunChange) -> Run:
        run = change.run
        if number == run.attempt:
            return run
        if number < run.attempt:
            raise stale(run, number, "number")
        if not run.is_active:
            raise ended(run)
        if number != run.attempt + 1:
            raise invalid(("number",), f"the next attempt, {run.attempt + 1}", number)
        await _begin_attempt(service, change)
        return run

    return await report(service, viewer, run_id, number, tell, fenced=False)


def _check_wait(next_attempt_at: datetime | None, now: datetime) -> None:
    if next_attempt_at is not None and next_attempt_at > now + MAX_RETRY_WAIT:
        limit = format_instant(now + MAX_RETRY_WAIT)
        got = Phrase(format_instant(next_attempt_at))
        raise invalid(("nextAttemptAt",), f"a time not after {limit} (7 days ahead)", got)


async def _begin_attempt(service: Service, change: RunChange) -> None:
    run = change.run
    if run.status is RunStatus.RUNNING:
        await _close_attempt(run, change.now, f"attempt {run.attempt + 1} took its place")
    change.set(attempt=run.attempt + 1, next_attempt_at=None)
    if run.status is RunStatus.RETRYING:
        change.move(RunStatus.RUNNING, change.now)
    begun = max(change.now, run.started_at)
    await RunAttempt.create(run_id=run.id, number=run.attempt, started_at=begun)
    book = await StepBook.open(service, change)
    book.reset(change.now)
    await book.save()


async def _close_attempt(run: Run, now: datetime, failure: str) -> None:
    attempt = RunAttempt.filter(run_id=run.id, number=run.attempt)
    begun = await attempt.get()
    await attempt.update(ended_at=max(now, begun.started_at), failure=failure)
