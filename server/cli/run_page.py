"""A run in words, for people."""

from __future__ import annotations

import json
from collections.abc import Iterator

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from server.cli.client import Json
from server.cli.run_table import status_text
from server.cli.terminal import first_line, visible
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
    facts = Table.grid(padding=(0, 2))
    for name, value in _facts(run):
        text = value if isinstance(value, Text) else Text(visible(value))
        facts.add_row(Text(name, style="dim"), text)
    console.print(facts)
    if run["inputs"]:
        inputs = json.dumps(run["inputs"], indent=2, ensure_ascii=False)
        _section(console, "Inputs", Text(visible(inputs)))
    if run["error"]:
        _section(console, "Error", _error(run["error"]))
    if len(run["attempts"]) > 1:
        _section(console, "Attempts", _attempts(run["attempts"]))
    if run["steps"]:
        _section(console, "Steps", _steps(run["steps"]))
    if run["report"]:
        _section(console, "Report", Text(visible(run["report"]["markdown"].strip())))


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
    yield "log", f"{run['lastSequence']} lines: agent-runs tail {run['id']}"


def _trigger(trigger: Json) -> Iterator[str]:
    yield f"{trigger['source'].lower()} by {trigger['name']}"
    yield from (f"({trigger[field]})" for field in ("externalId", "url") if trigger[field])


def _cancellation(cancellation: Json) -> Iterator[str]:
    yield f"asked for by {cancellation['by']} at {local(cancellation['at'])}"
    if cancellation["reason"]:
        yield f"({cancellation['reason']})"


def _error(error: Json) -> Text:
    step = f" in step {error['step']['name']}" if error["step"] else ""
    text = Text(visible(f"{error['code']}{step}: {error['message']}"), style="red")
    if error["details"]:
        text.append(f"\n{visible(error['details'])}", style="default")
    return text


def _attempts(attempts: list[Json]) -> Table:
    table = Table.grid(padding=(0, 2))
    for attempt in attempts:
        failure = visible(attempt["failure"] or "")
        table.add_row(str(attempt["number"]), local(attempt["startedAt"]), Text(failure))
    return table


def _steps(steps: list[Json]) -> Table:
    """One line for each; a child stands indented below its parent."""
    parents = {step["key"]: (step["parent"] or {}).get("key") for step in steps}
    table = Table.grid(padding=(0, 2))
    for step in steps:
        name = "  " * _depth(step["key"], parents) + visible(step["name"])
        table.add_row(
            Text(step["status"], style=STEP_STYLES.get(step["status"], "")),
            Text(name),
            duration(step["durationSeconds"]),
            Text(visible(first_line(step["errorMessage"])), style="red"),
        )
    return table


def _depth(key: str, parents: dict[str, str | None]) -> int:
    depth = 0
    while (parent := parents.get(key)) is not None and depth < len(parents):
        key, depth = parent, depth + 1
    return depth


def _section(console: Console, heading: str, content: Text | Table) -> None:
    console.print()
    console.print(Text(heading, style="bold"))
    console.print(Padding(content, (0, 0, 0, 2)))
