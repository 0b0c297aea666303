"""Walking the heads of a log's chunks, from one end of a stretch to the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import starmap
from typing import NamedTuple
from uuid import UUID

from tortoise.expressions import Subquery
from tortoise.queryset import QuerySet

from live.chunk_head import HEAD_COLUMNS, ChunkHead
from models.log_chunk import LogChunk

#: Heads read in one statement: few at first, since mostly one or two chunks hold what is asked
#: for, then more, since a log that came line by line has hundreds in a page.
_FIRST_BATCH, _LATER_BATCH = 32, 256


class Piece(NamedTuple):
    """A chunk, and which of its lines the walk comes by: first <= sequence <= last."""

    head: ChunkHead
    first: int
    last: int


class ChunkWalk:
    """A walk over the chunks of the lines with first <= sequence <= last, or backwards from last.

    Ends where a chunk is missing: then the run is being purged, and nobody may see the rest. Chunks
    may be packed into larger ones meanwhile: what comes next is told by sequence, not by chunk.
    """

    def __init__(self, run_id: UUID, first: int, last: int, *, backwards: bool = False) -> None:
        self.run_id = run_id
        self.first, self.last = first, last
        self.backwards = backwards
        #: The next sequence to come to.
        self._position = last if backwards else first
        self._size = _FIRST_BATCH

    async def next(self) -> list[Piece]:
        """Some more, in the walk's order; none at its end. One statement."""
        if not self.first <= self._position <= self.last:
            return []
        rows = self._backward_rows() if self.backwards else self._forward_rows()
        found = await rows.limit(self._size).values_list(*HEAD_COLUMNS)
        self._size = _LATER_BATCH
        return list(self._connected(starmap(ChunkHead, found)))

    def go_back(self, piece: Piece) -> None:
        """Come by this piece once more: its chunk is not what it was."""
        self._position = piece.last if self.backwards else piece.first

    def _forward_rows(self) -> QuerySet[LogChunk]:
        rows = LogChunk.filter(run_id=self.run_id)
        before = rows.filter(first_sequence__lte=self._position).order_by("-first_sequence")
        holding = Subquery(before.limit(1).values("first_sequence"))
        rows = rows.filter(first_sequence__gte=holding, first_sequence__lte=self.last)
        return rows.order_by("first_sequence")

    def _backward_rows(self) -> QuerySet[LogChunk]:
        rows = LogChunk.filter(run_id=self.run_id, first_sequence__lte=self._position)
        return rows.order_by("-first_sequence")

    def _connected(self, heads: Iterable[ChunkHead]) -> Iterator[Piece]:
        """Those that follow one another without a gap, as far as the walk goes."""
        for head in heads:
            if not head.first_sequence <= self._position <= head.last_sequence:
                return
            if self.backwards:
                yield Piece(head, max(head.first_sequence, self.first), self._position)
                self._position = head.first_sequence - 1
            else:
                yield Piece(head, self._position, min(head.last_sequence, self.last))
                self._position = head.last_sequence + 1
            if self._position < self.first:
                return
