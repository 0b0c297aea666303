"""The crowd, as the measuring process sees it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import orjson

from benchmarks.crowd.crowd_socket import Opening
from benchmarks.http_client import GRAPHQL, BadAnswer
from tests.support.service import environment

#: Seconds that anything may take: whatever takes longer has lost something.
PATIENCE_SECONDS = 60.0
#: Bytes of one answer: the arrivals of a round.
_MAX_ANSWER = 2**26


@dataclass(frozen=True, slots=True)
class Tally:
    """What has come to all sockets together."""

    messages: int
    bytes: int
    lines: int

    def since(self, before: Tally) -> Tally:
        return Tally(
            self.messages - before.messages, self.bytes - before.bytes, self.lines - before.lines
        )


class Arrival(NamedTuple):
    """A message at a socket."""

    socket: int
    #: The last line of it.
    line: int
    #: By time.perf_counter(), which is the same clock in all processes of a machine.
    at: float


class Crowd:
    """Sockets in a process of their own. What goes wrong there is raised as BadAnswer."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def open(
        self, openings: Sequence[Opening], *, timed: bool = False, compressed_lines: int = 0
    ) -> None:
        """Open sockets; returns once each has asked for what it follows."""
        told = [asdict(opening) for opening in openings]
        await self._ask("open", openings=told, timed=timed, compressed_lines=compressed_lines)

    async def reach(self, line: int, seconds: float = PATIENCE_SECONDS) -> Tally:
        """Wait until every socket has the line with that number."""
        return Tally(**await self._ask("reach", patience=2 * seconds, line=line, seconds=seconds))

    async def tally(self) -> Tally:
        return Tally(**await self._ask("tally"))

    async def arrivals(self) -> list[Arrival]:
        """Those since this was asked last, where they are timed."""
        return [Arrival(*told) for told in (await self._ask("arrivals"))["arrivals"]]

    async def _ask(
        self, command: str, *, patience: float = PATIENCE_SECONDS, **details: Any
    ) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(orjson.dumps({"do": command, **details}) + b"\n")
        async with asyncio.timeout(patience):
            line = await self._process.stdout.readline()
        answer: dict[str, Any] = orjson.loads(line or b'{"problem":"the crowd has ended"}')
        if "problem" in answer:
            raise BadAnswer(answer["problem"])
        return answer


@asynccontextmanager
async def crowd() -> AsyncIterator[Crowd]:
    """An empty one, for the length of the block."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.crowd"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_MAX_ANSWER,
        env=environment(),
        start_new_session=True,
    )
    try:
        yield Crowd(process)
    finally:
        process.kill()
        await process.wait()


def bare(port: int, path: str = "/", *, offers_compression: bool = False) -> Opening:
    """A socket to a floor."""
    return Opening(port, path, offers_compression=offers_compression)


def subscribed(port: int, document: str, **variables: Any) -> Opening:
    """A socket to the service, with one subscription. No compression, unless it is measured."""
    payload = {"query": document, "variables": variables}
    subscribe = {"id": OPERATION_ID, "type": "subscribe", "payload": payload}
    return Opening(port, GRAPHQL, ('{"type":"connection_init"}', orjson.dumps(subscribe).decode()))


#: As long as what graphql-ws makes: a UUID.
OPERATION_ID = "5f0c6c1e-6d4c-4c8e-9a0a-3d9e6f1b2c47"
