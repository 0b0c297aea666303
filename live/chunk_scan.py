"""Reading the lines of a stretch of a log, chunk by chunk, from one end to the other."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, repeat

from live.chunk_head import ChunkHead
from live.chunk_walk import ChunkWalk
from live.log_codec import decode
from live.log_filter import LogFilter
from live.log_line import LogLine
from models.instants import from_micros
from models.log_chunk import LogChunk
from models.states import LogLevel, LogStream

#: Bytes of text that the payloads read in one statement may unpack to.
_STATEMENT_BYTES = 8 * 1024 * 1024

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
    lines: list[LogLine]


class ChunkScan:
    """Reads the lines that match along a walk; of chunks that cannot hold any only the heads."""

    def __init__(self, walk: ChunkWalk, log_filter: LogFilter | None) -> None:
        self._walk = walk
        self._filter = log_filter
        self._ahead: deque[ChunkHead] = deque()
        self._is_over = False

    async def next(self, wanted: int) -> list[Part]:
        """Some more parts; none at the end.

        As many as hold `wanted` lines that may match, or fewer. At most two statements.
        """
        heads = await self._take(wanted)
        payloads = await self._payloads([head for head in heads if self._may_match(head)])
        return list(self._parts(heads, payloads))

    async def _take(self, wanted: int) -> list[ChunkHead]:
        if not self._ahead and not self._is_over:
            self._ahead.extend(await self._walk.next_heads())
        taken: list[ChunkHead] = []
        lines = size = 0
        while self._ahead and lines < wanted and size < _STATEMENT_BYTES:
            head = self._ahead.popleft()
            taken.append(head)
            if self._may_match(head):
                first, last = self._walk.within(head)
                lines += last - first + 1
                size += head.max_bytes
        return taken

    def _may_match(self, head: ChunkHead) -> bool:
        return self._filter is None or self._filter.may_hold(head)

    async def _payloads(self, heads: Sequence[ChunkHead]) -> dict[int, bytes]:
        if not heads:
            return {}
        firsts = [head.first_sequence for head in heads]
        rows = LogChunk.filter(run_id=self._walk.run_id, first_sequence__in=firsts)
        return dict(await rows.values_list("first_sequence", "payload"))

    def _parts(self, heads: Sequence[ChunkHead], payloads: dict[int, bytes]) -> Iterator[Part]:
        for head in heads:
            first, last = self._walk.within(head)
            end = first if self._walk.backwards else last
            if not self._may_match(head):
                yield Part(end, 0, [])
            elif head.first_sequence in payloads:
                lines = self._matching(_lines(head, payloads[head.first_sequence], first, last))
                yield Part(end, last - first + 1, lines)
            else:  # purged since its head was read
                self._is_over = True
                self._ahead.clear()
                return

    def _matching(self, lines: Iterator[LogLine]) -> list[LogLine]:
        matching = list(lines if self._filter is None else filter(self._filter.matches, lines))
        return matching[::-1] if self._walk.backwards else matching


def _lines(head: ChunkHead, payload: bytes, first: int, last: int) -> Iterator[LogLine]:
    """The lines with first <= sequence <= last. Raises CorruptChunk."""
    columns = decode(payload, head.count)
    start, stop = first - head.first_sequence, last - head.first_sequence + 1
    owners = chain.from_iterable(repeat(owner, owner.lines) for owner in head.owners())
    rows = zip(
        range(start, stop),
        columns.times[start:stop],
        columns.levels[start:stop],
        columns.streams[start:stop],
        columns.step_keys[start:stop],
        columns.messages[start:stop],
        islice(owners, start, stop),
        strict=True,
    )
    for index, micros, level, stream, step_key, message, owner in rows:
        yield LogLine(
            head.first_sequence + index,
            from_micros(micros),
            _LEVELS[level],
            _STREAMS[stream],
            step_key,
            owner.attempt,
            owner.source,
            message,
            columns.truncated.get(index),
        )
