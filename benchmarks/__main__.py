"""Measure, print a table, write JSON: `make bench`, or `python -m benchmarks --help`."""

from __future__ import annotations

import asyncio
import resource
import sys
import tempfile
from collections.abc import Callable, Collection, Coroutine
from contextlib import nullcontext
from dataclasses import asdict
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeVar

import orjson
import typer
import uvicorn
from rich.console import Console

from benchmarks.databases import databases
from benchmarks.docs import PAGE, write_docs
from benchmarks.lock import alone
from benchmarks.machine import machine
from benchmarks.run import Results, measure
from benchmarks.sections import Section, sections_on
from benchmarks.size import Size, quick
from benchmarks.tables import TABLE_WIDTH, print_results, to_json

T = TypeVar("T")

JSON_FILE = Path("build/benchmarks.json")
#: Sockets that one process holds at most, and its other files: a thousand followers of one run and
#: a thousand of others, where most systems allow 1,024 unless asked for more.
OPEN_FILES = 4_096


class Database(StrEnum):
    SQLITE = "sqlite"
    POSTGRES = "postgres"
    BOTH = "both"


def command(
    database: Annotated[Database, typer.Option(help="What to measure on.")] = Database.BOTH,
    runs: Annotated[int, typer.Option(min=200, help="Runs in the list.")] = 100_000,
    lines: Annotated[int, typer.Option(min=2_000, help="Lines of the long log.")] = 1_000_000,
    is_quick: Annotated[
        bool, typer.Option("--quick", help="Small and short: shows that it works, no more.")
    ] = False,
    only: Annotated[
        Section | None, typer.Option(help="One section alone; some are of PostgreSQL only.")
    ] = None,
    json: Annotated[Path, typer.Option(help="Where the JSON goes.")] = JSON_FILE,
    docs: Annotated[
        bool, typer.Option("--write-docs", help="Refresh the table of docs/benchmarks.md.")
    ] = False,
) -> None:
    """Measure the service against its floors, on real processes: some 9 minutes, alone."""
    size = quick() if is_quick else Size(runs, lines)
    kinds = [Database.SQLITE, Database.POSTGRES] if database is Database.BOTH else [database]
    console = Console(width=None if sys.stdout.isatty() else TABLE_WIDTH, log_path=False)
    with nullcontext() if is_quick else alone(console.log):
        facts = machine()
        _allow_open_files()
        results = [
            _measure(kind.value, size, sections, console)
            for kind in kinds
            if (sections := sections_on(kind.value, only))
        ]
    print_results(console, results)
    json.parent.mkdir(parents=True, exist_ok=True)
    json.write_bytes(
        orjson.dumps(to_json(facts, asdict(size), results), option=orjson.OPT_INDENT_2)
    )
    console.print(f"written to {json}")
    if docs:
        write_docs(PAGE, facts, results)


def _measure(kind: str, size: Size, sections: Collection[Section], console: Console) -> Results:
    # PostgreSQL may run as another user, who passes through the folder.
    with tempfile.TemporaryDirectory(prefix="agent-runs-benchmarks-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        data = folder / "data"
        data.mkdir()
        with databases(kind, data) as made:
            say = partial(_say, console, kind)
            return _run(lambda: measure(made, folder, size, sections, say))


def _say(console: Console, kind: str, what: str) -> None:
    console.log(f"{kind}: {what}")


def _allow_open_files() -> None:
    """Ask the system for OPEN_FILES, which what we start inherits."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < OPEN_FILES:
        wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _run(make: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """On uvloop where there is one, so that the client takes as little of the machine as can be."""
    with asyncio.Runner(loop_factory=uvicorn.Config(app="").get_loop_factory()) as runner:
        return runner.run(make())


typer.run(command)
