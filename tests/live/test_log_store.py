"""Pages of a log, against the plain list of its lines."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from live import chunk_insert, log_store
from live.chunk_walk import ChunkWalk
from live.log_filter import LogFilter
from live.log_line import LogLine, NewLine
from models.ids import new_id
from models.log_chunk import LogChunk
from models.states import LogLevel, LogStream
from resolvers.service import Service

START = datetime(2026, 11, 24, tzinfo=UTC)

NEW_LINES = st.lists(
    st.builds(
        NewLine,
        message=st.sampled_from(["Alpha", "beta", "GAMMA Straße", "a\r\nb", ""]),
        at=st.integers(0, 20).map(lambda s: START + timedelta(seconds=s)),
        level=st.sampled_from(LogLevel),
        stream=st.sampled_from(LogStream),
        step_key=st.none() | st.sampled_from(["build", "test"]),
        truncated_bytes=st.none() | st.integers(1, 9),
    ),
    min_size=1,
    max_size=6,
)
FILTERS = st.none() | st.builds(
    LogFilter,
    min_level=st.none() | st.sampled_from(LogLevel),
    streams=st.none() | st.frozensets(st.sampled_from(LogStream), max_size=2),
    step_keys=st.none() | st.frozensets(st.sampled_from(["build", "test", "x"]), max_size=2),
    attempts=st.none() | st.frozensets(st.sampled_from([1, 2, 3]), max_size=2),
    contains=st.none() | st.sampled_from(["a", "strasse", "zzz"]),
    at_from=st.none() | st.integers(0, 20).map(lambda s: START + timedelta(seconds=s)),
    at_until=st.none() | st.integers(0, 20).map(lambda s: START + timedelta(seconds=s)),
    from_sequence=st.none() | st.integers(1, 40),
)
SLOW = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


async def write(run_id: UUID, chunks: Sequence[Sequence[NewLine]]) -> list[LogLine]:
    """Store chunks, from two attempts in turn; the lines as they should come back."""
    lines: list[LogLine] = []
    offsets = {1: 0, 2: 0}
    for number, chunk in enumerate(chunks):
        attempt = number % 2 + 1
        await log_store.append(run_id, len(lines) + 1, attempt, "main", offsets[attempt], chunk)
        offsets[attempt] += len(chunk)
        for new in chunk:
            lines.append(
                LogLine(
                    len(lines) + 1,
                    new.at,
                    new.level,
                    new.stream,
                    new.step_key,
                    attempt,
                    "main",
                    new.message,
                    new.truncated_bytes,
                )
            )
    return lines


def matching(lines: Sequence[LogLine], log_filter: LogFilter | None) -> list[LogLine]:
    return [line for line in lines if log_filter is None or log_filter.matches(line)]


@SLOW
@given(chunks=st.lists(NEW_LINES, max_size=8), log_filter=FILTERS, size=st.integers(1, 7))
async def test_pages_forward_hold_each_matching_line_once(
    service: Service, chunks: list[list[NewLine]], log_filter: LogFilter | None, size: int
) -> None:
    run_id = new_id()
    lines = await write(run_id, chunks)
    found: list[LogLine] = []
    after = 0
    while after < len(lines):
        page = await log_store.read_forward(run_id, after, len(lines), size, log_filter)
        assert len(page.lines) <= size
        assert after < page.last_examined <= len(lines)
        found += page.lines
        after = page.last_examined
    assert found == matching(lines, log_filter)


@SLOW
@given(chunks=st.lists(NEW_LINES, max_size=8), log_filter=FILTERS, size=st.integers(1, 7))
async def test_pages_backward_hold_each_matching_line_once(
    service: Service, chunks: list[list[NewLine]], log_filter: LogFilter | None, size: int
) -> None:
    run_id = new_id()
    lines = await write(run_id, chunks)
    found: list[LogLine] = []
    before = len(lines) + 1
    while before > 1:
        page = await log_store.read_backward(run_id, before, size, log_filter)
        assert len(page.lines) <= size
        assert 1 <= page.first_examined < before
        found = [*page.lines, *found]
        before = page.first_examined
    assert found == matching(lines, log_filter)


@SLOW
@given(chunk=NEW_LINES, log_filter=FILTERS)
async def test_a_chunk_with_a_matching_line_is_never_passed_over(
    service: Service, chunk: list[NewLine], log_filter: LogFilter | None
) -> None:
    run_id = new_id()
    lines = await write(run_id, [chunk])
    ((head, _, _),) = await ChunkWalk(run_id, 1, len(lines)).next()
    if log_filter is not None and matching(lines, log_filter):
        assert log_filter.may_hold(head)


async def test_what_is_stored_at_offsets_is_found_in_whichever_chunk(service: Service) -> None:
    run_id = new_id()
    new = [NewLine(str(n), START, LogLevel.INFO, LogStream.STDOUT, None) for n in range(9)]
    await log_store.append(run_id, 1, 1, "a", 0, new[:3])
    await log_store.append(run_id, 4, 1, "b", 0, new[3:5])
    await log_store.append(run_id, 6, 1, "a", 3, new[5:])
    found = await log_store.read_stored(run_id, 1, "a", 1, 4)
    assert [(offset, line.message) for offset, line in found] == [
        (1, "1"),
        (2, "2"),
        (3, "5"),
        (4, "6"),
    ]
    assert await log_store.read_stored(run_id, 2, "a", 0, 2) == []


async def test_a_large_append_is_cut_into_chunks(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunk_insert, "MAX_CHUNK_LINES", 10)
    monkeypatch.setattr(chunk_insert, "MAX_CHUNK_BYTES", 100)
    run_id = new_id()
    new = [NewLine("x" * (n % 40), START, LogLevel.INFO, LogStream.STDOUT, None) for n in range(99)]
    await log_store.append(run_id, 1, 1, "main", 0, new)
    assert await LogChunk.filter(run_id=run_id).count() > 9
    page = await log_store.read_forward(run_id, 0, 99, 1_000, None)
    assert [line.message for line in page.lines] == [line.message for line in new]


async def test_a_filter_that_matches_nothing_ends_its_page_within_bounds(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_store, "MAX_CHUNKS_SEEN", 5)
    run_id = new_id()
    for n in range(20):
        new = NewLine("x", START, LogLevel.INFO, LogStream.STDOUT, None)
        await log_store.append(run_id, n + 1, 1, "main", n, [new])
    errors = LogFilter(min_level=LogLevel.ERROR)
    page = await log_store.read_forward(run_id, 0, 20, 10, errors)
    assert (list(page.lines), page.last_examined) == ([], 5)
    page = await log_store.read_backward(run_id, 21, 10, errors)
    assert (list(page.lines), page.first_examined) == ([], 16)


async def test_a_page_is_full_however_small_the_chunks_are(service: Service) -> None:
    run_id = new_id()
    for n in range(120):
        new = NewLine(str(n), START, LogLevel.INFO, LogStream.STDOUT, None)
        await log_store.append(run_id, n + 1, 1, "main", n, [new])
    assert len((await log_store.read_forward(run_id, 0, 120, 100, None)).lines) == 100
    assert len((await log_store.read_backward(run_id, 121, 100, None)).lines) == 100
