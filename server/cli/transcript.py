"""What a command has written so far, as the items to tell."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

from server.cli.client import Json
from server.cli.lines import RawLine
from server.cli.outbox import Item, Line
from server.cli.step_marks import StepMarks
from server.cli.times import rfc3339

#: Lines that a failure shows as its details: a traceback's worth.
DETAIL_LINES = 20
#: Characters of each: the log has the whole.
DETAIL_WIDTH = 1000


class Transcript:
    """Turns lines into items, reading step marks where `marks` are given."""

    def __init__(
        self,
        marks: StepMarks | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._marks = marks
        self._clock = clock
        self._last: deque[str] = deque(maxlen=DETAIL_LINES)

    def items(self, lines: Iterable[RawLine], stream: str) -> Iterator[Item]:
        """What to tell of `lines`, which came just now."""
        at = rfc3339(self._clock())
        for line in lines:
            self._last.append(line.text[:DETAIL_WIDTH])
            yield from self._read(line.text, stream, at)
            if line.cut:
                note = (
                    f"the line before this one was cut: {line.cut} more bytes of it were not sent"
                )
                yield Line(note, at, "SYSTEM", "WARNING")

    def closing_items(self) -> Iterator[Item]:
        """What is left to tell of the steps once the command has ended."""
        if self._marks is not None:
            yield from self._marks.finish(rfc3339(self._clock()))

    def error(self, status: int) -> Json:
        """The RunErrorInput for a command that ended with `status`, or -N for signal N."""
        error: Json = {"message": _how_it_ended(status), "details": "\n".join(self._last)}
        if self._marks is not None and self._marks.failed_step is not None:
            error["stepKey"] = self._marks.failed_step
        return error

    def _read(self, text: str, stream: str, at: str) -> Iterator[Item]:
        if self._marks is None:
            yield Line(text, at, stream)
            return
        reading = self._marks.read(text, at)
        if reading.opened is not None:
            yield reading.opened
        yield Line(text, at, stream, reading.level, reading.step_key)
        if reading.closed is not None:
            yield reading.closed


def _how_it_ended(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"killed by {signal.Signals(-status).name}"
    except ValueError:  # a real-time signal has no name
        return f"killed by signal {-status}"
