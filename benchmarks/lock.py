"""One benchmark at a time on this machine: two would measure each other."""

from __future__ import annotations

import fcntl
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK = Path(tempfile.gettempdir()) / "agent-runs-benchmarks.lock"


@contextmanager
def alone(say: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock, after whoever has it."""
    with LOCK.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another benchmark to end")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
