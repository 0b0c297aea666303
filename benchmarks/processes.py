"""The processes that are measured: the service as an operator starts it, and the floors."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.support.service import PATIENCE_S, POLL_S, Service, environment, free_port

#: The runs that were loaded have no reporter; those said to be active shall stay so.
_SILENCE_SECONDS = "86400"
#: All load comes from one address, which no limit is meant for.
_UNLIMITED = {"RATE_LIMIT": "none", "MAX_SOCKETS_PER_CLIENT": "20000"}


@dataclass(frozen=True, slots=True)
class Floor:
    """A floor that listens."""

    port: int
    pid: int


@contextmanager
def service(url: str, folder: Path, **settings: str) -> Iterator[Service]:
    """`agent-runs serve` over a migrated database; all else as it is unless `settings` say so."""
    told = {"SILENCE_SECONDS": _SILENCE_SECONDS, **_UNLIMITED, **settings}
    running = Service(url, folder / "service.log", **told)
    with running:
        yield running


@contextmanager
def floor(name: str, folder: Path, url: str = "", **settings: str) -> Iterator[Floor]:
    """The floor `benchmarks/floor/<name>.py` under uvicorn, over a database.

    `settings` are environment variables; those of benchmarks/floor/__main__.py.
    """
    port = free_port()
    with (folder / f"floor-{name}.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.floor", name, str(port)],
            env=environment(DATABASE_URL=url, **settings),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        _wait_until_it_listens(process, port, Path(log.name))
        yield Floor(port, process.pid)
    finally:
        process.kill()
        process.wait()


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """uvicorn listens once the app has started."""
    deadline = time.monotonic() + PATIENCE_S
    while not _listens(process.pid, port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the floor did not start: {log.read_text()[-2000:]}")
        time.sleep(POLL_S)


def _listens(pid: int, port: int) -> bool:
    connections = psutil.Process(pid).net_connections("tcp")
    return any(one.status == psutil.CONN_LISTEN and one.laddr[1] == port for one in connections)
