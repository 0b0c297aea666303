"""The log of a run: lines in chunks, appended whole and read in pages.

A run's lines have the sequence numbers 1, 2, 3, … without gaps. A chunk holds consecutive ones, so
the chunk that holds line N is the last whose first sequence is not above N: wherever a page lies
in a log, finding it is one step down the index (run_id, first_sequence).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from uuid import UUID

import orjson
from tortoise.queryset import QuerySet

from live.log_codec import decode, encode
from live.log_filter import LogFilter
from live.log_line import LogLine, NewLine
from models.instants import from_micros
from models.log_chunk import LogChunk
from models.states import LogLevel, LogStream

#: A chunk is unpacked whole for any of its lines: this bounds what one line costs.
MAX_CHUNK_LINES = 1_000
MAX_CHUNK_BYTES = 1024 * 1024

#: Chunks that a page looks at, and of these those that it unpacks: a page whose filter matches
#: hardly anything ends there, and its cursor says how far it came.
MAX_CHUNKS_SEEN = 2_000
MAX_CHUNKS_READ = 50
#: Bytes of text in a page, beyond its first line.
MAX_PAGE_BYTES = 4 * 1024 * 1024
#: Chunks of which the metadata is read at once, and payloads.
_METADATA_BATCH = 200
_PAYLOAD_BATCH = 8

_LEVELS = tuple(LogLevel)
_STREAMS = tuple(LogStream)


@dataclass(frozen=True, slots=True)
class LogPage:
    """Lines in ascending order, and the part of the unfiltered log that was looked at for them.

    Both ends count; where nothing was, first is one above last.
    """

    lines: list[LogLine]
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
    """Store lines, in the caller's transaction, which holds the run locked."""
    chunks = []
    for part in _parts(lines):
        chunks.append(_chunk(run_id, first_sequence, (attempt, source, offset), part))
        first_sequence += len(part)
        offset += len(part)
    await LogChunk.bulk_create(chunks)


def _parts(lines: Sequence[NewLine]) -> Iterator[Sequence[NewLine]]:
    """Cut lines into what one chunk holds."""
    start = size = 0
    for index, line in enumerate(lines):
        length = len(line.message)
        if index > start and (index - start >= MAX_CHUNK_LINES or size + length > MAX_CHUNK_BYTES):
            yield lines[start:index]
            start, size = index, 0
        size += length
    yield lines[start:]


def _chunk(
    run_id: UUID, first_sequence: int, segment: tuple[int, str, int], lines: Sequence[NewLine]
) -> LogChunk:
    times = [line.at for line in lines]
    return LogChunk(
        run_id=run_id,
        first_sequence=first_sequence,
        count=len(lines),
        first_at=min(times),
        last_at=max(times),
        levels=_bits(line.level for line in lines),
        streams=_bits(line.stream for line in lines),
        steps=orjson.dumps(list(dict.fromkeys(line.step_key for line in lines))).decode(),
        segments=orjson.dumps([[*segment, len(lines)]]).decode(),
        payload=encode(lines),
    )


def _bits(values: Iterable[int]) -> int:
    return sum(1 << value for value in set(values))


# ---------------------------------------------------------------- reading


async def read_forward(
    run_id: UUID, after: int, until: int, limit: int, log_filter: LogFilter | None
) -> LogPage:
    """The first `limit` lines with after < sequence <= until that match.

    May hold fewer, even none, before `until` is reached: go on from `last_examined`.
    """
    page = _Page(limit)
    examined = max(after, min(until, _before_first_match(log_filter)))
    async for span in _spans_forward(run_id, examined + 1, until, log_filter):
        for line in span.lines:
            if examined < line.sequence <= until and not page.add(line):
                return LogPage(page.lines, after + 1, line.sequence - 1)
        examined = min(until, span.last)
        if page.has_seen_enough(span):
            break
    return LogPage(page.lines, after + 1, examined)


