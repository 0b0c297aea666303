"""Calls of every mutation, field and subscription that are good but for what was put into them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from graph.schema import schema
from tests.end_to_end import recipes
from tests.end_to_end.client import mutation_of
from tests.end_to_end.scene import Scene
from tests.end_to_end.schema_walk import Path, replaced
from tests.fuzz import values
from tests.fuzz.world import World

#: A document, and its variables.
Call = tuple[str, dict[str, Any]]
#: What is put into one call: one place is found out soon, several hide one another.
MAX_SPOILT = 2


def queries(world: World) -> SearchStrategy[Call]:
    """Of fields that take arguments."""
    return _spoilt_calls(world, list(_reads(world.mine, "Subscription", is_one=False)))


def subscriptions(world: World) -> SearchStrategy[Call]:
    return _spoilt_calls(world, list(_reads(world.mine, "Subscription", is_one=True)))


def mutations(world: World) -> SearchStrategy[Call]:
    """Each here and elsewhere."""
    calls: list[Call] = [
        (mutation_of(name, "__typename"), {"input": told})
        for scene in (world.mine, world.foreign)
        for name, inputs in recipes.mutations(scene).items()
        for told in inputs
    ]
    return _spoilt_calls(world, calls)


def _reads(scene: Scene, owner: str, *, is_one: bool) -> Iterator[Call]:
    for name, calls in recipes.reads(scene).items():
        if name.startswith(f"{owner}.") is is_one:
            for call in calls:
                yield recipes.document_of(schema.graphql, scene, name), call


@st.composite
def _spoilt_calls(draw: DrawFn, world: World, good: list[Call]) -> Call:
    # By its number: a strategy of the calls themselves is shown whole with each failure.
    document, variables = good[draw(st.integers(0, len(good) - 1))]
    new = st.one_of(values.json_values, values.ids(world), values.cursors(world))
    for _ in range(draw(st.integers(0, MAX_SPOILT))):
        path = draw(st.sampled_from(list(_places(variables))))
        variables = replaced(variables, path, draw(new))
    return document, variables


def _places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Everywhere in a value, but for the whole of it."""
    match value:
        case dict():
            inner = list(value.items())
        case list():
            inner = list(enumerate(value))
        case _:
            inner = []
    for key, item in inner:
        yield (*path, key)
        yield from _places(item, (*path, key))
