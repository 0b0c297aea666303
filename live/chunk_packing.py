"""Packing the log of an ended run: many small chunks become few large ones, unnoticed by readers.

Nobody adds lines to an ended run, so chunks are read and packed without a lock; only putting the
new one in their place needs the run locked, for as long as two statements take. A reader between
two statements of its own finds by sequence where it was (live/chunk_scan.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from uuid import UUID

from live.chunk_head import MAX_CHUNK_BYTES, MAX_PACKED_LINES, ChunkHead, Segment
from live.chunk_insert import ChunkRow, NewChunk, bytes_of, chunk_of, insert, row_of
from live.chunk_scan import ChunkScan
from live.chunk_walk import ChunkWalk
from live.log_codec import PACKED_LEVEL, CorruptChunk
from live.log_line import LogLine, NewLine
from models.log_chunk import LogChunk
from models.run import Run
from models.transactions import transact
from models.visibility import EVERYTHING, visible_runs

#: Lines of a chunk that stays as it is: packing it would win some percent in size, and leave as
#: much dead space behind as it takes.
LARGE_LINES = 500
#: Large chunks that are passed over in one transaction.
MAX_PASSED = 1_000
#: Segments of a packed chunk: heads are read also for pages that do not need their lines, so they
#: stay small, also where several sources took turns line by line.
MAX_PACKED_SEGMENTS = 100


async def pack_next(run: Run) -> int | None:
    """Pack what comes next of an ended run's log: some small chunks into one; large ones stay.

    `run.unpacked_from` says from where on, and is moved on; how many lines it moved. None where
    that cannot be done now: the run was deleted, or another process is at it. Raises CorruptChunk,
    also where there is no such line.
    """
    assert run.unpacked_from is not None
    first: int = run.unpacked_from
    heads = await _next_heads(run.id, first, run.last_sequence)
    if not heads or heads[0].first_sequence != first:
        raise CorruptChunk(f"no log chunk begins with line {first}")
    lines: list[LogLine] = []
    if len(heads) > 1 and not _is_large(heads[0]):
        heads, lines = await _next_lines(run.id, heads)
        if not heads:
            return None
    row = None
    if lines and len(heads) > 1:
        # In a thread, since compressing takes some ms; zstd lets the others run meanwhile.
        chunk = await asyncio.to_thread(_chunk_of, lines)
        row = row_of(run.id, first, _joined(chain(*(head.owners() for head in heads))), chunk)
    until = heads[-1].last_sequence + 1
    after = until if until <= run.last_sequence else None
    if not await transact(lambda: _replace(run.id, heads, row, after)):
        return None
    run.unpacked_from = after
    return until - first


async def _next_heads(run_id: UUID, first: int, last: int) -> list[ChunkHead]:
    """Small ones whose lines make one chunk, or large ones; at least one if there is any."""
    walk = ChunkWalk(run_id, first, last)
    heads: list[ChunkHead] = []
    lines = segments = 0
    while pieces := await walk.next():
        for head, _, _ in pieces:
            if heads and _is_large(head) != _is_large(heads[0]):
                return heads
            lines += head.count
            segments += sum(1 for _ in head.owners())
            is_full = lines > MAX_PACKED_LINES or segments > MAX_PACKED_SEGMENTS
            if heads and (len(heads) >= MAX_PASSED if _is_large(head) else is_full):
                return heads
            heads.append(head)
    return heads


def _is_large(head: ChunkHead) -> bool:
    return head.count >= LARGE_LINES


async def _next_lines(
    run_id: UUID, heads: Sequence[ChunkHead]
) -> tuple[list[ChunkHead], list[LogLine]]:
    """Of these chunks those whose text does not exceed one chunk, and their lines."""
    scan = ChunkScan(ChunkWalk(run_id, heads[0].first_sequence, heads[-1].last_sequence), None)
    taken: list[ChunkHead] = []
    lines: list[LogLine] = []
    size = 0
    while parts := await scan.next(MAX_PACKED_LINES):
        for part in parts:
            size += bytes_of("".join(part.lines.messages))
            if taken and size > MAX_CHUNK_BYTES:
                return taken, lines
            taken.append(heads[len(taken)])
            if taken[-1].last_sequence != part.end:
                return [], []  # they are not what they were: somebody else packs them
            lines += part.lines
    return taken, lines


def _chunk_of(lines: Sequence[LogLine]) -> NewChunk:
    return chunk_of(
        [
            NewLine(
                line.message, line.at, line.level, line.stream, line.step_key, line.truncated_bytes
            )
            for line in lines
        ],
        PACKED_LEVEL,
    )


async def _replace(
    run_id: UUID, heads: Sequence[ChunkHead], row: ChunkRow | None, after: int | None
) -> bool:
    """Put `row` in the place of the chunks, if they and the run are still what they were.

    A deleted run is left alone: its chunks are the purge's, which holds no lock on the run.
    """
    first = heads[0].first_sequence
    run = visible_runs(EVERYTHING).filter(id=run_id, unpacked_from=first)
    if await run.select_for_update().first() is None:
        return False
    if row is not None:
        chunks = LogChunk.filter(
            run_id=run_id, first_sequence__gte=first, first_sequence__lte=heads[-1].last_sequence
        )
        found = await chunks.order_by("first_sequence").values_list("first_sequence", "count")
        if list(found) != [(head.first_sequence, head.count) for head in heads]:
            return False
        await chunks.delete()
        await insert([row])
    # Neither revision nor changed_at: nothing that anybody sees has changed.
    await Run.filter(id=run_id).update(unpacked_from=after)
    return True


def _joined(segments: Iterable[Segment]) -> Iterator[Segment]:
    """Those that follow one another in their source as one."""
    last: Segment | None = None
    for segment in segments:
        if last is None:
            last = segment
        elif (last.attempt, last.source, last.offset + last.lines) == segment[:3]:
            last = last._replace(lines=last.lines + segment.lines)
        else:
            yield last
            last = segment
    if last is not None:
        yield last
