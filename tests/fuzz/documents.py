"""Documents that Schemathesis makes of the schema: any fields, any depth, arguments good or wrong.

https://schemathesis.readthedocs.io/en/stable/reference/python/
"""

from __future__ import annotations

import json
import re
from typing import Any

import schemathesis
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from schemathesis import GenerationMode
from schemathesis.graphql import nodes

from resolvers.rights import FIELDS
from tests.fuzz import values
from tests.fuzz.world import World
from tests.support.service import ROOT

#: Stands for an id until a world is there that has some: Schemathesis knows scalars by their name
#: alone, for all that it makes.
_PLACE = re.compile(r'"@id(\d+)"')
_PLACES = 8

schemathesis.graphql.scalar(
    "ID", st.integers(0, _PLACES - 1).map(lambda n: nodes.String(f"@id{n}"))
)
schemathesis.graphql.scalar("DateTime", st.sampled_from(values.TIMES).map(nodes.String))
schemathesis.graphql.scalar("JSON", st.sampled_from(values.NUMBERS).map(nodes.Int))

MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)

_api = schemathesis.graphql.from_path(ROOT / "schema.graphql")


def queries(world: World) -> SearchStrategy[str]:
    """Of each root field, as the schema has it and otherwise."""
    return _documents(world, "Query")


def mutations(world: World) -> SearchStrategy[str]:
    """The same."""
    return _documents(world, "Mutation")


def _documents(world: World, root: str) -> SearchStrategy[str]:
    made: SearchStrategy[Any] = st.one_of(
        [
            _api[root][name].as_strategy(generation_mode=mode)
            for name in FIELDS[root]
            for mode in MODES
        ]
    )
    ids = st.lists(values.ids(world), min_size=_PLACES, max_size=_PLACES)
    return st.builds(lambda case, told: _filled(case.body, told), made, ids)


def _filled(document: str, ids: list[str]) -> str:
    return _PLACE.sub(lambda place: json.dumps(ids[int(place[1])]), document)
