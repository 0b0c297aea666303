"""deleteRuns, deleteRunsMatching, restoreRuns: the first of deletion's two steps, and its undoing.

Marking a run takes it from every reader and every link at once; resolvers/purge.py removes the
rows after a grace, in which it can be restored.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from tortoise.expressions import Case, F, When
from tortoise.queryset import QuerySet

from models.audit_entry import AuditAction
from models.deletion import Deletion
from models.ids import Kind, global_id
from models.instants import to_micros
from models.run import Run, keys_of
from models.run_change import LostRace
from models.states import ACTIVE, ENDED
from models.transactions import transact
from models.visibility import EVERYTHING, visible_runs
from resolvers.audit import record
from resolvers.cancel_runs import first_mentions
from resolvers.errors import Phrase, Refused, UserError, UserErrorCode, counted, invalid
from resolvers.in_scope import deletions_in
from resolvers.reporter import not_found, parse_key, parse_run_id
from resolvers.run_filter import RunFilter, filtered
from resolvers.service import Service
from resolvers.uninterrupted import uninterrupted
from resolvers.viewer import Viewer

#: Runs that one UPDATE marks: well below the 32,766 parameters that either database takes.
BATCH = 5_000
#: Ids in one call.
MAX_IDS = 1_000


@dataclass(frozen=True, slots=True)
class DeletedRuns:
    run_ids: list[UUID]
    #: None where nothing was deleted.
    deletion: Deletion | None
    #: One for each id that was not deleted.
    errors: list[UserError] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DeletedMatching:
    deleted_count: int
    matched_count: int
    deletion: Deletion | None
    errors: list[UserError] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RestoredRuns:
    count: int
    errors: list[UserError] = field(default_factory=list)


@uninterrupted
async def delete_runs(
    service: Service, viewer: Viewer, ids: Sequence[str], force: bool
) -> DeletedRuns:
    """Delete the runs named. Those that cannot be are told of; the others go all the same."""
    _check_count(ids)
    errors: list[UserError] = []
    wanted = dict(_parsed(ids, errors))
    deletion_id = service.new_id()

    async def body() -> DeletedRuns:
        refused = list(errors)
        done = await _marked_before(deletion_id)
        runs = (
            await visible_runs(viewer.scope)
            .filter(id__in=wanted)
            .order_by("id")
            .select_for_update()
        )
        found = {run.id: run for run in runs}
        keys = []
        for key, index in wanted.items():
            error = _deletion_error(found.get(key), key, index, force)
            if error and key not in done:
                refused.append(error)
            else:
                keys.append(key)
        now = service.clock()
        await _mark([key for key in keys if key not in done], deletion_id, now)
        deletion = await _record(service, viewer, deletion_id, keys, now)
        return DeletedRuns(keys, deletion, refused)

    answer = await transact(body)
    _publish(service, answer.run_ids)
    return answer


def _check_count(ids: Sequence[str]) -> None:
    if len(ids) > MAX_IDS:
        raise invalid(("ids",), f"at most {MAX_IDS} ids", counted(len(ids), "ids"))


def _parsed(ids: Sequence[str], errors: list[UserError]) -> Iterator[tuple[UUID, int]]:
    """The keys in the ids, each with its index; an error for each that is malformed."""
    for index, text in first_mentions(ids):
        try:
            yield parse_run_id(text, "ids", str(index)), index
        except Refused as refused:
            errors.append(refused.error)


def _deletion_error(run: Run | None, key: UUID, index: int, force: bool) -> UserError | None:
    path = ("ids", str(index))
    if run is None:
        return not_found(Kind.RUN, key, *path).error
    if run.is_active and not force:
        message = f"ids.{index}: the run is {run.status}: cancel it first, or delete it by force"
        return UserError(UserErrorCode.RUN_ACTIVE, message, path, global_id(Kind.RUN, key))
    return None


@uninterrupted
async def delete_runs_matching(
    service: Service, viewer: Viewer, run_filter: RunFilter, expected_count: int, force: bool
) -> DeletedMatching:
    """Delete every run that matches, if they are as many as the caller saw.

    Only ended ones unless forced. COUNT_CHANGED, and nothing deleted, where the number differs. On
    SQLite everybody else waits meanwhile: some seconds for 20,000 runs.
    """
    if run_filter.is_empty:
        raise invalid(("filter",), "a filter that names something", Phrase("an empty one"))
    deletion_id = service.new_id()

    async def body() -> tuple[DeletedMatching, list[UUID]]:
        if done := await _marked_before(deletion_id):
            before = await Deletion.get(id=deletion_id)
            return DeletedMatching(len(done), len(done), before), list(done)
        now = service.clock()
        query = await filtered(viewer.scope, run_filter)
        matching = query if force else query.filter(status__in=ENDED)
        matched = await matching.count()
        if matched != expected_count:
            return DeletedMatching(0, matched, None, [_count_changed(expected_count, matched)]), []
        keys = await _mark_all(matching, deletion_id, now)
        if len(keys) != matched:
            raise LostRace("the matching runs changed while they were counted")
        deletion = await _record(service, viewer, deletion_id, keys, now)
        return DeletedMatching(matched, matched, deletion), keys

    answer, keys = await transact(body)
    _publish(service, keys)
    return answer


def _count_changed(expected: int, matched: int) -> UserError:
    message = (
        f"expectedCount: expected {matched}, the number of runs that match now, got {expected}"
    )
    return UserError(UserErrorCode.COUNT_CHANGED, message, ("expectedCount",))


async def _mark_all(matching: QuerySet[Run], deletion_id: UUID, now: datetime) -> list[UUID]:
    """Mark all in batches along their ids; the keys of those marked."""
    marked: list[UUID] = []
    while batch := await _next_batch(matching, marked[-1] if marked else None):
        if await _mark(batch, deletion_id, now) != len(batch):
            raise LostRace("the matching runs changed while they were deleted")
        marked += batch
    return marked


async def _next_batch(matching: QuerySet[Run], after: UUID | None) -> list[UUID]:
    rest = matching if after is None else matching.filter(id__gt=after)
    return await keys_of(rest.order_by("id").limit(BATCH))


async def _mark(keys: Sequence[UUID], deletion_id: UUID, now: datetime) -> int:
    """The one UPDATE from whose commit on the runs are gone for every reader."""
    if not keys:
        return 0
    return await _update(visible_runs(EVERYTHING).filter(id__in=keys), now, now, deletion_id)


async def _update(
    runs: QuerySet[Run], now: datetime, deleted_at: datetime | None, deletion_id: UUID | None
) -> int:
    # models.run_change.next_change in SQL. `then` takes any constant, unlike its annotation.
    later = When(changed_at__lt=now, then=to_micros(now))  # type: ignore[arg-type]
    changed_at = Case(later, default=F("changed_at") + 1)
    # While it was deleted its reporter was told that there is no such run: it gets its time again.
    active = When(status__in=ACTIVE, then=to_micros(now))  # type: ignore[arg-type]
    heard_at = Case(active, default=F("last_heard_at"))
    return await runs.update(
        deleted_at=deleted_at,
        deletion_id=deletion_id,
        revision=F("revision") + 1,
        changed_at=changed_at,
        last_heard_at=heard_at,
    )


async def _marked_before(deletion_id: UUID) -> set[UUID]:
    """The runs that an earlier try of this very call deleted, its commit's answer being lost."""
    return set(await keys_of(Run.filter(deletion_id=deletion_id)))


