"""The short version: every property with a few examples. `make fuzz` is the long one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from models.database import migrate
from tests.conftest import DATABASES
from tests.fuzz.growth import at_rest, at_rest_again, check_growth, fill_caches
from tests.fuzz.play import play, play_all
from tests.fuzz.properties import PROPERTIES, Property
from tests.fuzz.sweep import read_everything
from tests.fuzz.world import World
from tests.support.engines import Engines

#: Always the same input. `make fuzz` takes another each time, and says which.
SEED = 27
EXAMPLES = 30


@pytest.fixture(scope="module", params=DATABASES)
def world(
    request: pytest.FixtureRequest, engines: Engines, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("fuzz")
    with (
        engines.database(request.param, migrate, folder) as url,
        World.of(url, folder) as made,
    ):
        yield made


@pytest.mark.parametrize("one", PROPERTIES, ids=lambda one: one.name)
def test_whatever_comes(world: World, one: Property) -> None:
    print(f"make fuzz SEED={SEED}")
    play(world, one, SEED, EXAMPLES)


def test_whatever_was_told_can_be_read(world: World) -> None:
    read_everything(world)
    world.check_log()


def test_memory_does_not_grow_with_what_comes(world: World) -> None:
    fill_caches(world)
    play_all(world, SEED, EXAMPLES // 4)
    before = at_rest(world)
    play_all(world, SEED + 1, EXAMPLES // 4)
    check_growth(before, at_rest_again(world, before))
