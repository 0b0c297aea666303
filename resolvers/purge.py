"""Deletion's second step: remove the rows of deleted runs once their grace is over."""

from __future__ import annotations

import asyncio
from datetime import datetime
from uuid import UUID

from models.audit_entry import AuditAction
from models.database import connection
from models.log_chunk import LogChunk
from models.report import Report, ReportShare
from models.run import Run, keys_of
from models.run_attempt import RunAttempt
from models.run_event import RunEvent
from models.step import Step
from models.transactions import transact
from resolvers.audit import record
from resolvers.service import Service
from resolvers.viewer import SERVICE

#: Runs that one round looks at.
ROUND = 100
#: Log chunks that one transaction removes: some MB, so that nobody waits long for the lock.
CHUNKS = 200

#: What hangs on a run besides its log, small enough to go at once.
_BELONGINGS = (ReportShare, Report, RunEvent, RunAttempt, Step)


async def purge(service: Service, stop: asyncio.Event) -> int:
    """Remove up to ROUND runs whose grace is over, in small transactions; how many went.

    Told to stop, it does so between two of them, and a later round goes on.

    A run is either restored whole or purged whole: before its first row goes its deletion is made
    final. What a crash leaves half purged the next round goes on with.
    """
    overdue = service.clock() - service.policy.delete_grace
    keys = await keys_of(Run.filter(deleted_at__lte=overdue).order_by("deleted_at").limit(ROUND))
    for key in keys:
        await _purge_run(service, key, overdue, stop)
    if keys:
        await _forget_spent_deletions()
    return len(keys)


async def _purge_run(service: Service, key: UUID, overdue: datetime, stop: asyncio.Event) -> None:
    if stop.is_set() or not await _finalise(key, overdue):
        return
    removed = CHUNKS
    while removed == CHUNKS and not stop.is_set():
        removed = await _remove_chunks(key)
    if removed < CHUNKS:
        call = service.new_id()
        await transact(lambda: _remove_rest(service, key, call))


async def _finalise(key: UUID, overdue: datetime) -> bool:
    """Take the deletion's id from the run: from here on `restoreRuns` does not find it."""
    run = Run.filter(id=key, deleted_at__lte=overdue)
    return bool(await transact(lambda: run.update(deletion_id=None)))


async def _remove_chunks(key: UUID) -> int:
    first = (
        await LogChunk.filter(run_id=key)
        .order_by("first_sequence")
        .limit(CHUNKS)
        .values_list("first_sequence", flat=True)
    )
    if first:
        chunks = LogChunk.filter(run_id=key, first_sequence__lte=first[-1])
        await transact(chunks.delete)
    return len(first)


async def _remove_rest(service: Service, key: UUID, call: UUID) -> None:
    for model in _BELONGINGS:
        await model.filter(run_id=key).delete()
    await Run.filter(id=key).delete()
    await record(service, SERVICE, AuditAction.PURGE_RUNS, [key], call)


async def _forget_spent_deletions() -> None:
    """Deletions of which nothing is left to restore."""
    await connection().execute_query(
        "DELETE FROM deletion WHERE NOT EXISTS"
        " (SELECT 1 FROM run WHERE run.deletion_id = deletion.id)"
    )
