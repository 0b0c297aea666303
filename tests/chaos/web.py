"""A service that can be looked into: what each of its processes holds, and what it logged."""

from __future__ import annotations

import json
import os
import signal
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tests.chaos.patience import until
from tests.support.service import Service

#: What a process tells of itself.
TOLD = (
    *("tasks", "carrying", "followers", "broadcasts"),
    *("websockets", "requests", "own", "coroutines"),
)
#: Seconds between two such questions.
ASK_SECONDS = 1.0
MARK = b'"event": "census"'
#: Loggers that tell of every connection that broke, as the outages here make them.
LOUD = ("asyncpg.pool",)


@dataclass(frozen=True, slots=True)
class Census:
    """What one serving process holds, as it says itself and as the system sees it."""

    tasks: int
    #: Relays that have a broker and carry wake-ups.
    carrying: int
    followers: int
    broadcasts: int
    websockets: int
    #: Connections of requests, and of answers that are streamed.
    requests: int
    #: Objects of the project's own types, and coroutines and generators.
    own: int
    coroutines: int
    #: Sockets of clients, and to the broker and the database; and open files in all.
    clients: int
    broker: int
    database: int
    files: int
    threads: int
    #: Bytes in memory.
    resident: int

    @property
    def lasting_files(self) -> int:
        """Without those of the pool, which keeps some for a while."""
        return self.files - self.database


class Web(Service):
    """`agent-runs serve` with one or several processes."""

    module = "tests.chaos.watched"

    def __init__(self, database_url: str, log: Path, *, ports: dict[str, int], **settings: str):
        super().__init__(database_url, log, **settings)
        #: Of the broker and the database.
        self._ports = ports
        self._read_up_to = 0

    @property
    def workers(self) -> list[int]:
        """The process ids of those that serve."""
        if self.settings.get("WORKERS", "1") == "1":
            return [self.pid]
        children = psutil.Process(self.pid).children()
        return sorted(child.pid for child in children if _is_worker(child))

    async def census(self, pid: int) -> Census:
        """What the process holds now; it has to be awake."""
        told = await self._told(pid)
        told = {name: told[name] for name in TOLD}
        process = psutil.Process(pid)
        sockets = Counter(
            "clients" if one.laddr[1] == self.port else self._name(one.raddr)
            for one in process.net_connections("tcp")
            if one.status != psutil.CONN_LISTEN
        )
        return Census(
            **told,
            clients=sockets["clients"],
            broker=sockets["broker"],
            database=sockets["database"],
            files=process.num_fds(),
            threads=process.num_threads(),
            resident=process.memory_info().rss,
        )

    def loud_lines(self) -> list[str]:
        """What was logged since the last call that is a defect: errors and tracebacks."""
        with self.log.open() as log:
            log.seek(self._read_up_to)
            lines = log.readlines()
            self._read_up_to = log.tell()
        return [line for line in lines if _is_loud(line)]

    async def _told(self, pid: int) -> dict[str, Any]:
        """Its own count. It is asked again and again: one that does not serve yet says nothing."""
        offset = self.log.stat().st_size
        answers: list[dict[str, Any]] = []
        asked_at = 0.0

        def look() -> bool:
            nonlocal asked_at
            if time.monotonic() - asked_at > ASK_SECONDS and _catches(pid, signal.SIGUSR1):
                os.kill(pid, signal.SIGUSR1)
                asked_at = time.monotonic()
            with self.log.open("rb") as log:
                log.seek(offset)
                lines = [line for line in log if line.endswith(b"\n") and MARK in line]
            answers[:] = [each for each in map(json.loads, lines) if each["pid"] == pid]
            return bool(answers)

        await until("a count", look)
        return answers[0]

    def _name(self, address: Any) -> str:
        port = address.port if address else None
        return next((name for name, known in self._ports.items() if known == port), "others")


def _is_worker(process: psutil.Process) -> bool:
    """Not one that has ended, and not what Python itself starts beside them."""
    try:
        return "spawn_main" in " ".join(process.cmdline())
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return False


def _catches(pid: int, number: signal.Signals) -> bool:
    """Whether the process has come so far as to handle the signal, which else would end it."""
    status = Path(f"/proc/{pid}/status").read_text()
    [caught] = [line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")]
    return bool(int(caught, 16) >> (number - 1) & 1)


def _is_loud(line: str) -> bool:
    try:
        entry = json.loads(line)
    except ValueError:
        return bool(line.strip())  # a traceback, or a library that prints
    loud = entry.get("level") in ("error", "critical") or "exception" in entry
    return loud and entry.get("logger") not in LOUD
