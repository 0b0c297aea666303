"""appendLogs: exactly once by (run, attempt, source, offset)."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from live import log_store
from live.chunk_insert import ChunkRow, insert, pack, place
from live.log_line import LogLine, NewLine, cut, storable
from models.ids import Kind, global_id
from models.run import Run, encode_sources
from models.run_change import RunChange
from models.step import Step
from models.transactions import transact
from models.visibility import is_visible
from resolvers.commands import AppendLogs, ToldLine
from resolvers.errors import Refused, UserErrorCode, counted, invalid
from resolvers.group_commit import Work
from resolvers.key_blocks import MAX_HEADER_LINES
from resolvers.reporter import check_in_scope, ended, parse_run_id, report
from resolvers.service import Service
from resolvers.step_book import StepBook
from resolvers.text import checked_name
from resolvers.told_again import is_same, is_same_start
from resolvers.uninterrupted import uninterrupted
from resolvers.viewer import Viewer

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
    key = parse_run_id(told.run_id)
    await check_in_scope(viewer.scope, key)
    append = _Append(service, viewer, key, told)
    # Without lines there is nothing to commit but a sign of life.
    return await (service.appends.do(append) if told.lines else append.alone())


class _Append(Work[AppendedLogs]):
    """One call's lines, encoded before any run is locked."""

    def __init__(self, service: Service, viewer: Viewer, key: UUID, told: AppendLogs) -> None:
        super().__init__(key, len(told.lines))
        self.service, self.viewer, self.told = service, viewer, told
        self.new_lines = _new_lines(service, told.lines)
        self.chunks = pack(self.new_lines) if self.new_lines else []
        self.step_keys = {line.step_key for line in told.lines if line.step_key is not None}

    @classmethod
    async def together(cls, group: Sequence[Self]) -> list[AppendedLogs | None]:
        """Store new lines of known steps, each call's right behind those of its source.

        All others, such as what is told again or has to be refused, are left to be done alone.
        """
        service = group[0].service

        async def body() -> list[AppendedLogs | None]:
            now = service.clock()
            changes = await RunChange.lock_free({append.key for append in group}, now)
            known = await _known_steps(group)
            rows: list[ChunkRow] = []
            answers: list[AppendedLogs | None] = []
            left: set[UUID] = set()
            for append in group:
                change = changes.get(append.key)
                if change is None or append.key in left or not append._is_plain(change.run, known):
                    left.add(append.key)
                    answers.append(None)
                else:
                    rows += append._rows(change.run)
                    answers.append(append._take_in(change))
            if rows:
                await insert(rows)
                await RunChange.save_together([c for c in changes.values() if c.is_changed])
            return answers

        answers = await transact(body)
        stored = {answer.run.id: answer.run.revision for answer in answers if answer}
        for key, revision in stored.items():
            service.hub.publish(key, revision=revision, listed=False)
        return answers

    def _is_plain(self, run: Run, known: Container[tuple[UUID, str]]) -> bool:
        told, offsets = self.told, run.source_offsets()
        next_offset = offsets.get((told.attempt, told.source))
        return (
            is_visible(run)
            and run.is_active
            and self.viewer.owns(run.principal)
            and told.attempt == run.attempt
            and told.offset == (next_offset or 0)
            and (next_offset is not None or len(offsets) < MAX_SOURCES)
            and not (next_offset and self._may_go_on())
            and all((run.id, key) in known for key in self.step_keys)
        )

    def _may_go_on(self) -> bool:
        """Whether it takes the lines before to tell whether these are of a private key."""
        return self.service.redactor.may_go_on(_first_messages(self.new_lines))

    def _rows(self, run: Run) -> Iterator[ChunkRow]:
        told = self.told
        first = run.last_sequence + 1
        return place(run.id, first, told.attempt, told.source, told.offset, self.chunks)

    def _take_in(self, change: RunChange) -> AppendedLogs:
        """Count the lines in: the run is as it will be after the commit."""
        run = change.run
        offsets = run.source_offsets()
        next_offset = self.told.offset + self.lines
        offsets[self.told.attempt, self.told.source] = next_offset
        change.hear()
        change.set(
            last_sequence=run.last_sequence + self.lines,
            log_sources=encode_sources(offsets),
            listed=False,
        )
        return AppendedLogs(next_offset, run.last_sequence, run)

    async def alone(self) -> AppendedLogs:
        return await report(
            self.service, self.viewer, self.told.run_id, self.told.attempt, self._tell
        )

    async def _tell(self, change: RunChange) -> AppendedLogs:
        run, told = change.run, self.told
        offsets = run.source_offsets()
        source = (told.attempt, told.source)
        next_offset = offsets.get(source, 0)
        if told.offset > next_offset:
            raise _gap(run, told, next_offset)
        known = min(next_offset - told.offset, self.lines)
        await _check_known(run, told, self.new_lines[:known], next_offset)
        lines = await _behind(self.service, run, told, self.new_lines[known:], next_offset)
        if not lines:
            return AppendedLogs(next_offset, run.last_sequence, run)
        if not run.is_active:
            raise ended(run)
        if source not in offsets and len(offsets) >= MAX_SOURCES:
            raise invalid(("source",), f"at most {MAX_SOURCES} sources in a run", told.source)
        await _mention_steps(self.service, change, lines)
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


