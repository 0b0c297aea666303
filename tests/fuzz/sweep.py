"""Reading back all that was told: what was taken in must come out again, by every door."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from graphql import (
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from graph.schema import schema
from resolvers.viewer import Role
from tests.fuzz import doors
from tests.fuzz.world import World

#: Objects inside one another that are asked for with a run: its report, and that one's sections.
DEPTH = 2
PAGE = 20


def _everything(type_: GraphQLNamedType, depth: int) -> str:
    """The selection of all fields of a type that need no argument."""
    assert isinstance(type_, (GraphQLObjectType, GraphQLInterfaceType))
    parts = ["__typename"]
    for name, field in type_.fields.items():
        inner = get_named_type(field.type)
        if not any(map(is_required_argument, field.args.values())):
            if is_leaf_type(inner):
                parts.append(name)
            elif depth:
                parts.append(f"{name} {_everything(inner, depth - 1)}")
    return f"{{ {' '.join(parts)} }}"


_RUN = _everything(schema.graphql.type_map["Run"], DEPTH)
_IDS = """query ($first: Int!, $after: String) { runs(first: $first, after: $after) {
  nodes { id } pageInfo { hasNextPage endCursor } } }"""


def read_everything(world: World) -> None:
    """Every run that is there, with its pages and files. Raises AssertionError."""
    admin = world.person(Role.ADMIN)
    for run_id in _runs(world):
        answer = doors.ask(
            world,
            admin,
            {"query": f"query ($i: ID!) {{ run(id: $i) {_RUN} }}", "variables": {"i": run_id}},
        )
        assert "errors" not in answer, answer
        run = answer["data"]["run"]
        addresses = [run["url"], f"{run['url']}/plain", f"{run['url']}/logs.txt"]
        if run["report"]:
            addresses += [run["report"]["url"], *(one["url"] for one in run["report"]["downloads"])]
        for address in addresses:
            path = urlsplit(address).path
            assert "not found" not in doors.page(world, admin, path, {}).lower()[:40], path


def _runs(world: World) -> Iterator[str]:
    admin, page = world.person(Role.ADMIN), {"hasNextPage": True, "endCursor": None}
    while page["hasNextPage"]:
        told: dict[str, Any] = {
            "query": _IDS,
            "variables": {"first": PAGE, "after": page["endCursor"]},
        }
        runs = doors.ask(world, admin, told)["data"]["runs"]
        page = runs["pageInfo"]
        yield from (run["id"] for run in runs["nodes"])
