"""A run in words, for people."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.text import Text

from server.cli.client import Json
from server.cli.run_table import status_text
from server.cli.terminal import counted, first_line, visible
from server.cli.times import duration, local

STEP_STYLES = {
    "RUNNING": "cyan",
    "COMPLETED": "green",
    "FAILED": "bold red",
    "SKIPPED": "dim",
    "CANCELLED": "magenta",
    "PENDING": "dim",
}


def print_run(run: Json) -> None:
    """Prints all that there is, and nothing about what there is not."""
    # A long line is the terminal's to wrap: elsewhere it would be cut off at 80 columns.
    console = Console(markup=False, highlight=False, soft_wrap=True)
    facts = ([Text(name, style="dim"), _text(value)] for name, value in _facts(run))
    console.print(_aligned(facts))
    for heading, content in _sections(run):
        console.print()
        console.print(Text(heading, style="bold"))
        for line in content.split(allow_blank=True):
            console.print(Text("  ").append_text(line) if line else "")


def _sections(run: Json) -> Iterator[tuple[str, Text]]:
    if run["inputs"]:
        yield "Inputs", _text(json.dumps(run["inputs"], indent=2, ensure_ascii=False))
    if run["error"]:
        yield "Error", _error(run["error"])
    if len(run["attempts"]) > 1:
        yield "Attempts", _aligned(map(_attempt, run["attempts"]))
    if run["steps"]:
        yield "Steps", _steps(run["steps"])
    if run["report"]:
        yield "Report", _text(run["report"]["markdown"].strip())


def _facts(run: Json) -> Iterator[tuple[str, str | Text]]:
    agent, trigger = run["agent"], run["trigger"]
    yield "run", run["id"]
    yield "page", run["url"]
    yield "status", status_text(run["status"])
    yield "agent", f"{agent['name']} ({agent['kind'].lower()})"
    yield "cluster", run["cluster"]["name"]
    yield "trigger", " ".join(_trigger(trigger))
    if run["labels"]:
        yield "labels", ", ".join(f"{label['name']}={label['value']}" for label in run["labels"])
    yield "started", local(run["startedAt"])
    if run["completedAt"]:
        yield "completed", f"{local(run['completedAt'])}, after {duration(run['durationSeconds'])}"
    else:
        yield "last heard", local(run["lastHeardAt"])
    if run["nextAttemptAt"]:
        yield "next attempt", local(run["nextAttemptAt"])
    if run["cancellation"]:
        yield "cancelled", " ".join(_cancellation(run["cancellation"]))
    yield "log", f"{counted(run['lastSequence'], 'line')}: agent-runs tail {run['id']}"


def _trigger(trigger: Json) -> Iterator[str]:
    yield f"{trigger['source'].lower()} by {trigger['name']}"
    yield from (f"({trigger[field]})" for field in ("externalId", "url") if trigger[field])


def _cancellation(cancellation: Json) -> Iterator[str]:
    yield f"asked for by {cancellation['by']} at {local(cancellation['at'])}"
    if cancellation["reason"]:
        yield f"({cancellation['reason']})"


def _error(error: Json) -> Text:
    step = f" in step {error['step']['name']}" if error["step"] else ""
    text = _text(f"{error['code']}{step}: {error['message']}", "red")
    return text.append_text(_text(f"\n{error['details']}")) if error["details"] else text


def _attempt(attempt: Json) -> list[Text]:
    started = local(attempt["startedAt"])
    return [Text(str(attempt["number"])), Text(started), _text(attempt["failure"] or "")]


def _steps(steps: list[Json]) -> Text:
    """One line for each; a child stands indented below its parent."""
    parents = {step["key"]: (step["parent"] or {}).get("key") for step in steps}
    return _aligned(
        [
            Text(step["status"], style=STEP_STYLES.get(step["status"], "")),
            _text("  " * _depth(step["key"], parents) + step["name"]),
            Text(duration(step["durationSeconds"])),
            _text(first_line(step["errorMessage"]), "red"),
        ]
        for step in steps
    )


def _depth(key: str, parents: dict[str, str | None]) -> int:
    depth = 0
    while (parent := parents.get(key)) is not None and depth < len(parents):
        key, depth = parent, depth + 1
    return depth


def _text(value: str | Text, style: str = "") -> Text:
    """Foreign text made harmless; our own, which is a Text already, as it is."""
    return value if isinstance(value, Text) else Text(visible(value), style=style)


def _aligned(rows: Iterable[list[Text]]) -> Text:
    """Rows of cells in columns as wide as they need, and nothing behind the last of a row."""
    table = [*rows]
    widths = [max(cell.cell_len for cell in column) for column in zip(*table, strict=True)]
    lines = []
    for row in table:
        for cell, width in zip(row, widths, strict=True):
            cell.pad_right(width - cell.cell_len)
        line = Text("  ").join(row)
        line.rstrip()
        lines.append(line)
    return Text("\n").join(lines)