async def _known_steps(group: Sequence[_Append]) -> set[tuple[UUID, str]]:
    """(run, key) of the steps that the lines name, as far as they are there."""
    naming = [append for append in group if append.step_keys]
    if not naming:
        return set()
    runs = {append.key for append in naming}
    keys = set[str]().union(*(append.step_keys for append in naming))
    known = await Step.filter(run_id__in=runs, key__in=keys).values_list("run_id", "key")
    return set(known)


def _check(told: AppendLogs) -> None:
    checked_name(told.source, "source")
    if not 0 <= told.offset <= MAX_OFFSET:
        raise invalid(("offset",), f"a number from 0 to {MAX_OFFSET}", told.offset)
    if len(told.lines) > MAX_LINES:
        raise invalid(("lines",), f"at most {MAX_LINES} lines", counted(len(told.lines), "lines"))


def _new_lines(service: Service, told: Sequence[ToldLine]) -> list[NewLine]:
    """The lines as they are stored, each at its own time or now.

    What is too long is cut once it is redacted: half a secret would not be known for one.
    """
    now = service.clock()
    messages = service.redactor.lines([storable(line.message) for line in told])
    lines = []
    for index, (_, at, level, stream, step_key) in enumerate(told):
        if step_key is not None:
            checked_name(step_key, "lines", str(index), "stepKey")
        text, truncated_bytes = cut(messages[index])
        lines.append(NewLine(text, at or now, level, stream, step_key, truncated_bytes))
    return lines


async def _behind(
    service: Service, run: Run, told: AppendLogs, lines: Sequence[NewLine], offset: int
) -> Sequence[NewLine]:
    """The lines from `offset` on, without what goes on there of a private key that began before."""
    if not (offset and lines and service.redactor.may_go_on(_first_messages(lines))):
        return lines
    count = min(offset, MAX_HEADER_LINES + 1)
    stored = await log_store.read_stored(run.id, told.attempt, told.source, offset - count, count)
    before = [line.message for _, line in stored]
    messages = service.redactor.going_on(before, [line.message for line in lines])
    return [line._replace(message=text) for line, text in zip(lines, messages, strict=True)]


def _first_messages(lines: Sequence[NewLine]) -> list[str]:
    """As many as tell whether a key goes on."""
    return [line.message for line in lines[: MAX_HEADER_LINES + 1]]


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
    run: Run, told: AppendLogs, lines: Sequence[NewLine], next_offset: int
) -> None:
    """See that lines told before are told the same again, whatever was redacted of them."""
    if not lines:
        return
    stored = await log_store.read_stored(run.id, told.attempt, told.source, told.offset, len(lines))
    for offset, line in stored:
        index = offset - told.offset
        if not _is_same(line, lines[index], told.lines[index].message):
            raise Refused(
                UserErrorCode.OFFSET_CONFLICT,
                f"lines.{index}: offset {offset} of source {told.source!r} holds "
                f"another line already; the next new offset is {next_offset}",
                "lines",
                str(index),
                node_id=global_id(Kind.RUN, run.id),
                next_offset=next_offset,
            )


def _is_same(stored: LogLine, again: NewLine, message: str) -> bool:
    """Whether a line is stored as it would be again, or was redacted otherwise than it would be."""
    if (stored.message, stored.truncated_bytes) == (again.message, again.truncated_bytes):
        return True
    told = storable(message)
    if stored.truncated_bytes is None:
        return is_same(stored.message, told)
    return is_same_start(stored.message, told)


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
