"""Lines appended per second: over GraphQL, by the resolver alone, and by the floor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from itertools import count

from benchmarks.data.lines import message
from benchmarks.figures import Base, Figure, Unit
from benchmarks.http_client import connected
from benchmarks.load import per_second
from benchmarks.reporter import Reporter
from benchmarks.rounds import Measure, interleaved
from benchmarks.size import Size
from live.hub import Hub
from models.database import database
from models.ids import Kind, global_id
from models.states import TriggerSource
from resolvers.append_logs import append_logs
from resolvers.commands import AppendLogs, StartRun, ToldLine
from resolvers.service import Service
from resolvers.start_run import start_run
from resolvers.viewer import LOCAL_VIEWER

SECTION = "appending"
#: Lines of one call.
BATCH_LINES = 100
#: Reporters at once, each with a run of its own.
MANY = 16
FLOOR = "one text, one transaction, bare"


async def measure(service: int, floor: int, store_url: str, size: Size) -> list[Figure]:
    """By the ports of both, and a database that no other process has."""
    one = await reporters_of(service, 1)
    many = await reporters_of(service, MANY)
    floor_one, floor_many = ([Reporter.of_floor(BATCH_LINES) for _ in range(n)] for n in (1, MANY))

    def lines(port: int, reporters: Sequence[Reporter]) -> Measure[float]:
        return partial(lines_per_second, port, reporters, size.load_seconds)

    async with database(store_url):
        alone = await Alone.begin(BATCH_LINES)
        measures: list[Measure[float]] = [
            lines(service, one),
            lines(floor, floor_one),
            partial(per_second, [alone.append], size.load_seconds),
        ]
        single, bare, stored = await interleaved(size.rounds, measures)
    several, bare_several = await interleaved(
        size.rounds, [lines(service, many), lines(floor, floor_many)]
    )
    return [
        _figure("over GraphQL, 1 reporter", single, bare),
        _figure("append_logs alone, in one process", stored, bare),
        _figure(f"over GraphQL, {MANY} reporters", several, bare_several),
    ]


def _figure(name: str, rounds: list[float], bare: list[float]) -> Figure:
    title = f"{name}, {BATCH_LINES} lines a call"
    return Figure(SECTION, title, Unit.LINES, rounds, Base(FLOOR, bare))


async def reporters_of(service: int, number: int) -> list[Reporter]:
    """So many, each with a new run."""
    async with connected(service) as http:
        return [await Reporter.of_service(http, BATCH_LINES) for _ in range(number)]


async def lines_per_second(port: int, reporters: Sequence[Reporter], seconds: float) -> float:
    """Acknowledged lines of all reporters together."""

    async with AsyncExitStack() as stack:
        turns = [
            partial(reporter.append, await stack.enter_async_context(connected(port)))
            for reporter in reporters
        ]
        return await per_second(turns, seconds)


class Alone:
    """The resolver without HTTP and GraphQL, called by this process for a run of its own."""

    def __init__(
        self, service: Service, run_id: str, lines: int, text: Callable[[int], str]
    ) -> None:
        self._service, self._run_id = service, run_id
        self._lines = tuple(ToldLine(text(number)) for number in range(lines))
        self._offsets = count(0, lines)

    @classmethod
    async def begin(
        cls,
        lines: int,
        service: Service | None = None,
        text: Callable[[int], str] = message,
    ) -> Alone:
        """With so many lines a call; those of one service may be committed together. `text` makes
        each line of its number."""
        service = service or Service(hub=Hub())
        told = StartRun("busy-writer", "eu-1", TriggerSource.MANUAL, "ada")
        run = (await start_run(service, LOCAL_VIEWER, told)).run
        return cls(service, global_id(Kind.RUN, run.id), lines, text)

    async def append(self) -> int:
        """Append the next batch; its lines."""
        told = AppendLogs(self._run_id, next(self._offsets), self._lines)
        await append_logs(self._service, LOCAL_VIEWER, told)
        return len(self._lines)
