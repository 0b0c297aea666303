"""Pages of a run's log.

A log cursor says that everything up to N of the unfiltered log was looked at. So a page that a
filter leaves few lines of, or none, still says where to go on, and tells by its flags whether to.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from live.log_filter import LogFilter
from live.log_lines import LogLines
from live.log_store import LogPage, read_backward, read_forward
from models.run import Run
from resolvers.cursors import log_cursor, parse_log_cursor
from resolvers.log_filter_checks import check_log_filter
from resolvers.pages import PageRequest

#: Lines of a page: the last ones that a screen shows, and what a client renders at once.
DEFAULT_LINES = 100
MAX_LINES = 1_000


@dataclass(frozen=True, slots=True)
class LogLinePage:
    """Lines in ascending order.

    The flags tell whether there are lines beyond what was looked at: with a filter these need not
    match. In the direction of paging a second cursor bounds what counts.
    """

    lines: LogLines
    #: One for each line.
    cursors: list[str]
    has_next_page: bool
    has_previous_page: bool
    #: For `before`: from the first line that was looked at.
    start_cursor: str
    #: For `after`, and to follow from: up to the last line that was looked at.
    end_cursor: str
    #: The run has ended: no line will be added any more.
    is_complete: bool


async def list_log_lines(
    run: Run, log_filter: LogFilter | None, request: PageRequest
) -> LogLinePage:
    """A page of the run's log as it was when `run` was read.

    Empty where the run was purged since. Raises BadInput for a cursor that is none of this log, and
    for a filter that cannot be.
    """
    check_log_filter(log_filter)
    after = 0 if request.after is None else parse_log_cursor("after", run.id, request.after)
    until = run.last_sequence
    if request.before is not None:
        until = min(until, parse_log_cursor("before", run.id, request.before) - 1)
    until = max(until, after)  # an empty window, whatever the cursors say of each other
    read = _backward if request.backwards else _forward
    return await read(run, after, until, request.limit, log_filter)


async def _forward(
    run: Run, after: int, until: int, limit: int, log_filter: LogFilter | None
) -> LogLinePage:
    page = await read_forward(run.id, after, until, limit, log_filter)
    return _page(
        run,
        page,
        has_previous=after > 0,
        # Where nothing was looked at the lines were purged: going on would find no end.
        has_next=after < page.last_examined < until,
    )


async def _backward(
    run: Run, after: int, until: int, limit: int, log_filter: LogFilter | None
) -> LogLinePage:
    wanted = log_filter or LogFilter()
    bounded = replace(wanted, from_sequence=max(wanted.from_sequence or 1, after + 1))
    page = await read_backward(run.id, until + 1, limit, bounded)
    first = max(page.first_examined, after + 1)
    return _page(
        run,
        replace(page, first_examined=first),
        has_previous=after + 1 < first <= until,
        has_next=until < run.last_sequence,
    )


def _page(run: Run, page: LogPage, *, has_previous: bool, has_next: bool) -> LogLinePage:
    return LogLinePage(
        lines=page.lines,
        cursors=[log_cursor(run.id, sequence) for sequence in page.lines.sequences],
        has_next_page=has_next,
        has_previous_page=has_previous,
        start_cursor=log_cursor(run.id, page.first_examined),
        end_cursor=log_cursor(run.id, page.last_examined),
        is_complete=not run.is_active,
    )
