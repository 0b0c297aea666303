"""Runs whose reporter fell silent, and runs whose reporter did not confirm that it stopped."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

from tortoise.expressions import Q

from models.hearing import Hearing
from models.instants import format_instant
from models.run import keys_of
from models.run_change import RunChange
from models.states import ACTIVE, RunErrorCode, RunStatus
from models.transactions import transact
from models.visibility import EVERYTHING, is_visible, visible_runs
from resolvers.closing import Failure, cancel, close
from resolvers.service import Service

#: Runs that one round ends: the next round goes on.
ROUND = 200
#: How often a serving process says that it can hear, and the pause after which it could not.
HEARING_EVERY = timedelta(seconds=5)
HEARING_GAP = timedelta(seconds=20)


async def hear(service: Service) -> None:
    """A serving process says that reporters can reach it. After a gap hearing begins anew."""

    async def body() -> None:
        now = service.clock()
        first = Hearing(id=1, since=now, until=now)
        await Hearing.bulk_create([first], ignore_conflicts=True)
        heard = Hearing.filter(id=1)
        await heard.filter(until__lt=now - HEARING_GAP).update(since=now)
        await heard.filter(until__lt=now).update(until=now)

    await transact(body)


async def fail_lost_runs(service: Service) -> int:
    """End as FAILED, code LOST, active runs that were silent for longer than the policy allows.

    Silence counts only while it could have been broken: from when the service began to hear
    without a gap, from the run's last sign of life, and from when a retry was due. How many ended.
    """
    now = service.clock()
    since = await _heard_since(now)
    if since is None or now - since < service.policy.silence:
        return 0
    limit = now - service.policy.silence
    is_due = Q(next_attempt_at__isnull=True) | Q(next_attempt_at__lt=limit)
    silent = visible_runs(EVERYTHING).filter(is_due, status__in=ACTIVE, last_heard_at__lt=limit)
    keys = await keys_of(silent.order_by("last_heard_at").limit(ROUND))
    return sum([await _end(service, key, _fail_if_silent(service, limit)) for key in keys])


async def _heard_since(now: datetime) -> datetime | None:
    """Since when reporters could be heard without a gap; None where they cannot be now."""
    hearing = await Hearing.filter(id=1).first()
    return hearing.since if hearing and hearing.until >= now - HEARING_GAP else None


def _fail_if_silent(service: Service, limit: datetime) -> Callable[[RunChange], Awaitable[None]]:
    async def tell(change: RunChange) -> None:
        run = change.run
        due = run.next_attempt_at or run.last_heard_at
        if run.last_heard_at >= limit or due >= limit:
            return
        message = (
            f"the reporter was last heard at {format_instant(run.last_heard_at)}, "
            f"longer ago than {service.policy.silence.total_seconds():g} s"
        )
        failure = Failure(RunErrorCode.LOST, message)
        await close(service, change, RunStatus.FAILED, failure=failure)

    return tell


async def end_unconfirmed_cancels(service: Service) -> int:
    """End as CANCELLED runs that were asked to stop longer ago than the grace. How many ended."""
    limit = service.clock() - service.policy.cancel_grace
    overdue = visible_runs(EVERYTHING).filter(status__in=ACTIVE, cancel_requested_at__lt=limit)
    keys = await keys_of(overdue.limit(ROUND))

    async def tell(change: RunChange) -> None:
        if change.run.cancel_requested_at is not None:
            await cancel(service, change)

    return sum([await _end(service, key, tell) for key in keys])


async def _end(service: Service, key: UUID, tell: Callable[[RunChange], Awaitable[None]]) -> bool:
    """Let `tell` end the run, unless it ended, or was deleted, since it was found."""

    async def body() -> RunChange | None:
        change = await RunChange.lock(key, service.clock())
        if change is None or not is_visible(change.run) or not change.run.is_active:
            return None
        await tell(change)
        await change.save()
        return change

    change = await transact(body)
    if change is None:
        return False
    service.hub.publish(key, revision=change.run.revision, listed=change.listed)
    return not change.run.is_active
