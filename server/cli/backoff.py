"""How long to wait before trying again."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

#: A service that restarts is back within a second or two: the first try must not miss that by much.
FIRST_S = 0.1
#: Longer pauses would only delay the return of a reporter that people are watching.
LONGEST_S = 5.0


def backoff(
    first_s: float = FIRST_S,
    longest_s: float = LONGEST_S,
    uniform: Callable[[float, float], float] = random.uniform,
) -> Iterator[float]:
    """Endless pauses in seconds, doubling from `first_s` to `longest_s`.

    Each is shortened by up to a half at random, so that the clients of a service that restarts do
    not come back all at once.
    """
    pause = first_s
    while True:
        yield uniform(pause / 2, pause)
        pause = min(pause * 2, longest_s)
