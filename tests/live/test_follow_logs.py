"""Followers see every line once and in order, and exactly one end."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from live import ends
from live import follow_logs as follows
from live.ends import ShuttingDown, StreamEnd
from live.follow_logs import LogBatch, follow_logs
from live.log_filter import LogFilter
from live.log_lines import LogLines
from live.stretch import Stretch
from models.run import Run
from models.transactions import DatabaseUnavailable
from resolvers.delete_runs import delete_runs
from resolvers.service import Service
from resolvers.viewer import LOCAL_VIEWER
from tests.support.reporting import append, begin, complete, fail, run_id


async def collect(batches: AsyncGenerator[LogBatch, None]) -> list[LogBatch]:
    return [batch async for batch in batches]


def messages(batches: list[LogBatch]) -> list[str]:
    return [line.message for batch in batches for line in batch.lines]


async def test_lines_stored_already_and_lines_to_come_are_one_stream(service: Service) -> None:
    run = await begin(service)
    await append(service, run, 0, "before")
    following = asyncio.create_task(collect(follow_logs(service.hub, run.id, 0, None)))
    await append(service, run, 1, "after", "last")
    await complete(service, run)
    batches = await following
    assert messages(batches) == ["before", "after", "last"]
    assert [batch.end for batch in batches if batch.end] == [StreamEnd.RUN_ENDED]
    assert batches[-1].end is StreamEnd.RUN_ENDED
    assert service.hub.follower_count == 0


async def test_an_ended_run_without_lines_gives_one_empty_batch_with_the_end(
    service: Service,
) -> None:
    run = await begin(service)
    await complete(service, run)
    batches = await collect(follow_logs(service.hub, run.id, 0, None))
    assert batches == [LogBatch(LogLines(), 0, StreamEnd.RUN_ENDED)]


async def test_a_deleted_run_ends_its_stream_and_shows_no_more_lines(service: Service) -> None:
    run = await begin(service)
    await append(service, run, 0, "secret")
    async with aclosing(follow_logs(service.hub, run.id, 1, None)) as batches:
        waiting = asyncio.ensure_future(anext(batches))
        await delete_runs(service, LOCAL_VIEWER, [run_id(run)], force=True)
        assert await waiting == LogBatch(LogLines(), 1, StreamEnd.RUN_DELETED)
        with pytest.raises(StopAsyncIteration):
            await anext(batches)


async def test_a_shutdown_breaks_the_stream_off_without_an_end_after_what_was_committed(
    service: Service,
) -> None:
    run = await begin(service)
    await append(service, run, 0, "committed")
    service.hub.close()
    batches = follow_logs(service.hub, run.id, 0, None)
    assert messages([await anext(batches)]) == ["committed"]
    with pytest.raises(ShuttingDown):
        await anext(batches)


async def test_a_filtered_follower_gets_its_cursor_now_and_then(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follows, "CURSOR_SECONDS", 0.05)
    run = await begin(service)
    await append(service, run, 0, "no match", "nor this")
    nothing = LogFilter(contains="absent")
    async with aclosing(follow_logs(service.hub, run.id, 0, nothing)) as batches:
        assert await anext(batches) == LogBatch(LogLines(), 2)


async def test_a_follower_that_goes_away_leaves_nothing_behind(service: Service) -> None:
    run = await begin(service)
    await append(service, run, 0, "line")
    followers = [follow_logs(service.hub, run.id, 0, None) for _ in range(5)]
    await asyncio.gather(*map(anext, followers))
    assert service.hub.follower_count == 5
    waiting = [asyncio.ensure_future(anext(follower)) for follower in followers]
    await asyncio.sleep(0)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert service.hub.follower_count == 0


async def test_lines_that_come_close_together_travel_together_and_a_lone_one_at_once(
    service: Service,
) -> None:
    """The window lies behind a batch, never before one: a lone line finds it over."""
    run = await begin(service)
    stretch = Stretch()
    async with aclosing(follow_logs(service.hub, run.id, 0, None, stretch)) as batches:
        await append(service, run, 0, "lone")
        assert messages([await anext(batches)]) == ["lone"]
        stretch.window = 1.0
        waiting = asyncio.ensure_future(anext(batches))
        for offset in range(1, 4):
            await append(service, run, offset, str(offset))
        assert messages([await waiting]) == ["1", "2", "3"]


# ---------------------------------------------------------------- what a slow reader meets


async def test_a_deletion_is_heard_in_the_middle_of_a_replay(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From its commit on nobody is sent a line, also who has many before them."""
    monkeypatch.setattr(follows, "MAX_BATCH_LINES", 2)
    run = await begin(service)
    await append(service, run, 0, *"abcdef")
    async with aclosing(follow_logs(service.hub, run.id, 0, None)) as batches:
        assert messages([await anext(batches)]) == ["a", "b"]
        await delete_runs(service, LOCAL_VIEWER, [run_id(run)], force=True)
        assert await anext(batches) == LogBatch(LogLines(), 2, StreamEnd.RUN_DELETED)


