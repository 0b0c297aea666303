"""The process: a command in a line of JSON on standard input, its answer on standard output."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import orjson
import uvicorn

from benchmarks.crowd.crowd_socket import CrowdSocket, Opening, Tally

#: Sockets that are opened at once: fewer than a listening socket lets wait.
_OPENED_AT_ONCE = 50


class Crowd:
    def __init__(self) -> None:
        self._tally = Tally()
        self._sockets: list[CrowdSocket] = []

    async def answer(self, command: dict[str, Any]) -> dict[str, Any]:
        match command.pop("do"):
            case "open":
                await self._open(**command)
            case "reach":
                await self._reach(**command)
            case "arrivals":
                arrivals, self._tally.arrivals = self._tally.arrivals, []
                return {"arrivals": arrivals}
        tally = self._tally
        if tally.problem:
            return {"problem": tally.problem}
        return {"messages": tally.messages, "bytes": tally.bytes, "lines": tally.lines}

    async def _open(
        self, openings: list[dict[str, Any]], timed: bool, compressed_lines: int
    ) -> None:
        self._tally.timed, self._tally.compressed_lines = timed, compressed_lines
        for start in range(0, len(openings), _OPENED_AT_ONCE):
            part = openings[start : start + _OPENED_AT_ONCE]
            opened = await asyncio.gather(
                *(self._connect(number, Opening(**told)) for number, told in enumerate(part, start))
            )
            await asyncio.gather(*(socket.ready for socket in opened))
            self._sockets += opened

    async def _connect(self, number: int, opening: Opening) -> CrowdSocket:
        _, socket = await asyncio.get_running_loop().create_connection(
            lambda: CrowdSocket(number, opening, self._tally), "127.0.0.1", opening.port
        )
        return socket

    async def _reach(self, line: int, seconds: float) -> None:
        """Wait until every socket has that line."""
        tally = self._tally
        tally.moved.clear()
        tally.target = line
        tally.behind = sum(socket.last < line for socket in self._sockets)
        if not tally.behind or tally.problem:
            return
        try:
            async with asyncio.timeout(seconds):
                await tally.moved.wait()
        except TimeoutError:
            tally.fail(f"{tally.behind} sockets did not have line {line} after {seconds} s")


async def main() -> None:
    """Answer commands until standard input ends, which it does however our parent ends."""
    crowd = Crowd()
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.buffer.readline):
        try:
            answer = await crowd.answer(orjson.loads(line))
        except OSError as error:
            answer = {"problem": str(error)}
        sys.stdout.buffer.write(orjson.dumps(answer) + b"\n")
        sys.stdout.buffer.flush()


with asyncio.Runner(loop_factory=uvicorn.Config(app="").get_loop_factory()) as runner:
    runner.run(main())
