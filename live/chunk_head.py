"""What is known of a chunk of log lines without reading them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import NamedTuple

import orjson

from live.log_line import MAX_LINE_BYTES

#: A chunk is unpacked whole for any of its lines: these bound what one line costs.
MAX_CHUNK_LINES = 1_000
MAX_CHUNK_BYTES = 1024 * 1024
#: Lines of a packed chunk: more of them win next to nothing in size, and a page of a few lines
#: unpacks that many (under 1 ms).
MAX_PACKED_LINES = 2_000


class Segment(NamedTuple):
    """Lines of a chunk that follow one another and come from one source."""

    attempt: int
    source: str
    #: The offset of the first in its source.
    offset: int
    lines: int


@dataclass(frozen=True, slots=True)
class ChunkHead:
    """The columns of models.LogChunk but for the run and the payload.

    Not the model itself, since a page of a log that came line by line reads hundreds of them.
    """

    first_sequence: int
    count: int
    first_at: datetime
    last_at: datetime
    levels: int
    streams: int
    steps: str
    segments: str

    @property
    def last_sequence(self) -> int:
        return self.first_sequence + self.count - 1

    @property
    def max_bytes(self) -> int:
        """No more bytes of text are in it."""
        return min(self.count * MAX_LINE_BYTES, MAX_CHUNK_BYTES + MAX_LINE_BYTES)

    @property
    def step_keys(self) -> list[str | None]:
        """Those present; None stands for lines of no step."""
        keys: list[str | None] = orjson.loads(self.steps)
        return keys

    def owners(self) -> Iterator[Segment]:
        """Whose lines they are, in their order."""
        return (Segment(*segment) for segment in orjson.loads(self.segments))


#: The columns that make a head, in the order of its fields.
HEAD_COLUMNS = tuple(field.name for field in fields(ChunkHead))
