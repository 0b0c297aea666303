"""How a client command runs, and what it exits with."""

from __future__ import annotations

import asyncio
import os
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


def run(work: Coroutine[Any, Any, T]) -> T:
    """Runs a command to its end. What the service refuses is said on stderr."""
    try:
        return asyncio.run(work)
    except ServiceError as error:
        say(str(error))
        raise typer.Exit(UNANSWERED) from error
    except BrokenPipeError as error:
        # Whoever reads us has seen enough (`… | head`). Nothing may be flushed into the pipe later.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(BROKEN_PIPE) from error
    except KeyboardInterrupt as error:
        raise typer.Exit(INTERRUPTED) from error
