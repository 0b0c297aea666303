"""Private keys whose lines are lines of a log.

One line of a key does not show what it is: it is some letters of base64. So it is told by the lines
around it, as far as a call has them, and by the line that is stored before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import filterfalse, takewhile

from resolvers import secret_patterns
from resolvers.secret_texts import REDACTED

#: Lines of the largest keys that are in use (RSA with 16,384 bits, OpenPGP), so that a beginning
#: without an end does not hold for the rest of a log.
MAX_BLOCK_LINES = 300

#: Stands where one begins, and where it ends.
KEY = "PRIVATE KEY"

#: Characters of a message that may be a line of a key, with what a logger puts before it.
MAX_LINE_CHARS = 10_000

_BEGIN = re.compile(secret_patterns.BEGIN)
_END = re.compile(secret_patterns.END)
#: A last word of base64, behind what a logger may put before it. Digits of hex alone are a hash.
_LONG = re.compile(r"(?:^|(?<=\s))(?![0-9A-Fa-f]+\s*$)[A-Za-z0-9+/]{16,}={0,2}(?=\s*$)")
#: Between a beginning and its first line of base64: headers (RFC 1421, section 4.6; RFC 9580,
#: section 6.2.2), and what is empty.
_HEADER = re.compile(r"\b(?:Proc-Type|DEK-Info|Version|Comment|MessageID|Hash|Charset): ")
#: Of these, lines that a key has at most.
MAX_HEADER_LINES = 5
#: Inside a block also its last line, which may be short, and several of them in one message.
_WHOLE = re.compile(r"[A-Za-z0-9+/=\s]+")


def without_keys(messages: Sequence[str]) -> list[str]:
    """The messages of one call, in their order, without the lines of private keys in them."""
    kept = list(messages)
    inside = 0
    for index, message in enumerate(messages):
        end = _END.search(message)
        if inside and end:
            kept[index] = _without_line(message[: end.start()]) + message[end.start() :]
        elif inside:
            kept[index] = _without_line(message)
        elif end and not _BEGIN.search(message):
            _look_back(kept, index, end.start())
        inside = MAX_BLOCK_LINES if is_open(message) else 0 if end else max(inside - 1, 0)
    return kept


def is_open(message: str) -> bool:
    """Whether a private key begins in the message and does not end there."""
    begins = [found.start() for found in _BEGIN.finditer(message)]
    ends = [found.start() for found in _END.finditer(message)]
    return bool(begins) and max(begins) > max(ends, default=-1)


def may_go_on(messages: Sequence[str]) -> bool:
    """Whether messages look like lines of a key that began before, maybe behind its headers."""
    first = next(filterfalse(_is_header, messages[: MAX_HEADER_LINES + 1]), "")
    return _is_line(first)


def going_on(before: Sequence[str], messages: Sequence[str]) -> list[str]:
    """Messages that are stored behind `before`, which are MAX_HEADER_LINES + 1 lines or fewer.

    Where a key began there, or its last line is of one, without its further lines.
    """
    kept = list(messages)
    began = next(filterfalse(_is_header, reversed(before)), "")
    headers = len(list(takewhile(_is_header, messages))) if is_open(began) else 0
    if is_open(began) or (before and before[-1].rstrip().endswith(REDACTED)):
        for index, message in enumerate(messages[headers:], headers):
            if not _is_line(message):
                break
            kept[index] = _without_line(message)
    return kept


def _is_header(message: str) -> bool:
    if not message or message.isspace():
        return True
    return ": " in message and _HEADER.search(message) is not None


def _is_line(message: str) -> bool:
    return len(message) <= MAX_LINE_CHARS and _LONG.search(message) is not None


def _look_back(kept: list[str], last: int, end: int) -> None:
    """A key ends in message `last` that began before this call: redact its lines, up to the end."""
    kept[last] = _without_line(kept[last][:end]) + kept[last][end:]
    for index in range(last - 1, -1, -1):
        without = _without_line(kept[index])
        if without == kept[index]:
            break
        kept[index] = without


def _without_line(message: str) -> str:
    """A message inside a block: whole or by its last word, or as it is where it is no base64."""
    if message.strip() and _WHOLE.fullmatch(message):
        return REDACTED
    return _LONG.sub(REDACTED, message)
