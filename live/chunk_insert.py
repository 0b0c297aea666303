"""New lines on their way into the store: cut into chunks, encoded, given their place, inserted.

Encoding needs nothing of the run, so it is done before the run is locked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from live.chunk_head import HEAD_COLUMNS, MAX_CHUNK_BYTES, MAX_CHUNK_LINES, Segment
from live.log_codec import LEVEL, Columns, columns_of, distinct, encode
from live.log_line import NewLine
from models.database import connection, dialect


class NewChunk(NamedTuple):
    """Lines of one source, encoded, that have no place in a log yet. Times in microseconds."""

    lines: int
    first_at: int
    last_at: int
    levels: int
    streams: int
    steps: str
    payload: bytes


class ChunkRow(NamedTuple):
    """A row of models.LogChunk as it is inserted, in the order of `_COLUMNS`."""

    run_id: UUID
    first_sequence: int
    lines: int
    first_at: int
    last_at: int
    levels: int
    streams: int
    steps: str
    segments: str
    payload: bytes


_COLUMNS = ("run_id", *HEAD_COLUMNS, "payload")


def pack(lines: Sequence[NewLine]) -> list[NewChunk]:
    """Encode lines, at least one, as few chunks."""
    columns = columns_of(lines)
    if len(lines) <= MAX_CHUNK_LINES and bytes_of("".join(columns.messages)) <= MAX_CHUNK_BYTES:
        return [_chunk_of(columns, LEVEL)]
    return [chunk_of(part) for part in _chunkfuls(lines)]


def place(
    run_id: UUID,
    first_sequence: int,
    attempt: int,
    source: str,
    offset: int,
    chunks: Iterable[NewChunk],
) -> Iterator[ChunkRow]:
    """The chunks as rows, one behind the other, from a sequence and an offset on."""
    for chunk in chunks:
        segment = Segment(attempt, source, offset, chunk.lines)
        yield row_of(run_id, first_sequence, [segment], chunk)
        first_sequence += chunk.lines
        offset += chunk.lines


def row_of(
    run_id: UUID, first_sequence: int, segments: Iterable[Segment], chunk: NewChunk
) -> ChunkRow:
    """The chunk as a row; `segments` say whose lines it has, in their order."""
    owners = orjson.dumps([list(segment) for segment in segments]).decode()
    return ChunkRow(run_id, first_sequence, *chunk[:-1], owners, chunk.payload)


async def insert(rows: Iterable[ChunkRow]) -> None:
    """Insert rows, at least one, in the caller's transaction, which holds their runs locked.

    Written in SQL: making models of them costs more than encoding the lines.
    """
    client = connection()
    if dialect() == "postgres":
        # One statement for all: half of PostgreSQL's CPU for many, and no more for one.
        await client.execute_query(_INSERT_POSTGRES, list(zip(*rows, strict=True)))
    else:
        # SQLite has no type for a UUID: it is text.
        texts: list[list[Any]] = [[str(row.run_id), *row[1:]] for row in rows]
        await client.execute_many(_INSERT_SQLITE, texts)


_INTO = f"INSERT INTO log_chunk ({', '.join(_COLUMNS)})"
#: PostgreSQL's types of the columns, in their order.
_TYPES = ("uuid", "bigint", "int", "bigint", "bigint", "int", "int", "text", "text", "bytea")
_ARRAYS = (f"${number}::{kind}[]" for number, kind in enumerate(_TYPES, 1))
_INSERT_POSTGRES = f"{_INTO} SELECT * FROM unnest({', '.join(_ARRAYS)})"
_INSERT_SQLITE = f"{_INTO} VALUES ({', '.join('?' * len(_COLUMNS))})"


def _chunkfuls(lines: Sequence[NewLine]) -> Iterator[Sequence[NewLine]]:
    """Cut lines into what one chunk holds."""
    start = size = 0
    for index, line in enumerate(lines):
        length = bytes_of(line.message)
        if index > start and (index - start >= MAX_CHUNK_LINES or size + length > MAX_CHUNK_BYTES):
            yield lines[start:index]
            start, size = index, 0
        size += length
    yield lines[start:]


def bytes_of(text: str) -> int:
    """The length in UTF-8."""
    return len(text) if text.isascii() else len(text.encode())


def chunk_of(lines: Sequence[NewLine], level: int = LEVEL) -> NewChunk:
    """All of the lines as one chunk, compressed at a level of zstd's."""
    return _chunk_of(columns_of(lines), level)


def _chunk_of(columns: Columns, level: int) -> NewChunk:
    times = distinct(columns.times)
    return NewChunk(
        lines=len(columns.messages),
        first_at=min(times),
        last_at=max(times),
        levels=_bits(columns.levels),
        streams=_bits(columns.streams),
        steps=orjson.dumps(distinct(columns.step_keys)).decode(),
        payload=encode(columns, level),
    )


def _bits(values: Sequence[int]) -> int:
    return sum(1 << value for value in distinct(values))