async def test_a_batch_is_bounded_in_bytes(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follows, "MAX_BATCH_BYTES", 10)
    run = await begin(service)
    await append(service, run, 0, "x" * 50, "y" * 4, "z" * 6, "end")
    await complete(service, run)
    batches = await collect(follow_logs(service.hub, run.id, 0, None))
    assert [len(batch.lines) for batch in batches] == [1, 2, 1, 0]


async def test_a_shutdown_does_not_wait_for_a_database_that_is_away(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await begin(service)
    asked = asyncio.Event()

    async def away(*_: Any) -> None:
        asked.set()
        raise ConnectionError("gone")

    monkeypatch.setattr(follows, "_look", away)
    waiting = asyncio.ensure_future(anext(follow_logs(service.hub, run.id, 0, None)))
    await asked.wait()
    service.hub.close()
    with pytest.raises(ShuttingDown):
        await waiting


async def test_an_outage_that_passes_is_waited_out_and_a_long_one_is_told(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await begin(service)
    await append(service, run, 0, "line")
    look, failures = follows._look, iter(range(2))

    async def faltering(*asked: Any) -> Any:
        if next(failures, None) is not None:
            raise ConnectionError("gone")
        return await look(*asked)

    monkeypatch.setattr(follows, "_look", faltering)
    async with aclosing(follow_logs(service.hub, run.id, 0, None)) as batches:
        assert messages([await anext(batches)]) == ["line"]
    monkeypatch.setattr(ends, "OUTAGE_SECONDS", 0.0)
    failures = iter(range(1))
    with pytest.raises(DatabaseUnavailable):
        await anext(follow_logs(service.hub, run.id, 0, None))


# ---------------------------------------------------------------- the property


class Reader:
    """A follower that is cut off at random points and resumes by its cursor."""

    def __init__(self, service: Service, run: Run, log_filter: LogFilter | None) -> None:
        self.service, self.run, self.log_filter = service, run, log_filter
        self.seen: list[tuple[int, str]] = []
        self.cursor = 0
        self.ends = 0

    async def read(self, cuts: list[int]) -> None:
        for batches_until_cut in [*cuts, 10**9]:
            async with aclosing(
                follow_logs(self.service.hub, self.run.id, self.cursor, self.log_filter)
            ) as batches:
                for _ in range(batches_until_cut):
                    batch = await anext(batches)
                    self.seen += [(line.sequence, line.message) for line in batch.lines]
                    self.cursor = batch.end_sequence
                    if batch.end:
                        self.ends += 1
                        return


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
async def test_a_follower_that_is_cut_off_and_resumes_has_every_line_once(
    service: Service, data: st.DataObject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the interleaving of writers, followers and cuts, with filters and without."""
    monkeypatch.setattr(follows, "MAX_BATCH_LINES", 3)
    run = await begin(service)
    sizes = data.draw(st.lists(st.lists(st.integers(1, 7), max_size=6), min_size=1, max_size=3))
    cuts = data.draw(st.lists(st.lists(st.integers(0, 4), max_size=5), min_size=1, max_size=4))
    filters = data.draw(
        st.lists(
            st.sampled_from([None, LogFilter(contains="a"), LogFilter(contains="none")]),
            min_size=len(cuts),
            max_size=len(cuts),
        )
    )
    pauses = data.draw(st.lists(st.integers(0, 5), min_size=1, max_size=20))

    async def yield_some(turn: int) -> None:
        for _ in range(pauses[turn % len(pauses)]):
            await asyncio.sleep(0)

    async def write(source: str, batches: list[int]) -> None:
        offset = 0
        for turn, size in enumerate(batches):
            await yield_some(turn)
            lines = [f"{source}{n}" for n in range(offset, offset + size)]
            await append(service, run, offset, *lines, source=source)
            offset += size

    async def writers() -> None:
        await asyncio.gather(
            *(write(source, batches) for source, batches in zip("abc", sizes, strict=False))
        )
        await (complete if len(pauses) % 2 else fail)(service, run)

    readers = [Reader(service, run, log_filter) for log_filter in filters]
    jobs: list[Any] = [reader.read(cut) for reader, cut in zip(readers, cuts, strict=True)]
    await asyncio.gather(writers(), *jobs)

    everything = await collect(follow_logs(service.hub, run.id, 0, None))
    stored = [(line.sequence, line.message) for batch in everything for line in batch.lines]
    assert [sequence for sequence, _ in stored] == list(range(1, sum(map(sum, sizes)) + 1))
    for reader in readers:
        needle = reader.log_filter.contains if reader.log_filter else ""
        assert reader.seen == [pair for pair in stored if (needle or "") in pair[1]]
        assert reader.ends == 1
    assert service.hub.follower_count == 0
