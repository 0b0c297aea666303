"""permessage-deflate as browsers ask for it: what it saves on the wire, and what it costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil

from benchmarks.crowd.client import bare
from benchmarks.figures import Base, Figure, Unit
from benchmarks.measures.delivery import LINES, Announcer, Round, delivering
from benchmarks.measures.memory import KIBIBYTE, warmed_up
from benchmarks.processes import floor
from benchmarks.rounds import interleaved
from benchmarks.size import Size

SECTION = "permessage-deflate"
OFF = "without"


async def measure(folder: Path, size: Size) -> list[Figure]:
    """On the floor, with uvicorn's setting on and off; the clients always offer it."""
    memory, deliveries = [], []
    async with AsyncExitStack() as stack:
        for compression in ("on", "off"):
            process = stack.enter_context(floor("channels", folder, COMPRESSION=compression))
            rss = psutil.Process(process.pid)
            await warmed_up(process)
            before = rss.memory_info().rss
            opening = bare(process.port, offers_compression=True)
            delivery = await stack.enter_async_context(
                delivering(process, Announcer(), opening, size.crowd, compressed_lines=LINES)
            )
            memory.append((rss.memory_info().rss - before) / size.crowd / KIBIBYTE)
            deliveries.append(delivery)
        rounds, plain = await interleaved(
            size.rounds, [partial(one.round, size.load_seconds) for one in deliveries]
        )
    figures = [_figure(column, rounds, plain, size) for column in _COLUMNS]
    name = f"memory per socket, after a message, of {size.crowd:,}"
    return [
        *figures,
        Figure(SECTION, name, Unit.KIBIBYTES, memory[:1], Base(OFF, memory[1:])),
    ]


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    unit: Unit
    value: Callable[[Round], float]


_COLUMNS = (
    _Column("messages", Unit.MESSAGES, lambda one: one.messages_per_second),
    _Column("CPU per message", Unit.MICROSECONDS, lambda one: one.cpu_per_message),
    _Column("on the wire per message", Unit.BYTES, lambda one: one.bytes_per_message),
)


def _figure(column: _Column, rounds: Sequence[Round], plain: Sequence[Round], size: Size) -> Figure:
    return Figure(
        SECTION,
        f"{column.name}, {size.crowd:,} sockets",
        column.unit,
        [column.value(one) for one in rounds],
        Base(OFF, [column.value(one) for one in plain]),
    )
