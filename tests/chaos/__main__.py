"""`make chaos`: the long version, `python -m tests.chaos --seed … --rounds …`."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.rounds import Act, RoundFailed, acts
from tests.conftest import forget_settings
from tests.support.engines import Engines

ROUNDS = 100
#: Faults last so long, at most; a process is stopped for that long.
SECONDS = 5.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    forget_settings()
    engines = Engines.create()
    try:
        return asyncio.run(_play(engines, given.seed, given.rounds))
    finally:
        engines.close()


async def _play(engines: Engines, seed: int, rounds: int) -> int:
    """The exit status: 0 where nothing was amiss in any round."""
    began = time.monotonic()
    _say(f"make chaos SEED={seed} ROUNDS={rounds}")
    failures = 0
    for act in acts(seed, rounds, SECONDS):
        failures += await _play_act(engines, act)
    minutes = (time.monotonic() - began) / 60
    _say(f"{rounds} rounds in {minutes:.0f} min, {failures} failed")
    return 1 if failures else 0


async def _play_act(engines: Engines, act: Act) -> int:
    """How many of its rounds failed; behind one that did the rest is played on another scene."""
    folder = Path(tempfile.mkdtemp(prefix=f"chaos-{act.first}-"))
    try:
        async for line in act.play(engines, folder):
            _say(line)
    except RoundFailed as error:
        _say(f"FAILED: {error}")
        rest = act.behind(error.number)
        return 1 + (await _play_act(engines, rest) if rest else 0)
    shutil.rmtree(folder)
    return 0


def _say(line: str) -> None:
    print(line, flush=True)


sys.exit(main())
