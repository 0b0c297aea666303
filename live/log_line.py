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


def storable(text: str) -> str:
    """The text with what no database can hold changed visibly: NUL to U+2400, lone surrogates to

    U+FFFD. A reporter is never stuck on a character.
    """
    if "\0" in text:
        text = text.replace("\0", "\u2400")
    # ASCII, as most lines are: nothing to look for.
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def cut(text: str) -> tuple[str, int | None]:
    """At most MAX_LINE_BYTES of a storable text, and how many bytes were cut off (None: none).

    It is cut between characters.
    """
    # ASCII and short, as most lines are.
    if len(text) <= MAX_LINE_BYTES and text.isascii():
        return text, None
    encoded = text.encode()
    if len(encoded) <= MAX_LINE_BYTES:
        return text, None
    kept = encoded[:MAX_LINE_BYTES].decode(errors="ignore")
    return kept, len(encoded) - len(kept.encode())
