"""Every route of HTTP, asked for by every role: each gets what the table of rights gives it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute

from models.database import database
from models.visibility import EVERYTHING, Scope
from resolvers.rights import ROLES, ROUTES, Right
from resolvers.share_report import share_report
from resolvers.viewer import LOCAL_VIEWER, Role
from server.console_routes import TABS
from server.socket_door import SocketDoor
from tests.graph.logins import EVERYBODY, client_of, headers_of
from tests.graph.test_scopes import Things, things
from tests.server.doors import PAGE, House
from tests.support.console import APP, build_console

MINE = Scope(frozenset({"mine"}), frozenset({"mine"}))
#: How a route is asked for, where not by GET.
POSTED = {"/logout", "/graphql"}
#: What leads on.
LEADING = {"/": 307, "/logout": 303}
#: One page for all things, which asks for them itself.
SHELLS = {"/runs/{run_id}", *(f"/runs/{{run_id}}/{tab}" for tab in TABS)}
#: What may be stored.
KEPT = {"/assets/{file}": "public, max-age=31536000, immutable"}


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
        if of is None:
            return path.format(
                run_id="run_x", report_id="report_x", token="x", file="x.js", extension="md"
            )
        return path.format(
            run_id=of.run, report_id=of.report, token=self.secret, file=APP, extension="md"
        )


@pytest.fixture
async def objects(database_url: str, tmp_path: Path) -> AsyncIterator[Objects]:
    async with database(database_url):
        house = House.on(database_url, console=build_console(tmp_path))
        mine, foreign = [await things(house.service, name) for name in ("mine", "foreign")]
        link = await share_report(house.service, LOCAL_VIEWER, foreign.report, None, False)
        yield Objects(house, mine, foreign, link.url.rpartition("/")[2])


def starlette_of(house: House) -> Starlette:
    assert isinstance(house.app, SocketDoor)
    app = house.app._app
    assert isinstance(app, Starlette)
    return app


async def ask(client: httpx.AsyncClient, path: str, address: str) -> int:
    """The status of an answer, as a program gets it; none may be stored but the app's own files."""
    if path in POSTED:
        answer = await client.post(address, json={"query": "{ __typename }"})
    else:
        answer = await client.get(address, headers={"Accept": "*/*"})
    kept = KEPT.get(path, "no-store") if answer.is_success else "no-store"
    assert answer.headers.get_list("cache-control") == [kept]
    return answer.status_code


def expected(right: Right, role: Role | None, path: str, *, sees: bool) -> int:
    if role not in ROLES[right]:
        return 401
    if path in LEADING:
        return LEADING[path]
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
                has_subject = "{" in path and path not in SHELLS
                is_foreign = name == "foreign" and right is not Right.OPEN and is_scoped
                sees = not has_subject or (name != "nothing" and not is_foreign)
                wanted[path, name] = expected(right, role, path, sees=sees)
                found[path, name] = await ask(client, path, objects.address(path, subject))
    assert found == wanted


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("/graphql?query={__typename}", {}, 200),
        ("/graphql?query={__typename}", {"Accept": "text/event-stream"}, 200),
        ("/graphql?query={", {"Accept": "application/graphql-response+json"}, 400),
        ("/graphql?documentId=sha256:x", {}, 200),
        ("/graphql", {"Authorization": "Bearer ar_unknown"}, 401),
        ("/graphql", {"Host": "evil.example"}, 421),
        ("/graphql", {"Origin": "https://evil.example"}, 403),
        ("/runs/run_x", PAGE, 303),
        ("/nowhere", {}, 404),
    ],
)
async def test_no_answer_may_be_stored(
    sqlite_url: str, address: str, headers: dict[str, str], status: int
) -> None:
    async with database(sqlite_url):
        house = House.on(sqlite_url)
        token = {} if headers is PAGE else headers_of(await house.token())
        async with client_of(house.app, None) as client:
            answer = await client.get(address, headers=token | headers)
    assert answer.status_code == status
    assert answer.headers.get_list("cache-control") == ["no-store"]
