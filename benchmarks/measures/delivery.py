"""What is delivered to a crowd, by the service or by a floor: who tells it, who gets it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

import orjson
import psutil

from benchmarks.crowd.client import OPERATION_ID, Crowd, crowd, subscribed
from benchmarks.crowd.crowd_socket import Opening
from benchmarks.data.lines import hundred
from benchmarks.http_client import HttpClient, connected
from benchmarks.reporter import Reporter

#: Lines of one message, of 100 characters each.
LINES = 20
#: Batches that are under way at once: while one is delivered the next is stored, and is read alone.
UNDER_WAY = 2
#: Each line's number comes last, where the crowd finds it.
FOLLOW = """
subscription Follow($runId: ID!) {
  logLines(runId: $runId) { lines { message sequence } end }
}
"""


class Process(Protocol):
    """A service or a floor."""

    @property
    def port(self) -> int: ...

    @property
    def pid(self) -> int: ...


class Source(Protocol):
    """Tells lines to one process."""

    @property
    def offset(self) -> int:
        """Lines told so far, which is the number of the last one."""

    async def append(self, http: HttpClient) -> int:
        """Tell the next batch; returns how many lines once they are acknowledged."""


class Announcer:
    """Posts to benchmarks/floor/channels.py what the service sends for such lines."""

    def __init__(self, path: str = "/", lines: int = LINES) -> None:
        self.path, self.lines = path, lines
        self.offset = 0

    async def append(self, http: HttpClient) -> int:
        first = self.offset + 1
        self.offset += self.lines
        lines = [{"message": hundred(n), "sequence": n} for n in range(first, self.offset + 1)]
        payload = {"data": {"logLines": {"lines": lines, "end": None}}}
        message = {"id": OPERATION_ID, "type": "next", "payload": payload}
        await http.post(self.path, orjson.dumps(message))
        return self.lines


async def service_source(port: int, lines: int = LINES) -> Reporter:
    """A reporter of a new run."""
    async with connected(port) as http:
        return await Reporter.of_service(http, lines, hundred)


def follower_of(port: int, reporter: Reporter) -> Opening:
    """A socket that follows the reporter's run."""
    return subscribed(port, FOLLOW, runId=reporter.run_id)


@dataclass(frozen=True, slots=True)
class Round:
    """What a crowd got, and what that cost the process that sent it."""

    messages: int
    lines: int
    bytes: int
    seconds: float
    #: CPU seconds of the process, user and system.
    cpu: float

    @property
    def messages_per_second(self) -> float:
        return self.messages / self.seconds

    @property
    def cpu_per_message(self) -> float:
        """In microseconds."""
        return self.cpu / self.messages * 1_000_000

    @property
    def bytes_per_message(self) -> float:
        return self.bytes / self.messages

    @property
    def lines_per_message(self) -> float:
        return self.lines / self.messages


class Delivery:
    """One source, the process that it tells, and the crowd that gets it."""

    def __init__(self, process: Process, source: Source, audience: Crowd) -> None:
        self.process, self.source, self.audience = process, source, audience

    async def once(self) -> None:
        """One batch: then all of the crowd follows, which no protocol tells otherwise."""
        async with connected(self.process.port) as http:
            await self.source.append(http)
        await self.audience.reach(self.source.offset)

    async def round(self, seconds: float) -> Round:
        """Batch after batch, as fast as they are delivered to all."""
        before = await self.audience.tally()
        process = psutil.Process(self.process.pid)
        cpu = cpu_seconds(process)
        began = time.perf_counter()
        under_way: deque[int] = deque()
        async with connected(self.process.port) as http:
            while time.perf_counter() < began + seconds:
                await self.source.append(http)
                under_way.append(self.source.offset)
                if len(under_way) >= UNDER_WAY:
                    await self.audience.reach(under_way.popleft())
        after = await self.audience.reach(self.source.offset)
        took = time.perf_counter() - began
        got = after.since(before)
        return Round(got.messages, got.lines, got.bytes, took, cpu_seconds(process) - cpu)


def cpu_seconds(process: psutil.Process) -> float:
    """CPU that a process has used, all its threads, user and system."""
    times = process.cpu_times()
    return times.user + times.system


@asynccontextmanager
async def delivering(
    process: Process,
    source: Source,
    opening: Opening,
    followers: int,
    *,
    timed: bool = False,
    compressed_lines: int = 0,
) -> AsyncIterator[Delivery]:
    """So many followers of a source, all of them there already."""
    async with crowd() as audience:
        delivery = Delivery(process, source, audience)
        await audience.open([opening] * followers, timed=timed, compressed_lines=compressed_lines)
        await delivery.once()
        yield delivery