async def _record(
    service: Service, viewer: Viewer, deletion_id: UUID, keys: Sequence[UUID], now: datetime
) -> Deletion | None:
    """The deletion's own row, by which it can be undone; none where nothing was deleted."""
    if not keys:
        return None
    await record(service, viewer, AuditAction.DELETE_RUNS, keys, call=deletion_id)
    row = Deletion(
        id=deletion_id,
        count=len(keys),
        by=viewer.name,
        at=now,
        restorable_until=now + service.policy.delete_grace,
    )
    await Deletion.bulk_create([row], ignore_conflicts=True)
    return await Deletion.get(id=deletion_id)


def _publish(service: Service, keys: Sequence[UUID]) -> None:
    for key in keys:
        service.hub.publish(key, revision=None, listed=True)


@uninterrupted
async def restore_runs(
    service: Service, viewer: Viewer, deletion_id: str | None, ids: Sequence[str] | None
) -> RestoredRuns:
    """Undo a deletion, or that of single runs, as long as they are not purged."""
    if deletion_id is not None:
        key = parse_key(Kind.DELETION, deletion_id, "deletionId")
        return await _restore_deletion(service, viewer, key)
    _check_count(ids or ())
    return await _restore_ids(service, viewer, ids or ())


async def _restore_deletion(service: Service, viewer: Viewer, key: UUID) -> RestoredRuns:
    tried: list[UUID] = []
    call = service.new_id()

    async def body() -> list[UUID]:
        if not await deletions_in(viewer.scope).filter(id=key).exists():
            return tried
        restored = await _restore(Run.filter(deletion_id=key), tried, service.clock())
        await record(service, viewer, AuditAction.RESTORE_RUNS, restored, call)
        return restored

    keys = await transact(body)
    if not keys:
        raise not_found(Kind.DELETION, key, "deletionId")
    _publish(service, keys)
    return RestoredRuns(len(keys))


async def _restore_ids(service: Service, viewer: Viewer, ids: Sequence[str]) -> RestoredRuns:
    errors: list[UserError] = []
    wanted = dict(_parsed(ids, errors))
    tried: list[UUID] = []
    call, scope = service.new_id(), viewer.scope

    async def body() -> tuple[list[UUID], list[UserError]]:
        visible = set(await keys_of(visible_runs(scope).filter(id__in=wanted)))
        restored = await _restore(
            Run.filter(scope.condition(), id__in=wanted), tried, service.clock()
        )
        await record(service, viewer, AuditAction.RESTORE_RUNS, restored, call)
        missing = wanted.keys() - restored
        return restored, errors + [
            _restore_error(key, index, is_visible=key in visible)
            for key, index in wanted.items()
            if key in missing
        ]

    keys, errors_told = await transact(body)
    _publish(service, keys)
    return RestoredRuns(len(keys), errors_told)


def _restore_error(key: UUID, index: int, *, is_visible: bool) -> UserError:
    path = ("ids", str(index))
    if not is_visible:
        return not_found(Kind.RUN, key, *path).error
    message = f"ids.{index}: the run is not deleted"
    return UserError(UserErrorCode.CONFLICT, message, path, global_id(Kind.RUN, key))


async def _restore(runs: QuerySet[Run], tried: list[UUID], now: datetime) -> list[UUID]:
    """Take the marks away; the keys of those that had one. A run that is being purged has none.

    `tried` is what an earlier try restored: where its commit's answer was lost it holds the answer.
    """
    deleted = runs.filter(deletion_id__isnull=False)
    restored: list[UUID] = []
    while batch := await _next_batch(deleted, restored[-1] if restored else None):
        locked = Run.filter(id__in=batch, deletion_id__isnull=False)
        if await _update(locked, now, None, None) != len(batch):
            raise LostRace("the deleted runs changed while they were restored")
        restored += batch
    if tried and not restored:
        return tried
    tried[:] = restored
    return restored
