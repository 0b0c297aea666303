"""What is new at the end of a log, in one look.

A follower that has read everything asks this again and again: is the run still there, where does
its log end, and what stands behind my position? `live/log_store.py` answers anything else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from live.chunk_head import HEAD_COLUMNS, ChunkHead
from live.chunk_scan import lines_of
from live.log_filter import LogFilter
from live.log_looks import Look, Looks, Rows
from live.log_store import Allowance, LogPage
from models.instants import from_micros
from models.states import ACTIVE, RunStatus


@dataclass(frozen=True, slots=True)
class LogNews:
    """Where a run's log stands, and what is new behind a position."""

    last_sequence: int
    is_active: bool
    #: None where the chunks cannot tell, since the position is within one: then read the store.
    page: LogPage | None


async def read_news(
    looks: Looks,
    run_id: UUID,
    after: int,
    until: int | None,
    max_lines: int,
    max_bytes: int,
    log_filter: LogFilter | None,
) -> LogNews | None:
    """What is new behind line `after`, up to `until`; None where the run is deleted or gone.

    The page holds at most `max_lines`, and ends with the line that uses up `max_bytes` of text.
    """
    most = after + max_lines
    rows = await looks.take(Look(run_id, after, most if until is None else min(until, most)))
    if not rows:
        return None
    last_sequence = rows[0]["last_sequence"]
    is_active = RunStatus(rows[0]["status"]) in ACTIVE
    page = None
    if rows[0]["first_sequence"] == after + 1:
        last = last_sequence if until is None else until
        page = _page(after, last, rows, Allowance(max_lines, max_bytes), log_filter)
    return LogNews(last_sequence, is_active, page)


def _page(
    after: int,
    until: int,
    rows: Rows,
    allowance: Allowance,
    log_filter: LogFilter | None,
) -> LogPage:
    examined = after
    for head, payload in _connected(after, rows):
        last = min(head.last_sequence, until)
        if log_filter is None or log_filter.may_hold(head):
            lines = lines_of(head, payload, head.first_sequence, last)
            allowance.take(lines if log_filter is None else lines.that(log_filter.matches))
            if allowance.is_used_up:
                examined = allowance.last_sequence
                break
        examined = last
    return LogPage(allowance.lines, after + 1, examined)


def _connected(after: int, rows: Rows) -> Iterator[tuple[ChunkHead, bytes]]:
    """The chunks that follow one another behind a position without a gap."""
    for row in rows:
        if row["first_sequence"] != after + 1:
            return
        columns = {name: row[name] for name in HEAD_COLUMNS}
        columns["first_at"] = from_micros(columns["first_at"])
        columns["last_at"] = from_micros(columns["last_at"])
        head = ChunkHead(**columns)
        yield head, row["payload"]
        after = head.last_sequence
