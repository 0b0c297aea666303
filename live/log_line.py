"""One line of a run's log, and what the door changes in it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

from models.states import LogLevel, LogStream

#: Bytes of UTF-8 that one line keeps; design.md, "Data".
MAX_LINE_BYTES = 64 * 1024

_SURROGATE = re.compile("[\ud800-\udfff]")


class NewLine(NamedTuple):
    """A line to store, its message cleaned. A tuple for the same reason as LogLine."""

    message: str
    at: datetime
    level: LogLevel
    stream: LogStream
    step_key: str | None
    #: How many bytes of UTF-8 were cut off its end; None: none.
    truncated_bytes: int | None = None


class LogLine(NamedTuple):
    """A stored line. (run, sequence) names it; a message may hold line feeds and stays one line.

    A tuple, since a page that a filter leaves little of makes tens of thousands of them: a frozen
    dataclass takes several times as long to make.
    """

    sequence: int
    at: datetime
    level: LogLevel
    stream: LogStream
    step_key: str | None
    attempt: int
    source: str
    message: str
    truncated_bytes: int | None


def clean_message(text: str) -> tuple[str, int | None]:
    """The message as it is stored, and how many bytes were cut off (None: none).

    A reporter is never stuck on a character: what no database can hold is changed visibly, NUL to
    U+2400 and a lone surrogate to U+FFFD. A line over MAX_LINE_BYTES is cut between characters.
    """
    if "\0" in text:
        text = text.replace("\0", "\u2400")
    # ASCII and short, as most lines are: nothing to look for.
    if text.isascii() and len(text) <= MAX_LINE_BYTES:
        return text, None
    text = _SURROGATE.sub("\ufffd", text)
    encoded = text.encode()
    if len(encoded) <= MAX_LINE_BYTES:
        return text, None
    kept = encoded[:MAX_LINE_BYTES].decode(errors="ignore")
    return kept, len(encoded) - len(kept.encode())
