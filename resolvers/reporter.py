"""What every call of a reporter has in common: the run, its attempt, its transaction, its echo."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from tortoise.expressions import F

from models.ids import Kind, MalformedId, global_id, parse_id_of
from models.instants import format_instant
from models.run import Run
from models.run_change import RunChange
from models.states import ACTIVE
from models.transactions import transact
from models.visibility import Scope, is_visible, visible_runs
from resolvers.errors import Forbidden, Refused, UserErrorCode, invalid
from resolvers.service import Service
from resolvers.viewer import Viewer

T = TypeVar("T")

#: How far a reporter's clock may run ahead of ours.
CLOCK_SKEW = timedelta(minutes=5)

#: What a reporter's call does with the locked run; run again where the database faltered.
Tell = Callable[[RunChange], Awaitable[T]]


async def report(
    service: Service,
    viewer: Viewer,
    run_id: str,
    attempt: int,
    tell: Tell[T],
    *,
    fenced: bool = True,
) -> T:
    """Lock the run, see that it is the viewer's and the attempt the current one; `tell` changes it.

    An active run hears every call as a sign of life. What changed is published after the commit.
    Raises Refused: INVALID, NOT_FOUND, STALE_ATTEMPT, and what `tell` raises; Forbidden where
    another reporter started the run. Then nothing is done.
    """
    key = parse_run_id(run_id)

    async def body() -> tuple[RunChange, T]:
        change = await locked(viewer.scope, key, service.clock())
        check_owner(viewer, change.run)
        if fenced:
            check_attempt(change.run, attempt)
        if change.run.is_active:
            change.hear()
        answer = await tell(change)
        await change.save()
        return change, answer

    try:
        change, answer = await transact(body)
    except Refused:
        await _hear_refused(viewer.scope, key, attempt, service.clock())
        raise
    service.hub.publish(key, revision=change.run.revision, listed=change.listed)
    return answer


async def _hear_refused(scope: Scope, key: UUID, attempt: int, now: datetime) -> None:
    """A refused call changes nothing, but is a sign of life of the current attempt's reporter.

    Another's run does not come this far: Forbidden says so, or the scope does not show it.
    """
    run = visible_runs(scope).filter(
        id=key, attempt=attempt, status__in=ACTIVE, last_heard_at__lt=now
    )
    await transact(lambda: run.update(last_heard_at=now, revision=F("revision") + 1))


async def locked(scope: Scope, key: UUID, now: datetime, *field: str) -> RunChange:
    """The run, visible and locked, or NOT_FOUND."""
    await check_in_scope(scope, key, *field)
    change = await RunChange.lock(key, now)
    if change is None or not is_visible(change.run):
        raise not_found(Kind.RUN, key, *(field or ("runId",)))
    return change


async def check_in_scope(scope: Scope, key: UUID, *field: str) -> None:
    """NOT_FOUND for a run that the scope does not show. It never changes: no lock is needed."""
    if not scope.is_everything and not await visible_runs(scope).filter(id=key).exists():
        raise not_found(Kind.RUN, key, *(field or ("runId",)))


def check_owner(viewer: Viewer, run: Run) -> None:
    """Refuse a reporter that tells of a run which another one started. Raises Forbidden."""
    if not viewer.owns(run.principal):
        raise Forbidden("runId: the run was started by another reporter")


def not_found(kind: Kind, key: UUID, *field: str) -> Refused:
    """The refusal of a well-formed id of nothing: it never was, or was deleted."""
    return Refused(
        UserErrorCode.NOT_FOUND,
        f"{'.'.join(field)}: there is no {kind} {global_id(kind, key)}",
        *field,
        node_id=global_id(kind, key),
    )


def parse_run_id(text: str, *field: str) -> UUID:
    """The run's key, or INVALID."""
    return parse_key(Kind.RUN, text, *(field or ("runId",)))


def parse_key(kind: Kind, text: str, *field: str) -> UUID:
    """The key in a global id of one kind, or INVALID."""
    try:
        return parse_id_of(kind, text)
    except MalformedId as error:
        raise Refused(UserErrorCode.INVALID, f"{'.'.join(field)}: {error}", *field) from error


def check_attempt(run: Run, attempt: int) -> None:
    """Refuse a reporter that speaks for another attempt than the current one."""
    if attempt < run.attempt:
        raise stale(run, attempt, "attempt")
    if attempt > run.attempt:
        raise invalid(("attempt",), f"the current attempt, {run.attempt}", attempt)


def stale(run: Run, attempt: int, *field: str) -> Refused:
    """The refusal of an attempt that has a successor."""
    return Refused(
        UserErrorCode.STALE_ATTEMPT,
        f"{'.'.join(field)}: expected the current attempt, {run.attempt}; {attempt} is over",
        *field,
        node_id=global_id(Kind.RUN, run.id),
    )


def ended(run: Run, *field: str) -> Refused:
    """The refusal of a change to a run that has ended: tells how and why it did."""
    why = f": {run.error_code}: {run.error_message}" if run.error_code else ""
    return Refused(
        UserErrorCode.RUN_ENDED,
        f"the run ended at {format_instant(run.completed_at)} as {run.status}{why}",
        *(field or ("runId",)),
        node_id=global_id(Kind.RUN, run.id),
        run=run,
    )


def checked_time(at: datetime | None, now: datetime, *field: str) -> datetime | None:
    """A reporter's time, unless it lies further ahead than clocks may differ."""
    if at is not None and at > now + CLOCK_SKEW:
        limit = format_instant(now + CLOCK_SKEW)
        raise invalid(field, f"a time not after {limit} (5 minutes ahead)", format_instant(at))
    return at
