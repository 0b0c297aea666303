"""Pages of a log: cursors say what was looked at, flags whether to go on."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from live import log_store
from live.log_filter import LogFilter
from live.log_line import NewLine
from models.log_chunk import LogChunk
from models.run import Run
from models.states import LogLevel, LogStream
from resolvers.cursors import log_cursor
from resolvers.errors import BadInput
from resolvers.pages import PageRequest
from resolvers.read_logs import LogLinePage, list_log_lines
from resolvers.service import Service
from tests.support.clock import START
from tests.support.factories import make_run
from tests.support.statements import recorded

#: Lines of the log, and of each of its chunks. Every tenth line is an ERROR of step "build".
LINES, CHUNK = 95, 10


@pytest.fixture
async def run(service: Service) -> Run:
    """A run with a log of LINES lines."""
    run = await make_run(last_sequence=LINES)
    for first in range(1, LINES + 1, CHUNK):
        last = min(first + CHUNK, LINES + 1)
        lines = [line(sequence) for sequence in range(first, last)]
        await log_store.append(run.id, first, 1, "main", first - 1, lines)
    return run


def line(sequence: int) -> NewLine:
    is_tenth = sequence % 10 == 0
    return NewLine(
        message=f"line {sequence}",
        at=START + timedelta(seconds=sequence),
        level=LogLevel.ERROR if is_tenth else LogLevel.INFO,
        stream=LogStream.STDOUT,
        step_key="build" if is_tenth else None,
    )


def sequences(page: LogLinePage) -> list[int]:
    return [line.sequence for line in page.lines]


def flags(page: LogLinePage) -> tuple[bool, bool]:
    return page.has_previous_page, page.has_next_page


async def test_the_last_lines_are_read_and_followed_from_there(run: Run) -> None:
    page = await list_log_lines(run, None, PageRequest(20, backwards=True))
    assert sequences(page) == list(range(76, 96))
    assert flags(page) == (True, False)
    assert page.start_cursor == log_cursor(run.id, 76)
    assert page.end_cursor == log_cursor(run.id, 95)
    assert not page.is_complete


async def test_pages_cover_the_log_once_in_both_directions(run: Run) -> None:
    forwards: list[int] = []
    request = PageRequest(20)
    while True:
        page = await list_log_lines(run, None, request)
        assert page.has_previous_page == bool(forwards)
        forwards += sequences(page)
        if not page.has_next_page:
            break
        request = PageRequest(20, after=page.end_cursor)
    assert forwards == list(range(1, LINES + 1))
    back: list[int] = []
    request = PageRequest(20, backwards=True)
    while True:
        page = await list_log_lines(run, None, request)
        assert page.has_next_page == bool(back)
        back = sequences(page) + back
        if not page.has_previous_page:
            break
        request = PageRequest(20, before=page.start_cursor, backwards=True)
    assert back == list(range(1, LINES + 1))


async def all_matching(run: Run, log_filter: LogFilter, request: PageRequest) -> list[int]:
    """Every matching line, however many pages that takes."""
    found: list[int] = []
    while True:
        page = await list_log_lines(run, log_filter, request)
        found = sequences(page) + found if request.backwards else found + sequences(page)
        if not (page.has_previous_page if request.backwards else page.has_next_page):
            return found
        request = (
            replace(request, before=page.start_cursor)
            if request.backwards
            else replace(request, after=page.end_cursor)
        )


@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
@pytest.mark.parametrize(
    ("log_filter", "expected"),
    [
        (LogFilter(min_level=LogLevel.WARNING), list(range(10, 96, 10))),
        (LogFilter(step_keys=frozenset({"build"})), list(range(10, 96, 10))),
        (LogFilter(step_keys=frozenset()), []),
        (LogFilter(contains="line 9"), [9, *range(90, 96)]),
        (LogFilter(from_sequence=90), list(range(90, 96))),
        (LogFilter(at_from=START + timedelta(seconds=94)), [94, 95]),
        (LogFilter(contains="nothing like it"), []),
        (LogFilter(attempts=frozenset({2})), []),
    ],
)
async def test_filtered_pages_cover_what_matches_once(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    backwards: bool,
    log_filter: LogFilter,
    expected: Sequence[int],
) -> None:
    request = PageRequest(4, backwards=backwards)
    assert await all_matching(run, log_filter, request) == expected
    # The same where a page may look at hardly anything, so that most are empty and have more.
    monkeypatch.setattr(log_store, "MAX_CHUNKS_SEEN", 2)
    monkeypatch.setattr(log_store, "MAX_LINES_READ", CHUNK)
    assert await all_matching(run, log_filter, request) == expected


async def test_a_filtered_page_may_be_empty_and_still_have_more(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_store, "MAX_CHUNKS_SEEN", 2)
    wanted = LogFilter(contains="line 9")
    page = await list_log_lines(run, wanted, PageRequest(5, after=log_cursor(run.id, 9)))
    assert sequences(page) == []
    assert flags(page) == (True, True)
    assert page.end_cursor == log_cursor(run.id, 20)


async def test_two_cursors_bound_a_window(run: Run) -> None:
    after, before = log_cursor(run.id, 40), log_cursor(run.id, 46)
    page = await list_log_lines(run, None, PageRequest(3, after, before))
    assert (sequences(page), page.has_next_page) == ([41, 42, 43], True)
    page = await list_log_lines(run, None, PageRequest(5, after, before))
    assert (sequences(page), page.has_next_page) == ([41, 42, 43, 44, 45], False)
    page = await list_log_lines(run, None, PageRequest(3, after, before, backwards=True))
    assert (sequences(page), page.has_previous_page) == ([43, 44, 45], True)
    page = await list_log_lines(run, None, PageRequest(9, after, before, backwards=True))
    assert (sequences(page), page.has_previous_page) == ([41, 42, 43, 44, 45], False)
    for backwards in (False, True):
        request = PageRequest(9, before, after, backwards=backwards)
        page = await list_log_lines(run, None, request)
        assert sequences(page) == []
        assert page.end_cursor == before


@pytest.mark.parametrize("backwards", [False, True])
async def test_an_empty_log_has_a_cursor_to_follow_from(service: Service, backwards: bool) -> None:
    run = await make_run()
    page = await list_log_lines(run, None, PageRequest(9, backwards=backwards))
    assert page.lines == []
    assert flags(page) == (False, False)
    assert page.end_cursor == log_cursor(run.id, 0)
    again = await list_log_lines(run, None, PageRequest(9, before=page.start_cursor))
    assert again.lines == []


@pytest.mark.parametrize("backwards", [False, True])
async def test_a_purged_log_ends_instead_of_having_more_for_ever(run: Run, backwards: bool) -> None:
    await LogChunk.filter(run_id=run.id).delete()
    page = await list_log_lines(run, None, PageRequest(9, backwards=backwards))
    assert page.lines == []
    assert not (page.has_previous_page if backwards else page.has_next_page)


async def test_a_cursor_ahead_of_the_row_at_hand_gives_an_empty_page(run: Run) -> None:
    ahead = log_cursor(run.id, LINES + 5)
    page = await list_log_lines(run, None, PageRequest(9, after=ahead))
    assert (list(page.lines), page.has_next_page, page.end_cursor) == ([], False, ahead)


async def test_the_log_of_an_ended_run_is_complete(service: Service) -> None:
    run = await make_run(seconds=1)
    assert (await list_log_lines(run, None, PageRequest(1))).is_complete


async def test_a_cursor_of_another_run_is_refused(run: Run) -> None:
    other = await make_run()
    with pytest.raises(BadInput, match="before: expected a cursor of the log of run"):
        await list_log_lines(run, None, PageRequest(1, before=log_cursor(other.id, 1)))


@pytest.mark.parametrize(
    ("log_filter", "message"),
    [
        (LogFilter(contains="\0"), "filter.contains: expected text without NUL"),
        (LogFilter(contains="x" * 1001), "filter.contains: expected at most 1000 characters"),
        (LogFilter(step_keys=frozenset({"\ud800"})), "filter.stepKeys: expected text without"),
        (LogFilter(attempts=frozenset(range(1001))), "filter.attempts: expected at most 1000"),
        (LogFilter(from_sequence=0), "filter.fromSequence: expected a number from 1, got 0"),
        (LogFilter(at_from=START, at_until=START), "filter.at.until: expected a time after"),
    ],
)
async def test_a_log_filter_that_cannot_be_is_refused(
    run: Run, log_filter: LogFilter, message: str
) -> None:
    with pytest.raises(BadInput) as caught:
        await list_log_lines(run, log_filter, PageRequest(1))
    assert caught.value.message.startswith(message)


async def test_pages_of_a_log_cost_alike_wherever_they_lie(run: Run) -> None:
    counts = []
    for request in (PageRequest(5), PageRequest(5, after=log_cursor(run.id, 80))):
        with recorded() as statements:
            await list_log_lines(run, None, request)
        counts.append(len(statements))
    assert counts[0] == counts[1]
