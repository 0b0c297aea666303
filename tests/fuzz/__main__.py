"""`make fuzz`: the long version, `python -m tests.fuzz --seed … --minutes …`."""

from __future__ import annotations

import argparse
import secrets
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from itertools import count, cycle
from pathlib import Path

from models.database import migrate
from tests.conftest import DATABASES, forget_settings
from tests.fuzz.growth import at_rest, at_rest_again, check_growth, fill_caches
from tests.fuzz.play import play_all
from tests.fuzz.world import World
from tests.support.engines import Engines

MINUTES = 30.0
#: Examples of each property in a round, and rounds that one service lives for.
EXAMPLES, ROUNDS = 100, 5


def main() -> int:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--minutes", type=float, default=MINUTES)
    given = parser.parse_args()
    forget_settings()
    engines = Engines.create()
    try:
        return _play(engines, given.seed, time.monotonic() + given.minutes * 60)
    finally:
        engines.close()


def _play(engines: Engines, seed: int, until: float) -> int:
    """The exit status: 0 where nothing was found. A round that found something ends its world."""
    numbers, failures = count(seed), 0
    for name in cycle(DATABASES):
        if time.monotonic() >= until:
            break
        failures += _play_world(engines, name, numbers, until)
    _say(f"{next(numbers) - seed} rounds, {failures} failed")
    return 1 if failures else 0


def _play_world(engines: Engines, name: str, numbers: Iterator[int], until: float) -> int:
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    with engines.database(name, migrate, folder) as url, World.of(url, folder) as world:
        fill_caches(world)
        before = None
        for _ in range(ROUNDS):
            number = next(numbers)
            _say(f"{name}: make fuzz SEED={number} MINUTES=1")
            try:
                play_all(world, number, EXAMPLES)
                after = at_rest_again(world, before) if before else at_rest(world)
                check_growth(before or after, after)
            except Exception:
                _say(f"FAILED: SEED={number}, log {world.service.log}\n{traceback.format_exc()}")
                return 1
            _say(f"  {after.resident >> 20} MiB, {after.own} objects")
            # The first round is for everything to be warm.
            before = before or after
            if time.monotonic() >= until:
                break
    shutil.rmtree(folder)
    return 0


def _say(line: str) -> None:
    print(line, flush=True)


sys.exit(main())
