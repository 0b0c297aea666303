"""Log lines as people and programs want to see them."""

from __future__ import annotations

from dataclasses import dataclass

from server.cli.client import Json
from server.cli.json_output import json_bytes
from server.cli.terminal import RESET, visible
from server.cli.times import local

#: What to ask for of a LogLine.
FIELDS = "sequence at level stream stepKey attempt source message truncatedBytes"

_DIM, _CYAN = "\x1b[2m", "\x1b[36m"
_LEVEL_COLOURS = {"DEBUG": "\x1b[2m", "WARNING": "\x1b[33m", "ERROR": "\x1b[31m"}


@dataclass(frozen=True, slots=True)
class LineFormat:
    """How to show lines: for a terminal, or for a program that reads our output.

    A program gets each message as it was told, or with `json` the whole line as one JSON object;
    a terminal never gets a control character that does more than set a colour.
    """

    terminal: bool = False
    colours: bool = False
    json: bool = False
    timestamps: bool = False

    def bytes_of(self, line: Json) -> bytes:
        """The line with its line feed."""
        if self.json:
            return json_bytes(line)
        if self.terminal:
            return f"{self._shown(line)}\n".encode()
        stamp = f"{line['at']} " if self.timestamps else ""
        return f"{stamp}{line['message']}\n".encode()

    def _shown(self, line: Json) -> str:
        message: str = visible(line["message"].removesuffix("\r"), colours=self.colours)
        level = line["level"]
        parts = [
            self._in(_DIM, local(line["at"])) if self.timestamps else "",
            self._in(_CYAN, f"[{visible(line['stepKey'])}]") if line["stepKey"] else "",
            self._in(_LEVEL_COLOURS.get(level, ""), level) if level != "INFO" else "",
            message,
            self._in(_DIM, f"({line['truncatedBytes']} bytes cut)")
            if line["truncatedBytes"]
            else "",
        ]
        return " ".join(part for part in parts if part)

    def _in(self, colour: str, text: str) -> str:
        return f"{colour}{text}{RESET}" if self.colours else text
