"""What the service holds before and after: random input must not stay in its memory."""

from __future__ import annotations

from graph.reading import MAX_CACHED, MAX_NEW
from resolvers.viewer import Role
from tests.chaos.web import Census
from tests.fuzz import doors
from tests.fuzz.world import World
from tests.server.cli.waiting import until_now

#: Bytes that a process may hold more after a round than before it: what Python and the allocator do
#: not give back, and documents in its cache that are larger than those they pushed out. Measured:
#: below 1 MiB a round once it is warm.
MAX_BYTES = 16 * 1024 * 1024
#: Objects of our own types, coroutines and the like: what it is at for a moment.
MAX_OBJECTS = 20
#: What there is none of once nobody asks.
GONE = ("followers", "broadcasts", "websockets", "requests", "clients")


def fill_caches(world: World) -> None:
    """Ask for as many documents as are kept, so that every cache is full before it is looked at.

    Those that are asked for again are kept besides those that are not."""
    admin = world.person(Role.ADMIN)
    again = [f"{{ a{number}: __typename }}" for number in range(MAX_CACHED)]
    once = [f"{{ b{number}: __typename }}" for number in range(MAX_NEW)]
    for query in (*(query for query in again for _ in range(2)), *once):
        doors.ask(world, admin, {"query": query})


def at_rest(world: World) -> Census:
    """What the service holds once nothing of us is left in it: connections close a little later."""

    def look() -> Census | None:
        census = world.census()
        return None if any(getattr(census, name) for name in GONE) else census

    return until_now(look)


def at_rest_again(world: World, before: Census) -> Census:
    """The same, once it does no more than before: what it is still at on a busy machine passes, and
    what it holds on to does not."""

    def look() -> Census | None:
        census = at_rest(world)
        return None if _grown(before, census) else census

    try:
        return until_now(look)
    except AssertionError:
        return at_rest(world)


def _grown(before: Census, after: Census) -> list[str]:
    names = ("tasks", "own", "coroutines")
    return [each for each in names if getattr(after, each) - getattr(before, each) > MAX_OBJECTS]


def check_growth(before: Census, after: Census) -> None:
    """Nothing is held for what was asked and is over."""
    more = _grown(before, after)
    assert not more, f"more than {MAX_OBJECTS} more {more}: {before} -> {after}"
    grown = after.resident - before.resident
    assert grown <= MAX_BYTES, f"{grown >> 20} MiB more: {before} -> {after}"
