"""Pages of a run's log."""

from __future__ import annotations

from dataclasses import dataclass, replace

from live.log_filter import LogFilter
from live.log_line import LogLine
from live.log_store import LogPage, read_backward, read_forward
from models.run import Run
from resolvers.cursors import log_cursor, parse_log_cursor
from resolvers.pages import PageRequest

#: Lines of a page, unless told and at most: the tail of a log, and what a client renders at once.
DEFAULT_LINES = 100
MAX_LINES = 1_000


@dataclass(frozen=True, slots=True)
class LogLinePage:
    """Lines in order. A filtered page may hold fewer than asked, even none, and have more to come.

    The cursors say which part of the unfiltered log was looked at: `end_cursor` everything up to
    its end, which `logLines` and further pages go on from, and `start_cursor` where it began.
    """

    lines: list[LogLine]
    cursors: list[str]
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str
    end_cursor: str
    #: No line will be added any more.
    is_complete: bool


async def list_log_lines(
    run: Run, log_filter: LogFilter | None, request: PageRequest
) -> LogLinePage:
    """A page of the lines that the run had when its row was read. Raises BadInput for a cursor."""
    after = parse_log_cursor("after", run.id, request.after) if request.after else 0
    end = run.last_sequence + 1
    before = parse_log_cursor("before", run.id, request.before) if request.before else end
    before = max(min(before, end), after + 1)
    if request.backwards:
        page = await _read_backward(run, after, before, request.limit, log_filter)
    else:
        page = await read_forward(run.id, after, before - 1, request.limit, log_filter)
    return LogLinePage(
        lines=page.lines,
        cursors=[log_cursor(run.id, line.sequence) for line in page.lines],
        has_next_page=page.last_examined < (run.last_sequence if request.backwards else before - 1),
        has_previous_page=page.first_examined > (after + 1 if request.backwards else 1),
        start_cursor=log_cursor(run.id, page.first_examined),
        end_cursor=log_cursor(run.id, page.last_examined),
        is_complete=not run.is_active,
    )


async def _read_backward(
    run: Run, after: int, before: int, limit: int, log_filter: LogFilter | None
) -> LogPage:
    """What lies up to `after` is known not to be wanted, as what lies before a filter's start is."""
    wanted = log_filter
    if after:
        wanted = log_filter or LogFilter()
        wanted = replace(wanted, from_sequence=max(after + 1, wanted.from_sequence or 1))
    page = await read_backward(run.id, before, limit, wanted)
    return replace(page, first_examined=max(page.first_examined, after + 1))
