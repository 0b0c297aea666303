"""cancelRuns: ask runs to stop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from models.audit_entry import AuditAction
from models.run import Run
from models.run_change import RunChange
from models.states import RunStatus
from models.transactions import transact
from resolvers.audit import record
from resolvers.closing import cancel
from resolvers.errors import Refused, UserError
from resolvers.reporter import ended, locked, parse_run_id
from resolvers.service import Service
from resolvers.text import MAX_SENTENCE, checked_optional
from resolvers.uninterrupted import uninterrupted
from resolvers.viewer import Viewer


@dataclass(frozen=True, slots=True)
class CancelledRuns:
    #: Those that were asked, now or before, in the order given.
    runs: list[Run] = field(default_factory=list)
    #: One for each id that was not.
    errors: list[UserError] = field(default_factory=list)


@uninterrupted
async def cancel_runs(
    service: Service, viewer: Viewer, ids: Sequence[str], reason: str | None
) -> CancelledRuns:
    """Ask each run to stop; the reporter hears of it with its next answer and confirms.

    One by one: an id that is wrong keeps no other from going through. A run that is retrying has
    no reporter to wait for and ends at once. Asked twice, the first asking stays.
    """
    checked_optional(reason, "reason", most=MAX_SENTENCE)
    kept = None if reason is None else service.redactor.text(reason)
    answer = CancelledRuns()
    for index, text in first_mentions(ids):
        try:
            answer.runs.append(await _cancel(service, viewer, text, index, kept))
        except Refused as refused:
            answer.errors.append(refused.error)
    return answer


def was_cancelled(run: Run) -> bool:
    """Whether the run has ended as it was asked to: asking again is asking twice."""
    return run.status is RunStatus.CANCELLED and run.cancel_requested_at is not None


def first_mentions(ids: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Each id once, with the index at which it stands first."""
    seen: set[str] = set()
    for index, text in enumerate(ids):
        if text not in seen:
            seen.add(text)
            yield index, text


async def _cancel(
    service: Service, viewer: Viewer, text: str, index: int, reason: str | None
) -> Run:
    key = parse_run_id(text, "ids", str(index))
    call = service.new_id()

    async def body() -> RunChange:
        change = await locked(viewer.scope, key, service.clock(), "ids", str(index))
        if was_cancelled(change.run):
            return change
        if not change.run.is_active:
            raise ended(change.run, "ids", str(index))
        if change.run.cancel_requested_at is None:
            change.set(
                cancel_requested_by=viewer.name,
                cancel_requested_at=change.now,
                cancel_reason=reason,
            )
            await record(service, viewer, AuditAction.CANCEL_RUNS, [key], call)
        if change.run.status is RunStatus.RETRYING:
            await cancel(service, change)
        await change.save()
        return change

    change = await transact(body)
    service.hub.publish(key, revision=change.run.revision, listed=change.listed)
    return change.run
