"""Ending a run: what belongs to every end, whoever brings it about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from models.agent import Agent, Cluster
from models.run import Run, search_text_of
from models.run_attempt import RunAttempt
from models.run_change import RunChange
from models.states import RunErrorCode, RunStatus
from models.step import Step
from resolvers.service import Service
from resolvers.step_book import StepBook


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a run failed."""

    code: RunErrorCode
    message: str
    details: str | None = None
    step_key: str | None = None


async def close(
    service: Service,
    change: RunChange,
    status: RunStatus,
    at: datetime | None = None,
    failure: Failure | None = None,
) -> StepBook:
    """End the locked run at `at`, unless told now, but never before it began.

    Steps left open are closed by rule, the attempt ends with the run, and an error becomes part
    of what `search` looks in. Returns the steps as they are then.
    """
    run = change.run
    book = await StepBook.open(service, change)
    named = _named_step(book, failure)
    change.end(status, at or max(change.now, run.started_at))
    if failure is not None:
        await _set_error(change, failure, named)
    book.close(run.completed_at, named)
    await book.save()
    begun = await RunAttempt.get(run_id=run.id, number=run.attempt)
    if begun.ended_at is None:
        ended_at = max(run.completed_at, begun.started_at)
        attempt = RunAttempt.filter(run_id=run.id, number=run.attempt)
        await attempt.update(ended_at=ended_at, failure=failure and failure.message)
    return book


async def cancel(service: Service, change: RunChange) -> None:
    """End the locked run as CANCELLED."""
    await close(service, change, RunStatus.CANCELLED)


def _named_step(book: StepBook, failure: Failure | None) -> Step | None:
    if failure is None or failure.step_key is None:
        return None
    return book.mention(failure.step_key, "error", "stepKey")


async def _set_error(change: RunChange, failure: Failure, step: Step | None) -> None:
    run = change.run
    change.set(
        error_code=failure.code,
        error_message=failure.message,
        error_details=failure.details,
        error_step_id=step.id if step else None,
        search_text=await _search_text(run, failure.message),
    )


async def _search_text(run: Run, error_message: str) -> str:
    agent = await Agent.get(id=run.agent_id)
    cluster = await Cluster.get(id=run.cluster_id)
    return search_text_of(
        run.id,
        agent.name,
        cluster.name,
        run.trigger_name,
        run.trigger_external_id,
        error_message,
    )
