"""What is new at the end of a log is told in one statement, and is what the store says."""

from uuid import UUID

import pytest

from live.log_filter import LogFilter
from live.log_looks import Looks
from live.log_news import LogNews, read_news
from live.log_store import read_forward
from models.states import LogLevel
from resolvers.delete_runs import delete_runs
from resolvers.service import Service
from resolvers.viewer import LOCAL_VIEWER
from tests.support.reporting import append, begin, complete, run_id
from tests.support.statements import recorded

FILTERS = [None, LogFilter(contains="a"), LogFilter(min_level=LogLevel.ERROR)]


async def news(
    run: UUID,
    after: int,
    until: int | None = None,
    max_lines: int = 100,
    max_bytes: int = 10_000,
    log_filter: LogFilter | None = None,
) -> LogNews | None:
    return await read_news(Looks(), run, after, until, max_lines, max_bytes, log_filter)


@pytest.mark.parametrize("log_filter", FILTERS)
async def test_it_is_what_the_store_says(service: Service, log_filter: LogFilter | None) -> None:
    run = await begin(service)
    await append(service, run, 0, "a", "b", "c")
    await append(service, run, 3, "d", step_key="x")
    await append(service, run, 4, "ab", "e")
    for after in range(7):
        for until in (None, *range(after + 1, 7)):
            found = await news(run.id, after, until, log_filter=log_filter)
            assert found is not None
            assert (found.last_sequence, found.is_active) == (6, True)
            if after not in (0, 3, 4):  # within a chunk, or at the end
                assert found.page is None
                continue
            stored = await read_forward(run.id, after, until or 6, 100, log_filter)
            assert found.page == stored


async def test_a_page_ends_with_the_line_that_is_one_too_many_in_lines_or_bytes(
    service: Service,
) -> None:
    run = await begin(service)
    await append(service, run, 0, "a", "b", "c")
    for max_lines, max_bytes in ((2, 10_000), (100, 2)):
        found = await news(run.id, 0, max_lines=max_lines, max_bytes=max_bytes)
        assert found is not None
        assert found.page is not None
        assert [line.message for line in found.page.lines] == ["a", "b"]
        assert found.page.last_examined == 2


async def test_it_takes_one_statement_however_many_appends_there_were(service: Service) -> None:
    run = await begin(service)
    for offset in range(5):
        await append(service, run, offset, str(offset))
    with recorded() as statements:
        found = await news(run.id, 1)
    assert len(statements) == 1
    assert found is not None
    assert found.page is not None
    assert [line.message for line in found.page.lines] == ["1", "2", "3", "4"]


async def test_an_ended_run_says_so_and_a_deleted_one_nothing(service: Service) -> None:
    run = await begin(service)
    await append(service, run, 0, "a")
    await complete(service, run)
    assert await news(run.id, 1) == LogNews(last_sequence=1, is_active=False, page=None)
    await delete_runs(service, LOCAL_VIEWER, [run_id(run)], force=False)
    assert await news(run.id, 0) is None
