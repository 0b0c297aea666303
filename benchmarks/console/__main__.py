"""Measure the console, print a table, write JSON: `make bench-console`."""

from __future__ import annotations

import sys
import tempfile
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import orjson
import typer
from playwright.async_api import Browser
from rich.console import Console

from benchmarks.console import first_load, flood, long_log
from benchmarks.data.load_log import load_logs
from benchmarks.data.load_runs import load_runs
from benchmarks.databases import databases
from benchmarks.docs import CONSOLE_FIGURES, PAGE, write_docs
from benchmarks.figures import Figure
from benchmarks.lock import alone
from benchmarks.machine import machine
from benchmarks.processes import service
from benchmarks.run import Results, Say
from benchmarks.tables import TABLE_WIDTH, print_results, to_json
from tests.console.browser import chromium
from tests.support.postgres import run_in_a_loop_of_its_own

JSON_FILE = Path("build/benchmarks-console.json")
#: Lines of the log that the long one is compared with: more than a screen has.
SHORT_LOG = 1_000


@dataclass(frozen=True, slots=True)
class Size:
    """How much is stored, how often and how long is measured."""

    runs: int
    lines: int
    rounds: int = 3
    flood_seconds: int = 60
    floods: int = 1


def quick() -> Size:
    """Everything once and small: shows that it works, and says nothing about speed."""
    return Size(runs=1_000, lines=10_000, rounds=1, flood_seconds=4)


def command(
    runs: Annotated[int, typer.Option(min=200, help="Runs in the list.")] = 100_000,
    lines: Annotated[int, typer.Option(min=2_000, help="Lines of the log.")] = 1_000_000,
    is_quick: Annotated[
        bool, typer.Option("--quick", help="Small and short: shows that it works, no more.")
    ] = False,
    json: Annotated[Path, typer.Option(help="Where the JSON goes.")] = JSON_FILE,
    docs: Annotated[
        bool, typer.Option("--write-docs", help="Refresh the table of docs/benchmarks.md.")
    ] = False,
) -> None:
    """Measure the built console in Chromium, on SQLite: some 3 minutes, alone."""
    size = quick() if is_quick else Size(runs, lines)
    console = Console(width=None if sys.stdout.isatty() else TABLE_WIDTH, log_path=False)
    with nullcontext() if is_quick else alone(console.log):
        facts = machine()
        with tempfile.TemporaryDirectory(prefix="bench-console-") as folder:
            results = run_in_a_loop_of_its_own(partial(_measure, Path(folder), size, console.log))
    print_results(console, [results])
    json.parent.mkdir(parents=True, exist_ok=True)
    told = to_json(facts, asdict(size), [results])
    json.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2))
    console.print(f"written to {json}")
    if docs:
        write_docs(PAGE, facts, [results], CONSOLE_FIGURES)


async def _measure(folder: Path, size: Size, say: Say) -> Results:
    with databases("sqlite", folder) as places:
        url = places.migrated("console")
        say("loading")
        await load_runs(url, size.runs)
        short, long = await load_logs(url, [SHORT_LOG, size.lines])
        with service(url, folder) as running:
            async with chromium() as browser:
                figures = await _figures(
                    browser, running.url, {short: SHORT_LOG, long: size.lines}, size, say
                )
                return Results("sqlite", f"Chromium {browser.version}", figures, None)


async def _figures(
    browser: Browser, url: str, logs: dict[str, int], size: Size, say: Say
) -> list[Figure]:
    say("the first load of /runs")
    figures = await first_load.measure(browser, url, size.rounds)
    say("a long log")
    figures += await long_log.measure(browser, url, logs, size.rounds)
    say("a flood of lines")
    figures += await flood.measure(browser, url, size.flood_seconds, size.floods)
    return figures


if __name__ == "__main__":
    typer.run(command)
