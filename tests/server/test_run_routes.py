"""Pages of runs and reports, over HTTP."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette

from live.hub import Hub
from models.database import database
from models.ids import Kind, global_id
from models.report import Report
from models.visibility import Scope
from resolvers.service import Service
from resolvers.viewer import Role
from server.entrance import Entrance
from server.log_routes import log_routes
from server.login import refusals
from server.report_routes import report_routes
from server.run_routes import run_routes
from tests.graph.logins import client_of, token_of
from tests.support.reporting import append, begin, complete, run_id


@pytest.mark.parametrize("number", ["9" * 5_000, "1e999", "0.10", "12345678901234567890.5", "-0"])
async def test_inputs_are_shown_digit_for_digit(database_url: str, number: str) -> None:
    async with database(database_url):
        service = Service(hub=Hub())
        run = await begin(service, inputs=f'{{"n":[{number},"ü"]}}')
        app = Starlette(routes=run_routes(Entrance.of(service)))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            page = await http.get(f"/runs/{run_id(run)}/plain")
    assert page.status_code == 200
    assert f"{number},\n    &#34;ü&#34;" in page.text


async def test_pages_and_files_of_what_is_foreign_are_not_found(database_url: str) -> None:
    async with database(database_url):
        service = Service(hub=Hub())
        paths = [await _paths(service, cluster) for cluster in ("mine", "foreign")]
        token = await token_of(service, Role.VIEWER, scope=Scope(None, frozenset({"mine"})))
        entrance = Entrance.of(service, requires_login=True)
        routes = [*run_routes(entrance), *log_routes(entrance), *report_routes(entrance)]
        app = Starlette(routes=routes, exception_handlers=refusals(""))
        for person, found in ((token, 200), (None, 401)):
            async with client_of(app, person) as http:
                assert [(await http.get(path)).status_code for path in paths[0]] == [found] * 4
                missing = 404 if person else 401
                assert [(await http.get(path)).status_code for path in paths[1]] == [missing] * 4


async def _paths(service: Service, cluster: str) -> list[str]:
    """Of a run with a report: its page, its log, its report and that one as a file."""
    run = await begin(service, cluster=cluster)
    await append(service, run, 0, "line")
    await complete(service, run)
    report = global_id(Kind.REPORT, (await Report.get(run_id=run.id)).id)
    of_run, of_report = f"/runs/{run_id(run)}", f"/reports/{report}"
    return [f"{of_run}/plain", f"{of_run}/logs.txt", of_report, f"{of_report}/download.md"]