async def read_backward(
    run_id: UUID, before: int, limit: int, log_filter: LogFilter | None
) -> LogPage:
    """The last `limit` lines with sequence < before that match, in ascending order.

    May hold fewer, even none, before the beginning is reached: go on from `first_examined`.
    """
    page = _Page(limit)
    examined, lowest = before, _before_first_match(log_filter) + 1
    async for span in _spans_backward(run_id, before - 1, log_filter):
        for line in reversed(span.lines):
            if line.sequence < examined and not page.add(line):
                return LogPage(page.lines[::-1], line.sequence + 1, before - 1)
        examined = min(examined, span.first)
        if examined <= lowest:
            # What lies before is known not to match.
            examined = 1
            break
        if page.has_seen_enough(span):
            break
    return LogPage(page.lines[::-1], examined, before - 1)


async def read_stored(
    run_id: UUID, attempt: int, source: str, offset: int, count: int
) -> list[tuple[int, LogLine]]:
    """What is stored at `count` offsets of a source from `offset` on, in order.

    For appends that are told again. These are rare, and what they tell again is mostly the end of
    the log: the metadata is read from there backwards until all offsets are found.
    """
    wanted = range(offset, offset + count)
    found: dict[int, LogLine] = {}
    rows = LogChunk.filter(run_id=run_id).order_by("-first_sequence")
    async for chunk in _metadata(rows, backwards=True):
        offsets = list(_offsets(chunk, attempt, source))
        if not any(at in wanted for at in offsets):
            continue
        for span in await _unpacked([chunk]):
            pairs = zip(offsets, span.lines, strict=True)
            found.update((at, line) for at, line in pairs if at is not None and at in wanted)
        if len(found) == count:
            break
    return sorted(found.items())


def _offsets(chunk: LogChunk, attempt: int, source: str) -> Iterator[int | None]:
    """For each line its offset in the source; None for lines of others."""
    for of_attempt, of_source, first, count in orjson.loads(chunk.segments):
        ours = of_attempt == attempt and of_source == source
        yield from (first + index if ours else None for index in range(count))


def _before_first_match(log_filter: LogFilter | None) -> int:
    """The last sequence that is known not to match without looking; 0: none."""
    return (log_filter.from_sequence or 1) - 1 if log_filter else 0


class _Page:
    """The lines of a page, and what it may still cost."""

    def __init__(self, limit: int) -> None:
        self.lines: list[LogLine] = []
        self._limit = limit
        self._bytes = self._seen = self._read = 0

    def add(self, line: LogLine) -> bool:
        """Take one more line; False where the page is full."""
        if len(self.lines) >= self._limit or (self.lines and self._bytes > MAX_PAGE_BYTES):
            return False
        self.lines.append(line)
        self._bytes += len(line.message)
        return True

    def has_seen_enough(self, span: _Span) -> bool:
        """Whether, with this span, as much was looked at as one page may."""
        self._seen += 1
        self._read += bool(span.lines)
        return self._seen >= MAX_CHUNKS_SEEN or self._read >= MAX_CHUNKS_READ


@dataclass(frozen=True, slots=True)
class _Span:
    """A chunk's sequences, both ends counted, and those of its lines that match."""

    first: int
    last: int
    lines: list[LogLine]


async def _spans_forward(
    run_id: UUID, first: int, until: int, log_filter: LogFilter | None
) -> AsyncIterator[_Span]:
    """The chunks from the one that holds `first` to the one that holds `until`."""
    if first > until:
        return
    chunks = LogChunk.filter(run_id=run_id)
    holding = chunks.filter(first_sequence__lte=first).order_by("-first_sequence")
    start = await holding.first().values_list("first_sequence", flat=True)
    rows = chunks.filter(first_sequence__gte=start or 0, first_sequence__lte=until)
    async for span in _spans(rows.order_by("first_sequence"), log_filter, backwards=False):
        yield span


