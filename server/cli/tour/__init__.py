"""`agent-runs tour`: a service with a few real runs, to look at and to follow."""

from __future__ import annotations

import asyncio
import signal
import socket
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from server.cli.running import run
from server.cli.terminal import say
from server.cli.tour.children import Children
from server.cli.tour.staging import ChildEnded, Tour

#: Exit status where a process of the tour ended that should not have.
FAILED = 1


def command(
    host: Annotated[str, typer.Option(envvar="HOST", help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="PORT", min=1, max=65535, help="And on what.")] = 8000,
) -> None:
    """Start a service and make a few real runs on it, to look at and to follow.

    Brings the database up to date (./agent-runs.db unless DATABASE_URL is set), serves it, and runs
    commands of this machine by `agent-runs exec`: one completes, one fails, one is cancelled, one
    cannot reach its cluster, and one goes on until Ctrl-C.
    """
    if (reason := _why_not(host, port)) is not None:
        say(f"cannot listen on {host}, port {port}: {reason}. Another one: PORT={port + 1}")
        raise typer.Exit(FAILED)
    raise typer.Exit(run(_until_told(host, port)))


async def _until_told(host: str, port: int) -> int:
    """Runs the tour until a signal comes, then ends in order whatever it started."""
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    async with Children() as children:
        with tempfile.TemporaryDirectory(prefix="agent-runs-tour-") as folder:
            try:
                return await _until_it_breaks(Tour(children, host, port, Path(folder)))
            except asyncio.CancelledError:
                task.uncancel()
                return 0


async def _until_it_breaks(tour: Tour) -> int:
    try:
        await tour.run()
    except* ChildEnded as ended:
        for error in ended.exceptions:
            say(str(error))
    return FAILED


def _why_not(host: str, port: int) -> str | None:
    """Why nobody can listen there, None where we can."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the service does
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.strerror or str(error)
    return None
