"""`agent-runs serve` as a process of its own, to be stopped, killed and started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Self
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).parents[2]

#: Seconds, for a start and for an end: on a busy machine both take far longer than they should.
PATIENCE_S = 30.0
#: Seconds between looks at a process that says nothing of its own accord.
POLL_S = 0.02


class ServiceDidNotStart(Exception):
    """The process ended, or was not ready in time; with what it said."""


class Service:
    """A service over one database, on one port of 127.0.0.1 that it keeps over restarts.

    What it says goes to `log`. `settings` are environment variables, such as HEARTBEAT_SECONDS;
    they hold from the next start on.
    """

    #: What is run: `agent-runs`.
    module = "server.cli"

    def __init__(self, database_url: str, log: Path, **settings: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = log
        self.settings = {"DATABASE_URL": database_url, **settings}
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: Guard | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self.kill()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Returns once it is ready."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", self.module, "serve", "--port", str(self.port)],
                env=environment(**self.settings),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a Ctrl-C at the tests' terminal is not for it
            )
        self._guard = Guard(self._process.pid)
        deadline = time.monotonic() + PATIENCE_S
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise ServiceDidNotStart(self.log.read_text()[-2000:])
            time.sleep(POLL_S)

    def stop(self) -> int:
        """Ends it in order, as an operator would, and returns its exit status."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Ends it as a crash would."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """As for an upgrade."""
        self.stop()
        self.start()

    def _end(self, number: int) -> int:
        assert self._process is not None
        assert self._guard is not None
        self._process.send_signal(number)
        status = self._process.wait(PATIENCE_S)
        self._guard.dismiss()
        self._process = self._guard = None
        return status

    def _is_ready(self) -> bool:
        try:
            with urlopen(f"{self.url}/readyz", timeout=1) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False


class Guard:
    """Kills a process once we are gone, so that tests which are killed leave nothing running."""

    def __init__(self, pid: int) -> None:
        # The kernel closes the pipe, however we end.
        script = 'read -r _; kill -KILL "$1"'
        self._process = subprocess.Popen(
            ["sh", "-c", script, "guard", str(pid)],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def dismiss(self) -> None:
        """The process has ended, and another one may get its number."""
        self._process.kill()
        self._process.communicate()


def environment(**settings: str) -> dict[str, str]:
    """Ours, with `settings`, in which the project's packages are found from any folder."""
    return {**os.environ, "PYTHONPATH": str(ROOT), **settings}


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
