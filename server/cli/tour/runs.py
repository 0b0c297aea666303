"""The runs of a tour: which agents run what, and why each ends as it does."""

from __future__ import annotations

import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from server.cli.tour.children import agent_runs

#: A label that tells the runs of one tour from all others.
LABEL = "tour"

#: Run as a file: they are commands like any other, and need nothing of ours.
PROGRAMS = Path(__file__).with_name("programs.py")

COMPLETES, FAILS, IS_CANCELLED, RETRIES, GOES_ON = (
    "library-archive",
    "backup-check",
    "word-index",
    "inventory-sync",
    "host-monitor",
)


@dataclass(frozen=True, slots=True)
class TourRun:
    """One run: the options of `agent-runs exec` and its command."""

    agent: str
    options: tuple[str, ...]
    argv: tuple[str, ...]

    def command_line(self, url: str, tour: str) -> list[str]:
        """What to start, reporting to the service at `url`, labelled with the tour's name."""
        common = ("--url", url, "--quiet", "--agent", self.agent, "--label", f"{LABEL}={tour}")
        return agent_runs("exec", *common, *self.options, "--", *self.argv)


def tour_runs(folder: Path) -> list[TourRun]:
    """The runs, with `folder` for what their programs write."""
    report = folder / "report.json"
    return [
        TourRun(
            COMPLETES,
            (
                *("--steps", "--cluster", "build-eu", "--report", str(report)),
                *("--trigger-source", "SCHEDULE", "--trigger-name", "nightly"),
                *("--input", 'parts=["email", "json"]', "--input", "verify=true"),
            ),
            _program("archive", folder, str(report)),
        ),
        TourRun(
            FAILS,
            (
                *("--steps", "--cluster", "build-eu", "--input", "copy=orders.db"),
                *("--trigger-source", "WEBHOOK", "--trigger-name", "backup finished"),
            ),
            _program("check", folder),
        ),
        TourRun(
            IS_CANCELLED,
            ("--cluster", "local", "--input", "language=python"),
            _program("index", folder),
        ),
        TourRun(
            RETRIES,
            (
                *("--cluster", "warehouse", "--cluster-address", f"127.0.0.1:{_silent_port()}"),
                *("--trigger-source", "EVENT", "--trigger-name", "stock changed"),
            ),
            (sys.executable, "--version"),
        ),
        TourRun(
            GOES_ON,
            (
                *("--steps", "--cluster", "local", "--label", "purpose=demo"),
                *("--trigger-source", "COPILOT", "--trigger-name", "How busy is this machine?"),
            ),
            _program("monitor", folder),
        ),
    ]


def _program(name: str, folder: Path, *arguments: str) -> tuple[str, ...]:
    own = folder / name
    own.mkdir()
    return (sys.executable, str(PROGRAMS), name, str(own), *arguments)


def _silent_port() -> int:
    """A port of this machine that nobody listens on: free a moment ago, and rarely taken since."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
