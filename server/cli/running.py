"""How a client command runs, and what it exits with."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

import typer

from server.cli.client import ServiceError
from server.cli.terminal import say

T = TypeVar("T")

#: The service could not be asked or refused; also what typer exits with for a wrong option.
UNANSWERED = 2
#: As a shell says it: 128 and the signal's number.
INTERRUPTED = 130
BROKEN_PIPE = 141


class _Interrupted(Exception):
    """A Ctrl-C came."""


async def _until_interrupted(work: Coroutine[Any, Any, T]) -> T:
    """Cancel the work at a Ctrl-C, between two callbacks of the loop.

    The handler of `asyncio.run` cancels wherever the signal arrives, which may be the middle of a
    callback that is setting the very future it cancels.
    """
    task, came = asyncio.current_task(), asyncio.Event()
    assert task is not None

    def interrupt() -> None:
        came.set()
        task.cancel()

    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, interrupt)
    try:
        return await work
    except asyncio.CancelledError:
        if came.is_set():
            raise _Interrupted from None
        raise


def run(work: Coroutine[Any, Any, T]) -> T:
    """Runs a command to its end. What the service refuses is said on stderr."""
    try:
        return asyncio.run(_until_interrupted(work))
    except ServiceError as error:
        say(str(error))
        raise typer.Exit(UNANSWERED) from error
    except BrokenPipeError as error:
        # Whoever reads us has seen enough (`… | head`). Nothing may be flushed into the pipe later.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(BROKEN_PIPE) from error
    except (KeyboardInterrupt, _Interrupted) as error:
        raise typer.Exit(INTERRUPTED) from error
