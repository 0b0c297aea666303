"""The worker's chore of packing the logs of ended runs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

import structlog

from live.chunk_packing import pack_next
from live.log_codec import CorruptChunk
from models.instants import FOREVER
from models.run import Run
from models.transactions import transact
from models.visibility import EVERYTHING, visible_runs
from resolvers.service import Service

log = structlog.get_logger(__name__)

#: Runs that one round looks at, and lines after which it ends (some seconds of work): the other
#: chores have their turn in between.
ROUND = 200
ROUND_LINES = 200_000


async def pack_logs(service: Service, stop: asyncio.Event) -> int:
    """Pack logs of ended runs, those that ended first first, in small transactions.

    How many runs were finished. Told to stop, it does so between two transactions; where a round
    or a crash breaks off, a later round goes on.
    """
    ended = visible_runs(EVERYTHING).filter(unpacked_from__isnull=False, completed_at__lt=FOREVER)
    runs = await ended.order_by("completed_at").limit(ROUND)
    lines, done = 0, list[UUID]()
    for run in runs:
        while _is_open(run) and lines < ROUND_LINES and not stop.is_set():
            packed = await _pack_some(run)
            if packed is None:
                break
            lines += packed
        if not _is_open(run):
            done.append(run.id)
    await _close(done)
    return len(done)


def _is_open(run: Run) -> bool:
    return run.unpacked_from is not None and run.unpacked_from <= run.last_sequence


async def _pack_some(run: Run) -> int | None:
    try:
        return await pack_next(run)
    except CorruptChunk as error:
        # Left as it is: whoever reads it is told, and the runs behind it have their turn.
        log.error("log not packed", run=str(run.id), error=str(error))
        run.unpacked_from = None
        return 0


async def _close(keys: Sequence[UUID]) -> None:
    """Note that nothing is left to pack, also where there was nothing."""
    if keys:
        open_ones = Run.filter(id__in=list(keys), unpacked_from__isnull=False)
        await transact(lambda: open_ones.update(unpacked_from=None))
