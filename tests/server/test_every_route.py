"""Every route of HTTP, asked for by every role: each gets what the table of rights gives it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute

from models.database import database
from models.visibility import EVERYTHING, Scope
from resolvers.rights import ROLES, ROUTES, Right
from resolvers.share_report import share_report
from resolvers.viewer import LOCAL_VIEWER, Role
from server.socket_door import SocketDoor
from tests.graph.logins import EVERYBODY, headers_of
from tests.graph.test_scopes import Things, things
from tests.server.doors import House

MINE = Scope(frozenset({"mine"}), frozenset({"mine"}))
#: How a route is asked for, where not by GET.
POSTED = {"/logout", "/graphql"}


@dataclass(frozen=True)
class Objects:
    """What somebody may see, and what not."""

    house: House
    mine: Things
    foreign: Things
    #: Of a link that anybody may follow.
    secret: str

    def address(self, path: str, of: Things | None) -> str:
        """A route's address: of a thing, or of nothing that there is."""
        unknown = {"run_id": "run_x", "report_id": "report_x", "token": "x"}
        known = {"run_id": of.run, "report_id": of.report, "token": self.secret} if of else unknown
        return path.format(**known, extension="md")


@pytest.fixture
async def objects(database_url: str) -> AsyncIterator[Objects]:
    async with database(database_url):
        house = House.on(database_url)
        mine, foreign = [await things(house.service, name) for name in ("mine", "foreign")]
        link = await share_report(house.service, LOCAL_VIEWER, foreign.report, None, False)
        yield Objects(house, mine, foreign, link.url.rpartition("/")[2])


def starlette_of(house: House) -> Starlette:
    assert isinstance(house.app, SocketDoor)
    app = house.app._app
    assert isinstance(app, Starlette)
    return app


async def ask(client: httpx.AsyncClient, path: str, address: str) -> int:
    """The status of an answer, as a program gets it."""
    if path in POSTED:
        return (await client.post(address, json={"query": "{ __typename }"})).status_code
    return (await client.get(address, headers={"Accept": "*/*"})).status_code


def expected(right: Right, role: Role | None, path: str, *, sees: bool) -> int:
    if role not in ROLES[right]:
        return 401
    if path == "/logout":
        return 303
    return 200 if sees else 404


async def test_the_table_has_every_route_and_no_other(objects: Objects) -> None:
    routes = starlette_of(objects.house).router.routes
    assert all(isinstance(route, Route | WebSocketRoute) for route in routes)
    assert {route.path for route in routes} == set(ROUTES)  # type: ignore[attr-defined]


@pytest.mark.parametrize("role", EVERYBODY, ids=str)
async def test_each_role_gets_what_the_table_gives_it(objects: Objects, role: Role | None) -> None:
    is_scoped = role is not Role.ADMIN
    token = await objects.house.token(role, MINE if is_scoped else EVERYTHING) if role else None
    found: dict[tuple[str, str], int] = {}
    wanted: dict[tuple[str, str], int] = {}
    subjects: Mapping[str, Things | None] = {
        "mine": objects.mine,
        "foreign": objects.foreign,
        "nothing": None,
    }
    async with objects.house.browser(**headers_of(token)) as client:
        for path, right in ROUTES.items():
            for name, subject in subjects.items():
                has_subject = "{" in path
                is_foreign = name == "foreign" and right is not Right.OPEN and is_scoped
                sees = not has_subject or (name != "nothing" and not is_foreign)
                wanted[path, name] = expected(right, role, path, sees=sees)
                found[path, name] = await ask(client, path, objects.address(path, subject))
    assert found == wanted