async def _spans_backward(
    run_id: UUID, last: int, log_filter: LogFilter | None
) -> AsyncIterator[_Span]:
    """The chunks from the one that holds `last` to the first."""
    rows = LogChunk.filter(run_id=run_id, first_sequence__lte=last).order_by("-first_sequence")
    async for span in _spans(rows, log_filter, backwards=True):
        yield span


async def _spans(
    rows: QuerySet[LogChunk], log_filter: LogFilter | None, *, backwards: bool
) -> AsyncIterator[_Span]:
    """Chunks unpacked a few at a time; those that cannot match are passed over unread."""
    waiting: list[LogChunk] = []
    readable: list[LogChunk] = []
    async for chunk in _metadata(rows, backwards=backwards):
        waiting.append(chunk)
        if log_filter is None or log_filter.may_hold(chunk):
            readable.append(chunk)
        if len(readable) >= _PAYLOAD_BATCH or len(waiting) >= _METADATA_BATCH:
            for span in await _matching(waiting, readable, log_filter):
                yield span
            waiting, readable = [], []
    for span in await _matching(waiting, readable, log_filter):
        yield span


async def _matching(
    chunks: Sequence[LogChunk], readable: Sequence[LogChunk], log_filter: LogFilter | None
) -> list[_Span]:
    read = {span.first: span for span in await _unpacked(readable)}
    return [
        _filtered(read[chunk.first_sequence], log_filter)
        if chunk.first_sequence in read
        else _Span(chunk.first_sequence, chunk.first_sequence + chunk.count - 1, [])
        for chunk in chunks
    ]


def _filtered(span: _Span, log_filter: LogFilter | None) -> _Span:
    if log_filter is None:
        return span
    return _Span(span.first, span.last, [line for line in span.lines if log_filter.matches(line)])


_METADATA = (
    "run_id",
    "first_sequence",
    "count",
    "first_at",
    "last_at",
    "levels",
    "streams",
    "steps",
    "segments",
)


async def _metadata(rows: QuerySet[LogChunk], *, backwards: bool) -> AsyncIterator[LogChunk]:
    """The chunks without their payloads, a batch at a time; the batches grow as more are wanted."""
    size = _PAYLOAD_BATCH
    while batch := await rows.only(*_METADATA).limit(size):
        for chunk in batch:
            yield chunk
        if len(batch) < size:
            return
        last = batch[-1].first_sequence
        rows = (
            rows.filter(first_sequence__lt=last)
            if backwards
            else rows.filter(first_sequence__gt=last)
        )
        size = _METADATA_BATCH


async def _unpacked(chunks: Sequence[LogChunk]) -> list[_Span]:
    """The lines of chunks, read in one statement; chunks purged meanwhile are missing."""
    if not chunks:
        return []
    rows = LogChunk.filter(
        run_id=chunks[0].run_id, first_sequence__in=[chunk.first_sequence for chunk in chunks]
    )
    payloads = dict(await rows.values_list("first_sequence", "payload"))
    return [
        _Span(
            chunk.first_sequence,
            chunk.first_sequence + chunk.count - 1,
            list(_lines(chunk, payloads[chunk.first_sequence])),
        )
        for chunk in chunks
        if chunk.first_sequence in payloads
    ]


def _lines(chunk: LogChunk, payload: bytes) -> Iterator[LogLine]:
    columns = decode(payload, chunk.count)
    owners = chain.from_iterable(
        [(attempt, source)] * count for attempt, source, _, count in orjson.loads(chunk.segments)
    )
    for index, (attempt, source) in enumerate(owners):
        yield LogLine(
            sequence=chunk.first_sequence + index,
            at=from_micros(columns.times[index]),
            level=_LEVELS[columns.levels[index]],
            stream=_STREAMS[columns.streams[index]],
            step_key=columns.step_keys[index],
            attempt=attempt,
            source=source,
            message=columns.messages[index],
            truncated_bytes=columns.truncated.get(index),
        )
