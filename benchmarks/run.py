"""All figures of one database, in the order of the table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.data.load_log import load_logs
from benchmarks.data.load_runs import load_runs
from benchmarks.databases import Databases
from benchmarks.figures import Figure, Grid
from benchmarks.measures import appending, filters, following, listing, logs, pages, statements
from benchmarks.processes import floor, service
from benchmarks.size import Size

#: Tells what is being done.
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Results:
    """What was measured on one database."""

    #: `sqlite` or `postgres`.
    kind: str
    version: str
    figures: list[Figure]
    filters: Grid


async def measure(databases: Databases, folder: Path, size: Size, say: Say) -> Results:
    """Load, start, measure. Logs of the processes go into `folder`."""
    say(f"storing {size.runs:,} runs")
    url = databases.migrated("runs")
    await load_runs(url, size.runs)
    say(f"storing {size.lines:,} log lines")
    long, short = await load_logs(url, (size.lines, size.short_lines))
    counted = await statements.measure(url)
    with service(url, folder) as serving:
        say("the list of runs")
        with floor("listing", folder, url) as floor_port:
            figures = await listing.measure(serving.port, floor_port, size)
        figures += counted
        say("deep pages")
        figures += await pages.measure(serving.port, size)
        say("pages of logs")
        figures += await logs.measure_pages(serving.port, long, short, size)
        say("filters")
        grid = await filters.measure(serving.port, size)
        say("following a long log")
        figures += await logs.measure_following(serving.port, serving.pid, long, size)
    with service(databases.migrated("appends"), folder) as serving:
        say("appending")
        with floor("appending", folder, databases.bare("floor")) as floor_port:
            store = databases.migrated("store")
            figures += await appending.measure(serving.port, floor_port, store, size)
        say("following live")
        with floor("forwarding", folder) as floor_port:
            figures += await following.measure(serving.port, floor_port, size)
    return Results(databases.kind, databases.version, figures, grid)
