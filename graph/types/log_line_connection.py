from __future__ import annotations

from typing import Self

import strawberry

import models
from graph.fields import computed
from graph.types.log_line import LogLine
from graph.types.log_line_edge import LogLineEdge
from graph.types.page_info import PageInfo
from live.log_filter import LogFilter
from resolvers.pages import PageRequest
from resolvers.read_logs import DEFAULT_LINES, MAX_LINES, list_log_lines


@strawberry.type(
    description=(
        'A page of a log. A cursor says "everything up to here was looked at", the same in pages, '
        "in pushes and in `appendLogs`. A filtered page may hold fewer lines than asked for, even "
        "none, and still have more to come."
    )
)
class LogLineConnection:
    edges: list[LogLineEdge]
    page_info: PageInfo
    end_cursor: str = strawberry.field(
        description="Up to where this page looked: for `after`, and to follow from here."
    )
    is_complete: bool = strawberry.field(description="No line will be added to the log any more.")

    @computed("The lines of `edges`, without their cursors.")
    def nodes(self) -> list[LogLine]:
        return [edge.node for edge in self.edges]

    @classmethod
    async def read(
        cls,
        run: models.Run,
        log_filter: LogFilter | None,
        first: int | None,
        after: str | None,
        last: int | None,
        before: str | None,
    ) -> Self:
        """A page of a run's log."""
        request = PageRequest.of(
            first, after, last, before, default=DEFAULT_LINES, maximum=MAX_LINES, from_end=True
        )
        page = await list_log_lines(run, log_filter, request)
        edges = [
            LogLineEdge(cursor=cursor, node=line)
            for cursor, line in zip(page.cursors, LogLine.all_of(page.lines), strict=True)
        ]
        info = PageInfo(
            has_next_page=page.has_next_page,
            has_previous_page=page.has_previous_page,
            start_cursor=page.start_cursor,
            end_cursor=page.end_cursor,
        )
        return cls(
            edges=edges, page_info=info, end_cursor=page.end_cursor, is_complete=page.is_complete
        )
