"""From an append being sent to its arrival at a follower, against forwarding the same bytes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

import orjson
from websockets.asyncio.client import ClientConnection

from benchmarks.figures import Base, Figure, Latency, Unit, latency_figures
from benchmarks.http_client import connected
from benchmarks.reporter import Reporter
from benchmarks.rounds import interleaved
from benchmarks.size import Size
from benchmarks.sockets import bare_socket, result_of, subscribed_socket

SECTION = "following"
FLOOR = "same bytes, forwarded"
#: Lines of one append, and seconds between two: a chatty run.
LINES = 10
PERIOD = 0.05
#: A round ends after so many times the time that its appends should take: where the other side
#: cannot keep up, that is what the figures tell, and it need not take long.
_SLOWEST = 2
#: Seconds that an append may take to arrive everywhere; whoever waits longer has lost something.
_PATIENCE = 30.0

_FOLLOW = """
subscription Follow($runId: ID!) {
  logLines(runId: $runId) {
    lines { sequence at level stream stepKey message }
    endCursor
    end
  }
}
"""

OpenSocket = Callable[[], AbstractAsyncContextManager[ClientConnection]]
#: How many lines have arrived once this message has.
Arrived = Callable[[str | bytes], int]


async def measure(service: int, floor: int, size: Size) -> list[Figure]:
    """By the ports of both."""
    figures = []
    for followers in (1, size.followers):
        async with connected(service) as http:
            reporter = await Reporter.of_service(http, LINES)
        follow = partial(subscribed_socket, service, _FOLLOW, runId=reporter.run_id)
        async with (
            _followed(service, reporter, follow, _arrived_at_service, followers) as ours,
            _followed(
                floor, Reporter.of_floor(LINES), partial(bare_socket, floor), _arrived, followers
            ) as bare,
        ):
            appends = size.delivered_appends
            rounds, bare_rounds = await interleaved(
                size.rounds, [partial(ours.round, appends), partial(bare.round, appends)]
            )
        figures += _figures(followers, rounds, bare_rounds)
    return figures


def _figures(followers: int, ours: list[_Round], bare: list[_Round]) -> list[Figure]:
    whose = f"{followers} follower{'s' if followers > 1 else ''}"
    paces = [[one.pace for one in rounds] for rounds in (ours, bare)]
    waits = [[one.latency for one in rounds] for rounds in (ours, bare)]
    name = f"append to arrival, {whose}"
    return [
        *latency_figures(SECTION, name, waits[0], FLOOR, waits[1]),
        Figure(
            SECTION,
            f"acknowledged, of {1 / PERIOD:.0f} wanted, {whose}",
            Unit.APPENDS,
            paces[0],
            Base(FLOOR, paces[1]),
        ),
    ]


@dataclass(frozen=True, slots=True)
class _Round:
    latency: Latency
    #: Appends acknowledged per second: 1 / PERIOD, unless the other side cannot keep up.
    pace: float


def _arrived_at_service(text: str | bytes) -> int:
    result = result_of(text)
    assert result is not None, "the run is active"
    lines = result["logLines"]["lines"]
    return lines[-1]["sequence"] if lines else 0


def _arrived(text: str | bytes) -> int:
    told = orjson.loads(text)["variables"]["input"]
    last: int = told["offset"] + len(told["lines"])
    return last


class _Follower:
    """Notes when appends arrive at one socket."""

    def __init__(self, sent: list[float]) -> None:
        #: When each append was sent.
        self._sent = sent
        self._appends = 0
        self._moved = asyncio.Event()
        #: Seconds that each append took to this socket, since the last round began.
        self.waits: list[float] = []

    async def follow(self, socket: ClientConnection, arrived: Arrived) -> None:
        """Take all messages, until cancelled."""
        async for text in socket:
            now = time.perf_counter()
            appends = arrived(text) // LINES
            self.waits += [now - self._sent[index] for index in range(self._appends, appends)]
            self._appends = max(self._appends, appends)
            self._moved.set()

    async def reached(self, appends: int) -> None:
        """Wait until so many have arrived."""
        while self._appends < appends:
            self._moved.clear()
            await self._moved.wait()


class _Followed:
    """One reporter and its followers."""

    def __init__(self, port: int, reporter: Reporter) -> None:
        self._port, self._reporter = port, reporter
        self.sent: list[float] = []
        self.followers: list[_Follower] = []

    async def round(self, appends: int) -> _Round:
        """Append at a steady pace, and wait until everything has arrived everywhere."""
        for follower in self.followers:
            follower.waits.clear()
        pace = await self._append(appends)
        async with asyncio.timeout(_PATIENCE):
            await asyncio.gather(*(one.reached(len(self.sent)) for one in self.followers))
        waits = [wait for one in self.followers for wait in one.waits]
        return _Round(Latency.of(waits), pace)

    async def _append(self, appends: int) -> float:
        """So many appends, or fewer where they are too slow; how many a second."""
        before = len(self.sent)
        began = due = time.perf_counter()
        async with connected(self._port) as http:
            while len(self.sent) - before < appends:
                await asyncio.sleep(due - time.perf_counter())
                self.sent.append(time.perf_counter())
                await self._reporter.append(http)
                due += PERIOD
                if time.perf_counter() - began > _SLOWEST * appends * PERIOD:
                    break
        return (len(self.sent) - before) / (max(due, time.perf_counter()) - began)


@asynccontextmanager
async def _followed(
    port: int, reporter: Reporter, open_socket: OpenSocket, arrived: Arrived, followers: int
) -> AsyncIterator[_Followed]:
    """So many followers, connected for the length of the block."""
    followed = _Followed(port, reporter)
    async with AsyncExitStack() as sockets, asyncio.TaskGroup() as tasks:
        following = []
        for _ in range(followers):
            follower = _Follower(followed.sent)
            socket = await sockets.enter_async_context(open_socket())
            following.append(tasks.create_task(follower.follow(socket, arrived)))
            followed.followers.append(follower)
        yield followed
        for task in following:
            task.cancel()
