"""Playing properties, so that whatever was found is found again by the same seed."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.fuzz.properties import PROPERTIES, Property
from tests.fuzz.sweep import read_everything
from tests.fuzz.world import Person, World


def play(world: World, one: Property, number: int, examples: int) -> None:
    """Try a property with so many examples. Raises AssertionError with the smallest that fails."""

    @seed(number)
    @settings(
        max_examples=examples * one.weight,
        phases=(Phase.generate, Phase.shrink),
        # What failed once is in no file: the seed is what finds it again.
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(world.people), one.draw(world))
    def holds(person: Person, drawn: Any) -> None:
        try:
            one.check(world, person, drawn)
        except Exception as error:
            error.add_note(f"{one.name}, by {person.name}: {drawn!r}")
            raise

    holds()
    world.check_log()


def play_all(world: World, number: int, examples: int) -> None:
    """One round: every property, then all that was told meanwhile."""
    for one in PROPERTIES:
        play(world, one, number, examples)
    read_everything(world)
    world.check_log()
