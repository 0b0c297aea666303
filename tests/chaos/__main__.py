"""`make chaos`: the long version, `python -m tests.chaos --seed … --rounds …`."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.rounds import RoundFailed, acts
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
    failures = []
    for act in acts(seed, rounds, SECONDS):
        folder = Path(tempfile.mkdtemp(prefix=f"chaos-{act.first}-"))
        try:
            async for line in act.play(engines, folder):
                _say(line)
        except RoundFailed as error:
            failures.append(str(error))
            _say(f"FAILED: {error}")
    minutes = (time.monotonic() - began) / 60
    _say(f"{rounds} rounds in {minutes:.0f} min, {len(failures)} scenes failed")
    return 1 if failures else 0


def _say(line: str) -> None:
    print(line, flush=True)


sys.exit(main())
