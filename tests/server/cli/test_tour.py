"""`agent-runs tour`, which is what `make run` starts."""

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.server.cli.command_line import CommandLine, Started
from tests.server.cli.waiting import until_now
from tests.support.service import Service, environment, free_port


class Tour(Started):
    """A tour in a folder of its own, on a free port."""

    def __init__(self, folder: Path, port: int, **settings: str) -> None:
        self.port = port
        super().__init__(
            subprocess.Popen(
                [sys.executable, "-m", "server.cli", "tour"],
                cwd=folder,
                env=environment(PORT=str(port), **settings),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
            )
        )

    def guide(self) -> str:
        """What it prints once there is something to see."""
        text = ""
        while "Ctrl-C ends the tour" not in text:
            line = self.read_line()
            assert line, f"it ended: {self.end().err}"
            text += line
        return text

    def processes(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)


@pytest.fixture
def tour(tmp_path: Path) -> Iterator[Tour]:
    running = Tour(tmp_path, free_port())
    yield running
    if running.process.poll() is None:
        running.process.terminate()  # it ends its own children then
    running.process.wait()
    running.close()


def statuses(cli: CommandLine) -> dict[str, str]:
    """Of all runs, by agent."""
    found = cli.query("{ runs { nodes { status agent { name } } } }")["runs"]["nodes"]
    return {run["agent"]["name"]: run["status"] for run in found}


def test_tour_makes_real_runs_says_how_to_see_them_and_leaves_nothing_running(
    tour: Tour, tmp_path: Path
) -> None:
    guide = tour.guide()
    with CommandLine(f"http://127.0.0.1:{tour.port}") as cli:
        expected = {
            "library-archive": "COMPLETED",
            "backup-check": "FAILED",
            "word-index": "CANCELLED",
            "inventory-sync": "RETRYING",
            "host-monitor": "RUNNING",
        }
        # The one that retries is under way for a moment with each attempt.
        until_now(lambda: statuses(cli) == expected)
        listing, detail = re.findall(r"^  query \{\n.*?\n  \}$", guide, re.DOTALL | re.MULTILINE)
        assert cli.query(listing)["runs"]["totalCount"] == 5
        failed = cli.query(detail)["run"]
        assert failed["error"]["step"]["name"] == "Integrity check"
        report = cli.find(_id_in(guide, "A run"))["report"]
        assert report["title"] == "Archive of the library"
        follower = cli.start("tail", "-f", "-n", "0", _id_in(guide, "tail -f"))
        assert follower.read_line().startswith("load ")
        follower.process.send_signal(signal.SIGINT)
        follower.end()
    processes = tour.processes()
    assert len(processes) > 3
    tour.process.send_signal(signal.SIGINT)
    assert tour.end().status == 0
    assert [process for process in processes if runs(process)] == []
    assert (tmp_path / "agent-runs.db").exists()


def runs(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def serves(process: psutil.Process) -> bool:
    try:
        return "serve" in process.cmdline()
    except psutil.Error:  # it has ended meanwhile
        return False


def _id_in(guide: str, part: str) -> str:
    (line,) = (line for line in guide.splitlines() if part in line)
    return line[line.index("run_") :]


def test_runs_that_go_on_are_cancelled_at_the_end_and_not_lost(tour: Tour, tmp_path: Path) -> None:
    tour.guide()
    tour.process.send_signal(signal.SIGTERM)
    assert tour.end().status == 0
    database = f"sqlite:///{tmp_path / 'agent-runs.db'}"
    with (
        Service(database, tmp_path / "service.log") as service,
        CommandLine(service.url) as cli,
    ):
        assert statuses(cli) == {
            "library-archive": "COMPLETED",
            "backup-check": "FAILED",
            "word-index": "CANCELLED",
            "inventory-sync": "CANCELLED",
            "host-monitor": "CANCELLED",
        }


def test_port_that_is_taken_is_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = Tour(tmp_path, port).end()
    assert ended.status == 1
    assert ended.err == (
        f"agent-runs: cannot listen on 127.0.0.1, port {port}: Address already in use. "
        f"Another one: PORT={port + 1}\n"
    )
    assert not (tmp_path / "agent-runs.db").exists()


def test_tour_ends_when_its_service_does(tour: Tour) -> None:
    until_now(lambda: next(filter(serves, tour.processes()), None)).kill()
    ended = tour.end()
    assert ended.status == 1
    assert "the service has ended" in ended.err
