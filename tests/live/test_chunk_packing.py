"""Packing changes what a log is stored in, and nothing that anybody reads."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live import chunk_packing, log_store
from live.chunk_packing import pack_next
from live.chunk_scan import ChunkScan
from live.log_codec import CorruptChunk
from live.log_filter import LogFilter
from live.log_line import LogLine, NewLine
from models.instants import utc_now
from models.log_chunk import LogChunk
from models.run import Run
from models.states import LogLevel, LogStream
from resolvers.service import Service
from tests.live.test_log_store import FILTERS, NEW_LINES, SLOW, matching, write
from tests.support.clock import START
from tests.support.factories import make_run


def plain(messages: Sequence[str]) -> list[NewLine]:
    return [NewLine(m, START, LogLevel.INFO, LogStream.STDOUT, None) for m in messages]


async def ended(count: int, **values: Any) -> Run:
    """An ended run that says to have so many lines."""
    return await make_run(seconds=1, last_sequence=count, **values)


async def pack(run: Run) -> None:
    """All that is left to pack."""
    while run.unpacked_from is not None and await pack_next(run):
        pass


async def counts(run: Run) -> list[int]:
    rows = LogChunk.filter(run_id=run.id).order_by("first_sequence")
    return [count for (count,) in await rows.values_list("count")]


async def read_all(run_id: UUID, last: int, size: int, wanted: LogFilter | None) -> list[LogLine]:
    """By pages, forward."""
    found: list[LogLine] = []
    after = 0
    while after < last:
        page = await log_store.read_forward(run_id, after, last, size, wanted)
        assert len(page.lines) <= size
        assert after < page.last_examined <= last
        found += page.lines
        after = page.last_examined
    return found


async def read_back(run_id: UUID, last: int, size: int, wanted: LogFilter | None) -> list[LogLine]:
    """By pages, backward."""
    found: list[LogLine] = []
    before = last + 1
    while before > 1:
        page = await log_store.read_backward(run_id, before, size, wanted)
        assert 1 <= page.first_examined < before
        found = [*page.lines, *found]
        before = page.first_examined
    return found


@contextmanager
def packing_between_heads_and_payloads(run: Run, when: list[bool]) -> Iterator[None]:
    """Packs some of the run after heads were read and before their lines are, as `when` says."""
    busy = False
    payloads = ChunkScan._payloads

    async def late(scan: ChunkScan, heads: Any) -> Any:
        nonlocal busy
        if not busy and when and when.pop() and run.unpacked_from is not None:
            busy = True
            await pack_next(run)
            busy = False
        return await payloads(scan, heads)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ChunkScan, "_payloads", late)
        yield


@SLOW
@given(
    chunks=st.lists(NEW_LINES, min_size=1, max_size=10),
    wanted=FILTERS,
    size=st.integers(1, 7),
    packed=st.integers(1, 30),
    large=st.integers(2, 8),
    when=st.lists(st.sampled_from([True, True, False]), min_size=3, max_size=12),
)
async def test_any_page_and_any_filter_reads_the_same_before_during_and_after_packing(
    service: Service,
    chunks: list[list[NewLine]],
    wanted: LogFilter | None,
    size: int,
    packed: int,
    large: int,
    when: list[bool],
) -> None:
    count = sum(map(len, chunks))
    run = await ended(count)
    lines = await write(run.id, chunks)
    expected = matching(lines, wanted)
    assert await read_all(run.id, count, size, wanted) == expected
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunk_packing, "MAX_PACKED_LINES", packed)
        patch.setattr(chunk_packing, "LARGE_LINES", large)
        with packing_between_heads_and_payloads(run, list(when)):
            assert await read_all(run.id, count, size, wanted) == expected
            assert await read_back(run.id, count, size, wanted) == expected
        await pack(run)
    assert run.unpacked_from is None
    assert await read_all(run.id, count, size, wanted) == expected
    assert await read_back(run.id, count, size, wanted) == expected
    for attempt in (1, 2):
        own = [line.message for line in lines if line.attempt == attempt]
        found = await log_store.read_stored(run.id, attempt, "main", 0, len(own))
        assert [(offset, line.message) for offset, line in found] == list(enumerate(own))


async def test_a_reader_whose_chunks_are_packed_under_it_goes_on_where_it_was(
    service: Service,
) -> None:
    pages = [
        lambda key: log_store.read_forward(key, 3, 10, 5, None),
        lambda key: log_store.read_forward(key, 0, 10, 5, None),
        lambda key: log_store.read_backward(key, 9, 5, None),
        lambda key: log_store.read_backward(key, 11, 10, None),
    ]
    expected = ["34567", "01234", "34567", "0123456789"]
    for page, messages in zip(pages, expected, strict=True):
        run = await ended(10)
        for n in range(10):
            await log_store.append(run.id, n + 1, 1, "main", n, plain([str(n)]))
        with packing_between_heads_and_payloads(run, [True]):
            lines = (await page(run.id)).lines
        assert await counts(run) == [10]
        assert "".join(line.message for line in lines) == messages


async def test_small_chunks_become_few_large_ones_within_their_bounds(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await ended(100)
    for n in range(100):
        await log_store.append(run.id, n + 1, 1, "main", n, plain([str(n)]))
    monkeypatch.setattr(chunk_packing, "MAX_PACKED_LINES", 30)
    await pack(run)
    assert await counts(run) == [30, 30, 30, 10]
    segments = await LogChunk.filter(run_id=run.id).order_by("first_sequence").first()
    assert segments is not None
    assert segments.segments == '[[1,"main",0,30]]'
    assert (await Run.get(id=run.id)).unpacked_from is None


async def test_a_packed_chunk_holds_no_more_text_and_segments_than_a_page_should_unpack(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunk_packing, "MAX_CHUNK_BYTES", 1_000)
    run = await ended(20)
    for n in range(20):
        await log_store.append(run.id, n + 1, 1, "main", n, plain(["x" * 300]))
    await pack(run)
    assert await counts(run) == [3, 3, 3, 3, 3, 3, 2]
    monkeypatch.setattr(chunk_packing, "MAX_PACKED_SEGMENTS", 4)
    run = await ended(10)
    for n in range(10):
        await log_store.append(run.id, n + 1, 1, "ab"[n % 2], n // 2, plain(["x"]))
    await pack(run)
    assert await counts(run) == [4, 4, 2]


async def test_large_chunks_stay_as_they_are(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunk_packing, "LARGE_LINES", 5)
    run = await ended(24)
    first = 1
    for size in (2, 2, 5, 6, 1, 1, 1, 6):
        lines = plain([str(n) for n in range(size)])
        await log_store.append(run.id, first, 1, "main", first - 1, lines)
        first += size
    await pack(run)
    assert await counts(run) == [4, 5, 6, 3, 6]


async def test_a_deleted_run_is_left_to_the_purge(service: Service) -> None:
    run = await ended(2)
    for n in range(2):
        await log_store.append(run.id, n + 1, 1, "main", n, plain(["x"]))
    await Run.filter(id=run.id).update(deleted_at=utc_now())
    assert await pack_next(run) is None
    assert await counts(run) == [1, 1]


async def test_two_that_pack_the_same_run_do_it_once(service: Service) -> None:
    run = await ended(50)
    for n in range(50):
        await log_store.append(run.id, n + 1, 1, "main", n, plain([str(n)]))
    twin = await Run.get(id=run.id)
    await asyncio.gather(pack_next(run), pack_next(twin))
    assert await counts(run) == [50]
    assert [line.message for line in await read_all(run.id, 50, 50, None)] == [
        str(n) for n in range(50)
    ]


async def test_a_log_with_a_hole_is_told_as_such(service: Service) -> None:
    run = await ended(3)
    await log_store.append(run.id, 3, 1, "main", 2, plain(["x"]))
    with pytest.raises(CorruptChunk, match="begins with line 1"):
        await pack_next(run)


async def test_a_reader_whose_chunks_vanish_comes_to_an_end(service: Service) -> None:
    run = await ended(5)
    for n in range(5):
        await log_store.append(run.id, n + 1, 1, "main", n, plain([str(n)]))
    scan_payloads = ChunkScan._payloads

    async def purged(scan: ChunkScan, heads: Any) -> Any:
        await LogChunk.filter(run_id=run.id, first_sequence__gt=2).delete()
        return await scan_payloads(scan, heads)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ChunkScan, "_payloads", purged)
        page = await log_store.read_forward(run.id, 0, 5, 10, None)
    assert [line.message for line in page.lines] == ["0", "1"]


async def test_pages_and_filters_of_a_packed_log_read_only_the_chunks_they_need(
    service: Service,
) -> None:
    count = 20_000
    run = await ended(count)
    for first in range(1, count, 200):
        lines = plain([f"line {n}" for n in range(first, first + 200)])
        if first == 9_001:
            lines[7] = NewLine("oh", START, LogLevel.ERROR, LogStream.STDERR, "rare")
        await log_store.append(run.id, first, 1, "main", first - 1, lines)
    await pack(run)
    assert await counts(run) == [2_000] * 10

    cost: list[int] = []
    payloads = ChunkScan._payloads

    async def counted(scan: ChunkScan, heads: Any) -> Any:
        cost.append(len(heads))
        return await payloads(scan, heads)

    async def cost_of(page: Any) -> tuple[int, int]:
        """(lines found, chunks unpacked)"""
        cost.clear()
        return len((await page).lines), sum(cost)

    errors, rare = LogFilter(min_level=LogLevel.ERROR), LogFilter(step_keys=frozenset(["rare"]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ChunkScan, "_payloads", counted)
        assert await cost_of(log_store.read_backward(run.id, count + 1, 100, None)) == (100, 1)
        assert await cost_of(log_store.read_forward(run.id, 0, count, 100, None)) == (100, 1)
        assert await cost_of(log_store.read_forward(run.id, 10_500, count, 100, None)) == (100, 1)
        assert await cost_of(log_store.read_forward(run.id, 9_950, count, 100, None)) == (100, 2)
        assert await cost_of(log_store.read_forward(run.id, 0, count, 100, errors)) == (1, 1)
        assert await cost_of(log_store.read_backward(run.id, count + 1, 100, rare)) == (1, 1)
