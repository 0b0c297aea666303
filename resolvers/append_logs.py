"""appendLogs: exactly once by (run, attempt, source, offset)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from live import log_store
from live.log_line import NewLine, clean_message
from models.ids import Kind, global_id
from models.run import Run, encode_sources
from models.run_change import RunChange
from models.step import Step
from resolvers.commands import AppendLogs, ToldLine
from resolvers.errors import Refused, UserErrorCode, counted, invalid
from resolvers.reporter import ended, report
from resolvers.service import Service, Viewer
from resolvers.step_book import StepBook
from resolvers.text import checked_name
from resolvers.uninterrupted import uninterrupted

#: Lines of one call: bounds the work of one transaction.
MAX_LINES = 1_000
#: Log sources that a run has at most, over all its attempts: their offsets stand in its row.
MAX_SOURCES = 100
#: Offsets and sequences stay exact as JSON numbers in every client.
MAX_OFFSET = 2**31 - 1


@dataclass(frozen=True, slots=True)
class AppendedLogs:
    #: The offset of the source's next line.
    next_offset: int
    #: The run's last sequence number.
    end_sequence: int
    run: Run


@uninterrupted
async def append_logs(service: Service, viewer: Viewer, told: AppendLogs) -> AppendedLogs:
    """Store lines behind those that the source has stored; the sequence numbers are given here.

    What is stored already is skipped, if it is the same. Raises Refused: besides what every
    reporter's call can, OFFSET_GAP and OFFSET_CONFLICT with the offset that is expected, and
    RUN_ENDED where there is a new line.
    """
    _check(told)
    cleaned = [_cleaned(line, index) for index, line in enumerate(told.lines)]

    async def tell(change: RunChange) -> AppendedLogs:
        run = change.run
        offsets = run.source_offsets()
        source = (told.attempt, told.source)
        next_offset = offsets.get(source, 0)
        if told.offset > next_offset:
            raise _gap(run, told, next_offset)
        known = min(next_offset - told.offset, len(cleaned))
        await _check_known(run, told, cleaned[:known], next_offset)
        lines = [_new_line(line, change.now) for line in cleaned[known:]]
        if not lines:
            return AppendedLogs(next_offset, run.last_sequence, run)
        if not run.is_active:
            raise ended(run)
        if source not in offsets and len(offsets) >= MAX_SOURCES:
            raise invalid(("source",), f"at most {MAX_SOURCES} sources in a run", told.source)
        await _mention_steps(service, change, lines)
        await log_store.append(
            run.id, run.last_sequence + 1, told.attempt, told.source, next_offset, lines
        )
        offsets[source] = next_offset + len(lines)
        change.set(
            last_sequence=run.last_sequence + len(lines),
            log_sources=encode_sources(offsets),
            listed=False,
        )
        return AppendedLogs(offsets[source], run.last_sequence, run)

    return await report(service, told.run_id, told.attempt, tell)


def _check(told: AppendLogs) -> None:
    checked_name(told.source, "source")
    if not 0 <= told.offset <= MAX_OFFSET:
        raise invalid(("offset",), f"a number from 0 to {MAX_OFFSET}", told.offset)
    if len(told.lines) > MAX_LINES:
        raise invalid(("lines",), f"at most {MAX_LINES} lines", counted(len(told.lines), "lines"))


@dataclass(frozen=True, slots=True)
class _Cleaned:
    told: ToldLine
    message: str
    truncated_bytes: int | None


def _cleaned(line: ToldLine, index: int) -> _Cleaned:
    if line.step_key is not None:
        checked_name(line.step_key, "lines", str(index), "stepKey")
    return _Cleaned(line, *clean_message(line.message))


def _new_line(line: _Cleaned, now: datetime) -> NewLine:
    told = line.told
    return NewLine(
        message=line.message,
        at=told.at or now,
        level=told.level,
        stream=told.stream,
        step_key=told.step_key,
        truncated_bytes=line.truncated_bytes,
    )


def _gap(run: Run, told: AppendLogs, next_offset: int) -> Refused:
    return Refused(
        UserErrorCode.OFFSET_GAP,
        f"offset: expected {next_offset} or less, which is what source {told.source!r} has stored "
        f"in attempt {told.attempt}; got {told.offset}",
        "offset",
        node_id=global_id(Kind.RUN, run.id),
        next_offset=next_offset,
    )


async def _check_known(
    run: Run, told: AppendLogs, lines: Sequence[_Cleaned], next_offset: int
) -> None:
    """See that lines told before are told the same again."""
    if not lines:
        return
    stored = await log_store.read_stored(run.id, told.attempt, told.source, told.offset, len(lines))
    for offset, line in stored:
        again = lines[offset - told.offset]
        if line.message != again.message or line.truncated_bytes != again.truncated_bytes:
            raise Refused(
                UserErrorCode.OFFSET_CONFLICT,
                f"lines.{offset - told.offset}: offset {offset} of source {told.source!r} holds "
                f"another line already; the next new offset is {next_offset}",
                "lines",
                str(offset - told.offset),
                node_id=global_id(Kind.RUN, run.id),
                next_offset=next_offset,
            )


async def _mention_steps(service: Service, change: RunChange, lines: Sequence[NewLine]) -> None:
    """Steps are made at their first mention, also by a line."""
    keys = dict.fromkeys(line.step_key for line in lines if line.step_key is not None)
    if not keys:
        return
    known = Step.filter(run_id=change.run.id, key__in=list(keys))
    if await known.count() == len(keys):
        return
    book = await StepBook.open(service, change)
    for key in keys:
        book.mention(key, "lines", "stepKey")
    await book.save()
