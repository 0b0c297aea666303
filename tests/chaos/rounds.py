"""Rounds in their order: which scene and which fault each has, all by the seed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path
from random import Random

from tests.chaos.faults import FAULTS, Fault, name_of, stop_a_process
from tests.chaos.leaks import Watch
from tests.chaos.round import Round
from tests.chaos.scene import SHAPES, TRANSPORTS, Scene, set_up
from tests.support.engines import Engines


class RoundFailed(AssertionError):
    """Something was amiss; says the seed, the round, the fault, and what."""

    def __init__(self, number: int, words: str) -> None:
        super().__init__(words)
        #: Of the round.
        self.number = number


@dataclass(frozen=True)
class Act:
    """Rounds on one scene."""

    seed: int
    #: The number of its first round.
    first: int
    transport: str
    shape: tuple[int, ...]
    faults: Sequence[Fault]
    #: How long faults last, at most.
    seconds: float

    def behind(self, number: int) -> Act | None:
        """What is left of it behind a round; None where that was the last."""
        left = self.faults[number + 1 - self.first :]
        return replace(self, first=number + 1, faults=left) if left else None

    async def play(self, engines: Engines, folder: Path) -> AsyncIterator[str]:
        """What each round was like. Raises RoundFailed."""
        rng = Random(f"{self.seed} {self.first}")
        async with set_up(engines, folder, self.transport, self.shape, rng) as scene:
            yield f"scene: {scene.shape}"
            watch = Watch(scene)
            for number, fault in enumerate(self.faults, self.first):
                # Of its own, so that a round is the same whatever came before it.
                rng = Random(f"{self.seed} {number}")
                seconds = self.seconds * (1 if fault is stop_a_process else rng.uniform(0.1, 1))
                try:
                    await watch.meet()
                    played = await Round(scene, rng).play(fault, seconds)
                    scene.mend()
                    await watch.check()
                    _check_calm(scene)
                except Exception as error:
                    raise RoundFailed(
                        number,
                        f"seed {self.seed}, round {number} ({scene.shape}), {name_of(fault)} for "
                        f"{seconds:.1f} s: {_words(error)}; logs in {folder}",
                    ) from error
                yield f"round {number}: {played}"
            for line in watch.report():
                yield line


def acts(seed: int, rounds: int, seconds: float) -> Iterator[Act]:
    """So many rounds: each fault once on every scene, and scenes of all kinds in turn."""
    shapes = cycle((transport, shape) for shape in SHAPES for transport in TRANSPORTS)
    for first in range(0, rounds, len(FAULTS)):
        rng = Random(f"{seed} scene {first}")
        faults = rng.sample(FAULTS, len(FAULTS))[: rounds - first]
        yield Act(seed, first, *next(shapes), faults, seconds)


def _check_calm(scene: Scene) -> None:
    """What passes is worth a line in a log, not an error."""
    loud = [line for web in scene.webs for line in web.loud_lines()]
    assert not loud, f"{len(loud)} lines in the log like {loud[0][:2_000]}"


def _words(error: BaseException) -> str:
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(_words(each) for each in error.exceptions)
    return str(error) if isinstance(error, AssertionError) else repr(error)
