"""What people see: sentences on stderr, and foreign text made harmless for a terminal."""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from typing import TextIO

#: SGR, ECMA-48 section 8.3.117: colours and weights, the one sequence that only changes looks.
_SGR = r"\x1b\[[0-9;:]*m"

#: What may move the cursor, answer for the keyboard or reorder the text on its way to the eye:
#: C0 but for tab and line feed, DEL, C1, and Unicode's bidirectional controls.
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

_COLOURS_OR_CONTROLS = re.compile(rf"({_SGR})|{CONTROLS.pattern}")

#: Ends whatever colours a text began.
RESET = "\x1b[0m"


def visible(text: str, *, colours: bool = False) -> str:
    """`text` fit for a terminal: control characters are shown, not obeyed.

    C0 appears as `cat -v` shows it (`^[`, `^M`), the others as `\\x9b` and `\\u202e`. Tabs and line
    feeds stay; with `colours` so do SGR sequences, which are then ended at the text's end.
    """
    coloured = False

    def show(match: re.Match[str]) -> str:
        nonlocal coloured
        if match[1] and colours:
            coloured = True
            return match[1]
        return "".join(map(_shown, match[0]))

    shown = _COLOURS_OR_CONTROLS.sub(show, text)
    return shown + RESET if coloured else shown


def say(sentence: str) -> None:
    """Tells the user something on stderr, where it does not mix with a command's output."""
    with suppress(OSError):  # nobody listens: what we do matters more than that we said it
        print(f"agent-runs: {visible(sentence)}", file=sys.stderr, flush=True)


def has_colours(stream: TextIO) -> bool:
    """Whether to colour what goes there: https://no-color.org, and terminals that cannot."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def write_bytes(stream: TextIO, data: bytes) -> None:
    """Writes to what lies beneath a text stream, as UTF-8 whatever the locale says."""
    stream.buffer.write(data)
    stream.flush()


def counted(number: int, noun: str) -> str:
    """`1 line`, `2 lines`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def first_line(text: str | None) -> str:
    """The first line of a text that may have none."""
    return (text or "").strip().partition("\n")[0].rstrip("\r")


def _shown(character: str) -> str:
    code = ord(character)
    if code < 0x20 or code == 0x7F:
        return f"^{chr(code ^ 0x40)}"
    if code < 0x7F:
        return character
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
