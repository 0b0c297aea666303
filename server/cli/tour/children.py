"""The processes that a tour starts, and ends again: those, and no others."""

from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Sequence
from typing import IO, Self

#: Seconds that a child has to end in order before it is killed. The service takes up to 10 to
#: deliver what it accepted.
END_PATIENCE_S = 15.0


def agent_runs(*arguments: str) -> list[str]:
    """The command line of another of our commands, run by the Python that runs us."""
    return [sys.executable, "-m", "server.cli", *arguments]


class Children:
    """Started in sessions of their own, so that a Ctrl-C comes to us alone and they end in turn."""

    def __init__(self) -> None:
        self._processes: list[Process] = []

    async def start(self, argv: Sequence[str], stderr: IO[bytes] | None = None) -> Process:
        """Starts a child that writes to our stderr, or to `stderr`, and reads nothing."""
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=DEVNULL,
            stdout=stderr or sys.stderr,
            stderr=stderr or sys.stderr,
            start_new_session=True,
        )
        self._processes.append(process)
        return process

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Ends all that still run, the last started first, and waits for each."""
        for process in reversed(self._processes):
            await _end(process)


async def _end(process: Process) -> None:
    """Asks a child to end, and makes it where it does not."""
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(END_PATIENCE_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
