"""Reading the lines of a stretch of a log, chunk by chunk, from one end to the other."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import TypeVar

from live.chunk_head import ChunkHead, Segment
from live.chunk_walk import ChunkWalk, Piece
from live.log_codec import decode, is_one
from live.log_filter import LogFilter
from live.log_lines import LogLines
from models.log_chunk import LogChunk
from models.states import LogLevel, LogStream

V = TypeVar("V")

#: Bytes of text that the payloads read in one statement may unpack to.
_STATEMENT_BYTES = 8 * 1024 * 1024

#: How often a scan looks at one place whose chunk is not what it was: a chunk is packed once, and
#: what is missing at the second look is being purged; one more for good measure.
MAX_LOOKS = 3

_LEVELS = tuple(LogLevel)
_STREAMS = tuple(LogStream)


@dataclass(frozen=True, slots=True)
class Part:
    """What one chunk holds of the stretch."""

    #: The sequence that the scan has come to with it.
    end: int
    #: How many lines were unpacked: none of a chunk that cannot hold a match.
    read: int
    #: The lines that match, in the scan's order.
    lines: LogLines


class ChunkScan:
    """Reads the lines that match along a walk; of chunks that cannot hold any only the heads."""

    def __init__(self, walk: ChunkWalk, log_filter: LogFilter | None) -> None:
        self._walk = walk
        self._filter = log_filter
        self._ahead: deque[Piece] = deque()
        self._is_over = False

    async def next(self, wanted: int) -> list[Part]:
        """Some more parts; none at the end.

        As many as hold `wanted` lines that may match, or fewer. At most two statements, unless
        chunks are packed or purged meanwhile.
        """
        for _ in range(MAX_LOOKS):
            pieces = await self._take(wanted)
            payloads = await self._payloads([s.head for s in pieces if self._may_match(s.head)])
            parts = list(self._parts(pieces, payloads))
            if parts or not pieces:
                return parts
        self._is_over = True
        return []

    async def _take(self, wanted: int) -> list[Piece]:
        if not self._ahead and not self._is_over:
            self._ahead.extend(await self._walk.next())
        taken: list[Piece] = []
        lines = size = 0
        while self._ahead and lines < wanted and size < _STATEMENT_BYTES:
            stretch = self._ahead.popleft()
            taken.append(stretch)
            if self._may_match(stretch.head):
                lines += stretch.last - stretch.first + 1
                size += stretch.head.max_bytes
        return taken

    def _may_match(self, head: ChunkHead) -> bool:
        return self._filter is None or self._filter.may_hold(head)

    async def _payloads(self, heads: Sequence[ChunkHead]) -> dict[tuple[int, int], bytes]:
        """By first sequence and count: a chunk with both the same has the same lines."""
        if not heads:
            return {}
        firsts = [head.first_sequence for head in heads]
        rows = LogChunk.filter(run_id=self._walk.run_id, first_sequence__in=firsts)
        found = await rows.values_list("first_sequence", "count", "payload")
        return {(first, count): payload for first, count, payload in found}

    def _parts(
        self, pieces: Sequence[Piece], payloads: dict[tuple[int, int], bytes]
    ) -> Iterator[Part]:
        for stretch in pieces:
            head, first, last = stretch
            end = first if self._walk.backwards else last
            payload = payloads.get((head.first_sequence, head.count))
            if not self._may_match(head):
                yield Part(end, 0, LogLines())
            elif payload is not None:
                lines = self._matching(lines_of(head, payload, first, last))
                yield Part(end, last - first + 1, lines)
            else:
                # Packed since its head was read, or purged: then the walk finds nothing here.
                self._ahead.clear()
                self._walk.go_back(stretch)
                return

    def _matching(self, lines: LogLines) -> LogLines:
        matching = lines if self._filter is None else lines.that(self._filter.matches)
        return matching[::-1] if self._walk.backwards else matching


def lines_of(head: ChunkHead, payload: bytes, first: int, last: int) -> LogLines:
    """The lines with first <= sequence <= last. Raises CorruptChunk."""
    columns = decode(payload, head.count)
    owners = list(head.owners())
    lines = LogLines(
        (
            range(head.first_sequence, head.last_sequence + 1),
            columns.times,
            _named(_LEVELS, columns.levels),
            _named(_STREAMS, columns.streams),
            columns.step_keys,
            _spread(owners, [owner.attempt for owner in owners]),
            _spread(owners, [owner.source for owner in owners]),
            columns.messages,
            _cuts(columns.truncated, head.count),
        )
    )
    start, stop = first - head.first_sequence, last - head.first_sequence + 1
    return lines if stop - start == head.count else lines[start:stop]


def _named(members: Sequence[V], values: Sequence[int]) -> list[V]:
    """The members of an enum that the values stand for."""
    if is_one(values):
        return [members[values[0]]] * len(values)
    return [members[value] for value in values]


def _spread(owners: Sequence[Segment], values: Sequence[V]) -> list[V]:
    """The value of each owner, for each of its lines."""
    pairs = zip(owners, values, strict=True)
    return list(chain.from_iterable(repeat(value, owner.lines) for owner, value in pairs))


def _cuts(truncated: dict[int, int], count: int) -> list[int | None]:
    cuts: list[int | None] = [None] * count
    for index, cut in truncated.items():
        cuts[index] = cut
    return cuts
