"""`agent-runs …` as a process, and its run as the API shows it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from typing import IO, Any, Self

import httpx

from server.cli.client import Json
from tests.server.cli.waiting import PATIENCE_S, until_now
from tests.support.service import Guard, environment

RUN = """
query Run($id: ID!) {
  run(id: $id) {
    id status agent { name kind } cluster { name } trigger { source name url externalId }
    inputs labels { name value } nextAttemptAt
    error { code message details step { key name } }
    attempts { number failure }
    cancellation { by reason }
    steps { key name status attempt parent { key } errorMessage }
    report { title markdown sections { heading } }
    logs(first: 1000) {
      nodes { sequence message stream level stepKey attempt truncatedBytes } isComplete
    }
  }
}"""


class CommandLine:
    """Starts commands for the service at `url`, and ends those that a test leaves behind.

    `settings` are environment variables, such as AGENT_RUNS_TOKEN.
    """

    def __init__(self, url: str, **settings: str) -> None:
        self.url = url
        self.settings = settings
        self._started: list[Started] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for started in self._started:
            started.close()

    def start(self, *arguments: str, stdin: int | IO[bytes] = subprocess.DEVNULL) -> Started:
        """Starts a command, whose output is kept."""
        process = subprocess.Popen(
            [sys.executable, "-m", "server.cli", *arguments],
            env=environment(AGENT_RUNS_URL=self.url, **self.settings),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,  # so that a line is read, and no more
        )
        started = Started(process)
        self._started.append(started)
        return started

    def call(self, *arguments: str) -> Ended:
        """Runs a command to its end."""
        return self.start(*arguments).end()

    def exec(self, *arguments: str) -> Json:
        """Runs a command as a run to its end, and returns the run."""
        return self.find(self.call("exec", *arguments).run_id)

    def query(self, document: str, **variables: Any) -> Json:
        """The `data` of an operation that is expected to go well."""
        body = {"query": document, "variables": variables}
        answer = httpx.post(f"{self.url}/graphql", json=body, timeout=PATIENCE_S).json()
        assert "errors" not in answer, answer
        data: Json = answer["data"]
        return data

    def find(self, run_id: str) -> Json:
        """The run with its steps, log and report."""
        found: Json = self.query(RUN, id=run_id)["run"]
        return found

    def find_when(self, run_id: str, reached: Callable[[Json], Any]) -> Json:
        """The run as soon as `reached` holds of it."""
        return until_now(lambda: run if reached(run := self.find(run_id)) else None)

    def cancel(self, run_id: str) -> None:
        document = "mutation($id: ID!) { cancelRuns(input: {ids: [$id]}) { userErrors { code } } }"
        assert self.query(document, id=run_id)["cancelRuns"]["userErrors"] == []


class Ended:
    """What a command wrote and how it ended."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status = status
        self.out = out
        self.err = err

    @property
    def run_id(self) -> str:
        """Of the run that `exec` made, which it says on stderr."""
        return run_id_in(self.err)


class Started:
    """A command that runs."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self._guard = Guard(process.pid)
        self._err = ""

    def run_id(self) -> str:
        """Of the run that `exec` makes, as soon as it has said it."""
        return run_id_in(self.read_error("run_"))

    def read_line(self) -> str:
        """The next line of its stdout."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().decode()

    def read_error(self, part: str) -> str:
        """The next line of its stderr that has `part` in it."""
        assert self.process.stderr is not None
        while part not in (line := self.process.stderr.readline().decode()):
            assert line, f"it ended without saying {part!r}: {self._err}"
            self._err += line
        self._err += line
        return line

    def end(self) -> Ended:
        """Waits for its end."""
        out, err = self.process.communicate(timeout=PATIENCE_S)
        self._guard.dismiss()
        return Ended(self.process.returncode, out.decode(), self._err + err.decode())

    def close(self) -> None:
        """Ends it, where it has not ended."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
        self._guard.dismiss()


def run_id_in(text: str) -> str:
    found = re.search("run_[0-9a-f-]{36}", text)
    assert found, text
    return found[0]
