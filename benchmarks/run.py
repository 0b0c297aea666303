"""All figures of one database, in the order of the table."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.data.load_log import load_logs
from benchmarks.data.load_runs import load_runs
from benchmarks.databases import Databases
from benchmarks.figures import Figure, Grid
from benchmarks.measures import (
    appending,
    arriving,
    compression,
    fan_out,
    filters,
    following,
    greedy,
    listing,
    logs,
    many_runs,
    memory,
    pages,
    redaction,
    statements,
    storing,
)
from benchmarks.processes import Floor, floor, service
from benchmarks.sections import OF_THE_LIST, OF_WHAT_IS_STORED, Section
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
    #: None where they were not measured.
    filters: Grid | None


async def measure(
    databases: Databases, folder: Path, size: Size, sections: Collection[Section], say: Say
) -> Results:
    """Load, start, measure. Logs of the processes go into `folder`."""
    figures: list[Figure] = []
    grid = None
    if OF_WHAT_IS_STORED.intersection(sections):
        figures, grid = await _of_what_is_stored(databases, folder, size, sections, say)
    if Section.MEMORY in sections:
        say("memory of idle followers")
        url = databases.migrated("memory")
        start_service = partial(service, url, folder)
        start_floor = partial(floor, "channels", folder)
        figures += await memory.measure(start_service, start_floor, size)
    figures += await _of_what_is_written(databases, folder, size, sections, say)
    if Section.REDACTION in sections:
        say("redaction")
        with (
            service(databases.migrated("redacting"), folder) as on,
            service(databases.migrated("as-told"), folder, REDACT="off") as off,
        ):
            url = databases.migrated("redacted")
            figures += await redaction.measure(on.port, off.port, url, size)
    if Section.COMPRESSION in sections:
        say("permessage-deflate")
        figures += await compression.measure(folder, size)
    return Results(databases.kind, databases.version, figures, grid)


async def _of_what_is_stored(
    databases: Databases, folder: Path, size: Size, sections: Collection[Section], say: Say
) -> tuple[list[Figure], Grid | None]:
    """The list of runs, and the log of one of them."""
    figures: list[Figure] = []
    grid = None
    url = databases.migrated("runs")
    if OF_THE_LIST.intersection(sections):
        say(f"storing {size.runs:,} runs")
        await load_runs(url, size.runs)
    if Section.LOGS in sections:
        say(f"storing {size.lines:,} log lines")
        long, short = await load_logs(url, (size.lines, size.short_lines))
    counted = await statements.measure(url) if Section.LISTING in sections else []
    with service(url, folder) as serving:
        if Section.LISTING in sections:
            say("the list of runs")
            with floor("listing", folder, url) as bare:
                figures += await listing.measure(serving.port, bare.port, size)
            figures += counted
        if Section.PAGES in sections:
            say("deep pages")
            figures += await pages.measure(serving.port, size)
        if Section.LOGS in sections:
            say("pages of logs")
            figures += await logs.measure_pages(serving.port, long, short, size)
        if Section.FILTERS in sections:
            say("filters")
            grid = await filters.measure(serving.port, size)
        if Section.LOGS in sections:
            say("following a long log")
            with floor("catching_up", folder, url) as bare:
                figures += await logs.measure_following(serving, bare, long, size)
    return figures, grid


async def _of_what_is_written(
    databases: Databases, folder: Path, size: Size, sections: Collection[Section], say: Say
) -> list[Figure]:
    """Lines that are appended, and those that follow them."""
    figures: list[Figure] = []
    with ExitStack() as stack:
        serving = stack.enter_context(service(databases.migrated("appends"), folder))

        def started(name: str, url: str = "") -> Floor:
            return stack.enter_context(floor(name, folder, url))

        if Section.APPENDING in sections:
            say("appending")
            bare = started("appending", databases.bare("floor"))
            store = databases.migrated("store")
            figures += await appending.measure(serving.port, bare.port, store, size)
        if Section.STORING in sections:
            say("storing")
            bare = started("mutation")
            figures += await storing.measure(serving.port, bare.port, databases, size)
        if Section.FOLLOWING in sections:
            say("following live")
            bare = started("forwarding")
            figures += await following.measure(serving.port, bare.port, size)
        for section, title, measures in (
            (Section.ARRIVING, f"{size.timed_followers} followers", arriving),
            (Section.FAN_OUT, f"{size.crowd:,} followers", fan_out),
            (Section.MANY_RUNS, f"{size.crowd:,} runs", many_runs),
        ):
            if section in sections:
                say(title)
                with floor("channels", folder) as bare:
                    figures += await measures.measure(serving, bare, size)
        if Section.GREEDY in sections:
            say("greedy clients")
            figures += await greedy.measure(serving.port, size)
    return figures
