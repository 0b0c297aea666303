"""A run with a long log, stored by the service's own log store."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from benchmarks.data.lines import message
from live import log_store
from live.hub import Hub
from live.log_line import NewLine
from models.database import database
from models.ids import Kind, global_id
from models.instants import utc_now
from models.run import encode_sources
from models.run_change import RunChange
from models.states import LogLevel, LogStream, TriggerSource
from models.transactions import transact
from resolvers.commands import CompleteRun, StartRun
from resolvers.end_run import complete_run
from resolvers.service import Service
from resolvers.start_run import start_run
from resolvers.viewer import LOCAL_VIEWER

#: Lines of one chunk, as a busy reporter's appends make them.
CHUNK_LINES = 500
#: Chunks of one transaction: only to load faster.
_CHUNKS_AT_ONCE = 50


async def load_logs(url: str, lengths: Iterable[int]) -> list[str]:
    """For each length a completed run with so many lines; their ids, as clients tell them."""
    async with database(url):
        return [await load_log(length) for length in lengths]


async def load_log(length: int, chunk_lines: int = CHUNK_LINES) -> str:
    """A completed run with so many lines in the open database; its id, as clients tell it."""
    run_id = await start_writing()
    step = chunk_lines * _CHUNKS_AT_ONCE
    for first in range(1, length + 1, step):
        await _append(run_id, first, min(first + step, length + 1), chunk_lines)
    told = global_id(Kind.RUN, run_id)
    await complete_run(Service(hub=Hub()), LOCAL_VIEWER, CompleteRun(told))
    return told


async def start_writing() -> UUID:
    """A new run."""
    told = StartRun("long-writer", "eu-1", TriggerSource.MANUAL, "ada")
    return (await start_run(Service(hub=Hub()), LOCAL_VIEWER, told)).run.id


def lines_of(numbers: Iterable[int]) -> list[NewLine]:
    """Lines of one call: all of them have its time."""
    now = utc_now()
    return [
        NewLine(message(number), now, LogLevel.INFO, LogStream.STDOUT, None) for number in numbers
    ]


async def _append(run_id: UUID, first: int, until: int, chunk_lines: int) -> None:
    """Store the lines with first <= sequence < until."""

    async def body() -> None:
        change = await RunChange.lock(run_id, utc_now())
        assert change is not None
        for start in range(first, until, chunk_lines):
            chunk = lines_of(range(start, min(start + chunk_lines, until)))
            await log_store.append(run_id, start, 1, "main", start - 1, chunk)
        last = until - 1
        change.set(last_sequence=last, log_sources=encode_sources({(1, "main"): last}))
        await change.save()

    await transact(body)
