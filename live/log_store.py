"""The log of a run: lines in chunks, appended whole and read in pages.

A run's lines have the sequence numbers 1, 2, 3, … without gaps. A chunk holds consecutive ones, so
the chunk that holds line N is the last whose first sequence is not above N: wherever a page lies
in a log, finding it is one step down the index (run_id, first_sequence).
"""

from __future__ import annotations

import sys
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from uuid import UUID

from live.chunk_head import ChunkHead
from live.chunk_insert import bytes_of, insert, pack, place
from live.chunk_scan import ChunkScan, Part
from live.chunk_walk import ChunkWalk
from live.log_filter import LogFilter
from live.log_line import LogLine, NewLine
from live.log_lines import LogLines
from models.run import Run

#: What one page may cost, whatever its filter: chunks that it looks at, and lines that it unpacks
#: (about 50 ms of CPU). A page whose filter matches hardly anything ends there, and its cursor says
#: how far it came.
MAX_CHUNKS_SEEN = 2_000
MAX_LINES_READ = 20_000
#: Lines that are unpacked at once, without letting anybody else run (about 10 ms).
_MAX_STRIDE = 4_000
#: Bytes of text in a page, beyond its last line.
MAX_PAGE_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class LogPage:
    """Lines in ascending order, and the part of the unfiltered log that was looked at for them.

    Both ends count; where nothing was, first is one above last.
    """

    lines: LogLines
    first_examined: int
    last_examined: int


# ---------------------------------------------------------------- writing


async def append(
    run_id: UUID,
    first_sequence: int,
    attempt: int,
    source: str,
    offset: int,
    lines: Sequence[NewLine],
) -> None:
    """Store lines, at least one, in the caller's transaction, which holds the run locked."""
    await insert(place(run_id, first_sequence, attempt, source, offset, pack(lines)))


# ---------------------------------------------------------------- reading


async def read_forward(
    run_id: UUID,
    after: int,
    until: int,
    limit: int,
    log_filter: LogFilter | None,
    max_bytes: int = MAX_PAGE_BYTES,
) -> LogPage:
    """The first `limit` lines with after < sequence <= until that match.

    May hold fewer, even none, before `until` is reached: go on from `last_examined`. Without a
    filter only where `max_bytes` of text are used up, beyond which one line may go.
    """
    # What lies before the first line that can match needs no look.
    first = max(after + 1, log_filter.first_sequence if log_filter else 1)
    walk = ChunkWalk(run_id, first, until)
    allowance = Allowance(limit, max_bytes)
    reached = await _read(ChunkScan(walk, log_filter), allowance)
    if reached is None:
        reached = max(after, min(until, first - 1))
    return LogPage(allowance.lines, after + 1, reached)


async def read_backward(
    run_id: UUID, before: int, limit: int, log_filter: LogFilter | None
) -> LogPage:
    """The last `limit` lines with sequence < before that match, in ascending order.

    May hold fewer, even none, before the beginning is reached: go on from `first_examined`.
    """
    first = log_filter.first_sequence if log_filter else 1
    walk = ChunkWalk(run_id, first, before - 1, backwards=True)
    allowance = Allowance(limit, MAX_PAGE_BYTES)
    reached = await _read(ChunkScan(walk, log_filter), allowance)
    if reached is None:
        reached = max(before, first)
    return LogPage(allowance.lines[::-1], 1 if reached <= first else reached, before - 1)


class Allowance:
    """What one page holds by now, and what it may still hold and cost."""

    def __init__(self, lines: int, text: int) -> None:
        self._lines_wanted = lines
        self._bytes_wanted = text
        self._lines_taken = self._lines_read = self._chunks_seen = 0
        self._taken = [LogLines()]

    @property
    def lines(self) -> LogLines:
        """All that was taken, in that order."""
        return LogLines.joined(self._taken)

    @property
    def last_sequence(self) -> int:
        """Of the line that was taken last."""
        return self._taken[-1].sequences[-1]

    def stride(self) -> int:
        """How many lines to unpack next: for what is wanted yet, if as many match as until now."""
        wanted = self._lines_wanted - self._lines_taken
        return min(_MAX_STRIDE, wanted * (1 + self._lines_read) // (1 + self._lines_taken))

    def take(self, lines: LogLines) -> None:
        """Take as many of the lines as the page may still hold, from the first on."""
        lines = lines[: self._lines_wanted - self._lines_taken]
        if (size := bytes_of("".join(lines.messages))) >= self._bytes_wanted:
            sizes = list(accumulate(map(bytes_of, lines.messages)))
            fitting = bisect_left(sizes, self._bytes_wanted) + 1
            lines, size = lines[:fitting], sizes[fitting - 1]
        self._lines_taken += len(lines)
        self._bytes_wanted -= size
        self._taken.append(lines)

    @property
    def is_used_up(self) -> bool:
        """Whether the page holds no more line."""
        return self._lines_taken >= self._lines_wanted or self._bytes_wanted <= 0

    def looks_no_further(self, part: Part) -> bool:
        """Count what was looked at; whether that was as much as one page may."""
        self._chunks_seen += 1
        self._lines_read += part.read
        return self._chunks_seen >= MAX_CHUNKS_SEEN or self._lines_read >= MAX_LINES_READ


async def _read(scan: ChunkScan, allowance: Allowance) -> int | None:
    """Take the page's lines in the scan's order; the sequence that it came to, None for nowhere."""
    reached = None
    while parts := await scan.next(allowance.stride()):
        for part in parts:
            allowance.take(part.lines)
            if allowance.is_used_up:
                return allowance.last_sequence
            reached = part.end
            if allowance.looks_no_further(part):
                return reached
    return reached


async def read_stored(
    run_id: UUID, attempt: int, source: str, offset: int, count: int
) -> list[tuple[int, LogLine]]:
    """What is stored at `count` offsets of a source from `offset` on, in order, each with its own.

    For appends that are told again. What a run's only source stored is found at once, wherever
    it lies; beside others, by reading the heads of what they stored meanwhile.
    """
    # Attempts follow one another, and a source's lines keep their order: no earlier line is it.
    earliest = await _lines_before(run_id, attempt) + offset + 1
    offsets: dict[int, int] = {}
    walk = ChunkWalk(run_id, earliest, sys.maxsize)
    while len(offsets) < count and (pieces := await walk.next()):
        for head, _, _ in pieces:
            offsets.update(_offsets(head, attempt, source, range(offset, offset + count)))
    if not offsets:
        return []
    scan = ChunkScan(ChunkWalk(run_id, min(offsets), max(offsets)), None)
    found: list[tuple[int, LogLine]] = []
    while parts := await scan.next(_MAX_STRIDE):
        lines = chain.from_iterable(part.lines for part in parts)
        found += [(offsets[line.sequence], line) for line in lines if line.sequence in offsets]
    return found


async def _lines_before(run_id: UUID, attempt: int) -> int:
    """How many lines the attempts before this one stored."""
    run = await Run.filter(id=run_id).only("id", "log_sources").first()
    ends = run.source_offsets() if run else {}
    return sum(end for (number, _), end in ends.items() if number < attempt)


def _offsets(
    head: ChunkHead, attempt: int, source: str, wanted: range
) -> Iterator[tuple[int, int]]:
    """The sequence and the offset of each line of the source that is wanted."""
    sequence = head.first_sequence
    for owner in head.owners():
        if (owner.attempt, owner.source) == (attempt, source):
            for offset in range(owner.offset, owner.offset + owner.lines):
                if offset in wanted:
                    yield sequence + offset - owner.offset, offset
        sequence += owner.lines
