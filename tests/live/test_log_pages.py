"""What a page of a log holds and costs, whatever the chunks that the log came in."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from live import log_codec, log_store
from live.log_filter import LogFilter
from live.log_line import NewLine
from models.database import connection
from models.ids import new_id
from models.log_chunk import LogChunk
from models.run import Run, encode_sources
from models.states import LogLevel, LogStream
from resolvers.service import Service
from tests.support.reporting import begin

NOW = datetime(2026, 11, 24, tzinfo=UTC)
NOTHING = LogFilter(contains="no line holds this")


def new_lines(first: int, count: int) -> list[NewLine]:
    return [
        NewLine(f"line {n}", NOW, LogLevel.INFO, LogStream.STDOUT, None)
        for n in range(first, first + count)
    ]


async def write(run_id: UUID, sizes: Sequence[int]) -> int:
    """Store chunks of these many lines; the last sequence."""
    last = 0
    for size in sizes:
        await log_store.append(run_id, last + 1, 1, "main", last, new_lines(last + 1, size))
        last += size
    return last


class Statements:
    """Counts the statements that are sent to the database."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        client = type(connection())
        for name in ("execute_query", "execute_query_dict"):
            monkeypatch.setattr(client, name, self._counted(getattr(client, name)))

    def _counted(self, method: Any) -> Any:
        async def counted(*args: Any, **kwargs: Any) -> Any:
            self.count += 1
            return await method(*args, **kwargs)

        return counted


class Unpacked:
    """Counts the lines that are unpacked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lines = 0
        monkeypatch.setattr("live.chunk_scan.decode", self._decode)

    def _decode(self, payload: bytes, count: int) -> log_codec.Columns:
        self.lines += count
        return log_codec.decode(payload, count)


@pytest.mark.parametrize("size", [1, 3, 300])
async def test_a_page_without_a_filter_is_full_whatever_the_chunks(
    service: Service, size: int
) -> None:
    run_id = new_id()
    last = await write(run_id, [size] * (600 // size))
    page = await log_store.read_forward(run_id, 150, last, 100, None)
    assert [line.sequence for line in page.lines] == list(range(151, 251))
    assert (page.first_examined, page.last_examined) == (151, 250)
    page = await log_store.read_backward(run_id, 451, 100, None)
    assert [line.sequence for line in page.lines] == list(range(351, 451))
    assert (page.first_examined, page.last_examined) == (351, 450)


async def test_a_page_of_a_long_log_costs_what_it_costs_in_a_short_one(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements, unpacked = Statements(monkeypatch), Unpacked(monkeypatch)

    async def cost(run_id: UUID, last: int) -> list[tuple[int, int]]:
        costs = []
        for after in (0, last // 2, last - 50):
            statements.count = unpacked.lines = 0
            await log_store.read_forward(run_id, after, last, 50, None)
            await log_store.read_backward(run_id, after + 1, 50, None)
            costs.append((statements.count, unpacked.lines))
        return costs

    short, long = new_id(), new_id()
    short_costs = await cost(short, await write(short, [100] * 4))
    long_costs = await cost(long, await write(long, [100] * 400))
    assert long_costs == short_costs
    assert max(short_costs) <= (4, 200)  # for each page one chunk: its head, then its payload


async def test_a_log_that_came_line_by_line_is_not_read_line_by_line(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = new_id()
    last = await write(run_id, [1] * 200)
    statements = Statements(monkeypatch)
    assert len((await log_store.read_backward(run_id, last + 1, 100, None)).lines) == 100
    assert statements.count <= 4


@pytest.mark.parametrize("backwards", [False, True])
async def test_a_filter_that_matches_no_line_ends_its_page_within_bounds(
    service: Service, monkeypatch: pytest.MonkeyPatch, backwards: bool
) -> None:
    monkeypatch.setattr(log_store, "MAX_LINES_READ", 500)
    run_id = new_id()
    last = await write(run_id, [100] * 20)
    unpacked = Unpacked(monkeypatch)
    if backwards:
        page = await log_store.read_backward(run_id, last + 1, 10, NOTHING)
        assert (list(page.lines), page.first_examined, page.last_examined) == ([], 1_501, 2_000)
    else:
        page = await log_store.read_forward(run_id, 0, last, 10, NOTHING)
        assert (list(page.lines), page.first_examined, page.last_examined) == ([], 1, 500)
    assert unpacked.lines < 1_000


async def test_a_page_ends_where_its_bytes_do_but_holds_a_line_of_any_length(
    service: Service,
) -> None:
    run_id = new_id()
    last = await write(run_id, [20])
    page = await log_store.read_forward(run_id, 0, last, 20, None, max_bytes=12)
    assert [line.message for line in page.lines] == ["line 1", "line 2"]
    assert page.last_examined == 2
    page = await log_store.read_forward(run_id, 2, last, 20, None, max_bytes=1)
    assert [line.message for line in page.lines] == ["line 3"]


async def test_a_log_that_is_being_purged_shows_no_line_behind_a_gap(service: Service) -> None:
    run_id = new_id()
    last = await write(run_id, [10, 10, 10])
    await LogChunk.filter(run_id=run_id, first_sequence=11).delete()
    page = await log_store.read_forward(run_id, 0, last, 100, None)
    assert [line.sequence for line in page.lines] == list(range(1, 11))
    assert page.last_examined == 10
    page = await log_store.read_forward(run_id, 10, last, 100, None)
    assert (list(page.lines), page.last_examined) == ([], 10)
    page = await log_store.read_backward(run_id, last + 1, 100, None)
    assert (page.lines[0].sequence, page.first_examined) == (21, 21)


async def test_what_is_told_again_is_found_without_reading_the_whole_log(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or a reporter that tells a long log again would take longer with each of its calls."""
    run = await begin(service)
    sequence = 0
    for attempt in (1, 2, 3):
        for offset in range(0, 300, 2):
            lines = new_lines(offset, 2)
            await log_store.append(run.id, sequence + 1, attempt, "main", offset, lines)
            sequence += 2
    ends = {(attempt, "main"): 300 for attempt in (1, 2, 3)}
    await Run.filter(id=run.id).update(log_sources=encode_sources(ends))
    statements = Statements(monkeypatch)
    for attempt in (1, 2, 3):
        for offset in (0, 151, 290):
            statements.count = 0
            found = await log_store.read_stored(run.id, attempt, "main", offset, 9)
            assert [at for at, _ in found] == list(range(offset, offset + 9))
            assert all(line.message == f"line {at}" for at, line in found)
            assert {line.attempt for _, line in found} == {attempt}
            assert statements.count <= 4
