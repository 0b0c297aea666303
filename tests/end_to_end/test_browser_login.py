"""A login in a real browser: one visit, by tests/clients/browser_login.mjs, and what came of it."""

from __future__ import annotations

import platform
import shutil
import sys

import pytest

from live.hub import Hub
from models.database import database, migrate
from resolvers.service import Service as Resolving
from resolvers.viewer import Role
from server.access_watch import RECHECK_SECONDS
from server.authentication import KNOWN_SECONDS
from tests.graph.logins import token_of
from tests.support.engines import Engines
from tests.support.node import Json, told_by
from tests.support.postgres import run_in_a_loop_of_its_own
from tests.support.service import Service

HAS_CHROMIUM = shutil.which("chromium") is not None
pytestmark = pytest.mark.skipif(
    not HAS_CHROMIUM and (sys.platform, platform.machine()) != ("linux", "x86_64"),
    reason="no chromium is installed, and the package that has one is for Linux on x86-64 only",
)

Visit = dict[str, Json]


@pytest.fixture(scope="module")
def visit(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Visit:
    """What the browser told, by event; of other sites by their host."""
    folder = tmp_path_factory.mktemp("browser")
    url = engines.sqlite_database(migrate, folder / "agent-runs.sqlite3")

    async def made() -> str:
        async with database(url):
            return await token_of(Resolving(hub=Hub()), Role.ADMIN)

    token = run_in_a_loop_of_its_own(made)
    with Service(url, folder / "service.log", REQUIRE_LOGIN="1") as service:
        told = told_by("browser_login.mjs", url=service.url, token=token)
    return {str(step.get("host") or step["event"]): step for step in told}


def test_the_form_gives_a_browser_a_cookie_that_no_script_reads(visit: Visit) -> None:
    step = visit["logged in"]
    assert (step["httpOnly"], step["sameSite"], step["readable"]) == (True, "Lax", "")


def test_a_page_asks_by_fetch_and_follows_by_a_socket_with_the_cookie_alone(visit: Visit) -> None:
    assert visit["followed"]["lines"] == ["line 0", "line 1"]


@pytest.mark.parametrize(
    ("host", "holds_cookie"),
    [
        # Another port is another origin and the same site: cookies know no ports (RFC 6265, 8.5).
        ("127.0.0.1", True),
        ("localhost", False),
    ],
)
def test_a_page_of_another_site_neither_asks_nor_listens(
    visit: Visit, host: str, holds_cookie: bool
) -> None:
    assert visit[host]["holdsCookie"] is holds_cookie
    assert visit[host]["came"] == {
        "fetch": "TypeError",
        "get": "TypeError",
        "unread": "opaque",
        "socket": "error",
        "events": "error",
    }


def test_what_other_sites_sent_unread_changed_nothing(visit: Visit) -> None:
    run = {"status": "RUNNING", "cancellation": None}
    assert visit["looked"]["data"] == {"run": run, "viewer": {"name": "ci"}}


def test_a_logout_ends_what_is_open_and_what_is_asked(visit: Visit) -> None:
    step = visit["logged out"]
    assert (step["code"], step["reason"]) == (4403, "the login is over")
    assert step["seconds"] < RECHECK_SECONDS + KNOWN_SECONDS
    assert (step["status"], step["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")
