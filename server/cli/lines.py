"""From the bytes that a command writes to the lines of a log."""

from __future__ import annotations

from dataclasses import dataclass

#: Bytes of one line that are held and sent. The service keeps the first 64 KiB and says how many
#: more it was sent; up to here its number is exact, beyond it a note of ours says the rest. A
#: command that writes a gigabyte without a line feed must not fill the memory.
MAX_LINE_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class RawLine:
    """The text of a line without its line feed; `cut` bytes of its end were not kept."""

    text: str
    cut: int = 0


class LineSplitter:
    """Splits one stream of bytes at line feeds, whatever the pieces it comes in.

    Only LF ends a line: a carriage return stays where it is, as programs write it. What is not
    UTF-8 becomes U+FFFD. At most `max_bytes` of an unfinished line are held.
    """

    def __init__(self, max_bytes: int = MAX_LINE_BYTES) -> None:
        self._max_bytes = max_bytes
        self._begun = bytearray()
        self._cut = 0

    def feed(self, data: bytes) -> list[RawLine]:
        """The lines that `data` completes."""
        *ends, rest = data.split(b"\n")
        lines = []
        for end in ends:
            self._add(end)
            lines.append(self._take())
        self._add(rest)
        return lines

    def finish(self) -> list[RawLine]:
        """The last line, where it had no line feed: it counts like the others."""
        return [self._take()] if self._begun else []

    def _add(self, piece: bytes) -> None:
        room = self._max_bytes - len(self._begun)
        self._begun += piece[:room]
        self._cut += max(0, len(piece) - room)

    def _take(self) -> RawLine:
        line = RawLine(self._begun.decode("utf-8", "replace"), self._cut)
        self._begun.clear()
        self._cut = 0
        return line
