"""What is tried, and what must hold for it; docs/decisions/0027 has the list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.fuzz import calls, documents, doors, frames, requests
from tests.fuzz.answers import codes_of
from tests.fuzz.rights import REFUSALS, asked_for, may_all
from tests.fuzz.world import Person, World
from tests.graph.support import JSON


@dataclass(frozen=True)
class Property:
    """Something to draw, by somebody of the world, and what is done with it."""

    draw: Callable[[World], SearchStrategy[Any]]
    check: Callable[[World, Person, Any], object]
    #: How many examples, where another has one: many are cheap here, and few of them tell.
    weight: int = 1

    @property
    def name(self) -> str:
        return self.check.__name__


def every_role_gets_what_it_may(world: World, person: Person, document: str) -> None:
    """A document as Schemathesis makes it: refused whole where any of it is not for the role."""
    answer = doors.ask(world, person, {"query": document})
    asked = asked_for(document)
    if asked is None or not may_all(person.role, asked):
        assert answer.get("data") is None, answer
    elif not document.startswith("mutation"):
        # A reporter is refused what others started; but that is of mutations only.
        assert not codes_of(answer) & REFUSALS, answer


def arguments_are_answered(world: World, person: Person, call: calls.Call) -> None:
    document, variables = call
    doors.ask(world, person, {"query": document, "variables": variables})


def torn_documents_are_answered(world: World, person: Person, document: str) -> None:
    doors.ask(world, person, {"query": document})


def bodies_are_answered(world: World, person: Person, told: tuple[bytes, dict[str, str]]) -> None:
    content, headers = told
    doors.post(world, person, content, {**JSON, **headers})


def addresses_are_answered(
    world: World, person: Person, told: tuple[dict[str, str], dict[str, str]]
) -> None:
    """Queries by GET."""
    parameters, headers = told
    doors.get(world, person, parameters, headers)


def a_login_that_is_none_gets_nothing(
    world: World, person: Person, told: tuple[str, dict[str, str]]
) -> None:
    """Whoever it is that shows it besides: it counts instead of what they have."""
    document, login = told
    answer = doors.post(world, NOBODY, f'{{"query": "{document}"}}'.encode(), {**JSON, **login})
    assert answer.get("data") is None, answer


def pages_are_answered(world: World, person: Person, told: tuple[str, dict[str, str]]) -> None:
    doors.page(world, person, *told)


def events_are_answered(
    world: World, person: Person, told: tuple[calls.Call, dict[str, str]]
) -> None:
    (document, variables), headers = told
    doors.events(world, person, {"query": document, "variables": variables}, headers)


def sockets_are_answered(world: World, person: Person, said: list[frames.Frame]) -> None:
    frames.converse(world, person, said)


NOBODY = Person("nobody", None, None)

#: Those that change something come last: what there is to be read is still there.
PROPERTIES = [
    Property(documents.queries, every_role_gets_what_it_may),
    Property(calls.queries, arguments_are_answered),
    Property(requests.torn_documents, torn_documents_are_answered),
    Property(
        lambda world: st.tuples(requests.bodies(world), requests.headers()), bodies_are_answered
    ),
    Property(
        lambda world: st.tuples(requests.query_strings(world), requests.headers()),
        addresses_are_answered,
    ),
    Property(
        lambda _: st.tuples(st.just("{ viewer { name } }"), requests.logins()),
        a_login_that_is_none_gets_nothing,
    ),
    Property(
        lambda world: st.tuples(requests.addresses(world), requests.headers()),
        pages_are_answered,
        weight=4,
    ),
    Property(
        lambda world: st.tuples(calls.subscriptions(world), requests.headers()), events_are_answered
    ),
    Property(
        lambda world: st.builds(
            lambda a, b: [a, *b], frames.openings(), frames.conversations(world)
        ),
        sockets_are_answered,
    ),
    Property(documents.mutations, every_role_gets_what_it_may),
    Property(calls.mutations, arguments_are_answered),
]
