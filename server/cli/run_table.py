"""Runs as a table on a terminal, and as plain lines elsewhere."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from server.cli.client import Json
from server.cli.terminal import first_line, visible, write_bytes
from server.cli.times import duration, local

STATUS_STYLES = {
    "RUNNING": "cyan",
    "RETRYING": "yellow",
    "COMPLETED": "green",
    "FAILED": "bold red",
    "CANCELLED": "magenta",
}

#: Would end a field or a row of the plain form.
_BREAKS = re.compile(r"[\t\n\r]")


def print_table(runs: Iterable[Json]) -> None:
    """For people. The id is never cut, so that it can be copied."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("status", "agent", "cluster", "trigger", "started", "duration"):
        table.add_column(heading, overflow="ellipsis", no_wrap=heading in ("status", "duration"))
    table.add_column("id", no_wrap=True)
    table.add_column("error", overflow="ellipsis", no_wrap=True)
    for run in runs:
        table.add_row(
            status_text(run["status"]),
            visible(run["agent"]["name"]),
            visible(run["cluster"]["name"]),
            f"{run['trigger']['source'].lower()} {visible(run['trigger']['name'])}",
            local(run["startedAt"]),
            duration(run["durationSeconds"]),
            run["id"],
            Text(visible(error_text(run["error"]))),
        )
    console = Console(markup=False, highlight=False)
    console.print(table if table.row_count else "no runs")


def print_rows(runs: Iterable[Json]) -> None:
    """For programs: fields between tabs, times and durations as the API gives them."""
    rows = (
        [
            run["status"],
            run["agent"]["name"],
            run["cluster"]["name"],
            run["trigger"]["source"],
            run["trigger"]["name"],
            run["startedAt"],
            "" if run["durationSeconds"] is None else str(run["durationSeconds"]),
            run["id"],
            error_text(run["error"]),
        ]
        for run in runs
    )
    text = "".join("\t".join(_BREAKS.sub(" ", field) for field in row) + "\n" for row in rows)
    write_bytes(sys.stdout, text.encode())


def status_text(status: str) -> Text:
    """A status in its colour; one that we do not know has none."""
    return Text(status, style=STATUS_STYLES.get(status, ""))


def error_text(error: Json | None) -> str:
    """The first line of what went wrong, after the step where it did."""
    if error is None:
        return ""
    step = f"{error['step']['name']}: " if error["step"] else ""
    return step + first_line(error["message"])
