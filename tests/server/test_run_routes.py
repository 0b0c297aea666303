"""A run's page, over HTTP."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette

from live.hub import Hub
from models.database import database
from resolvers.service import Service
from server.entrance import Entrance
from server.run_routes import run_routes
from tests.support.reporting import begin, run_id


@pytest.mark.parametrize("number", ["9" * 5_000, "1e999", "0.10", "12345678901234567890.5", "-0"])
async def test_inputs_are_shown_digit_for_digit(database_url: str, number: str) -> None:
    async with database(database_url):
        service = Service(hub=Hub())
        run = await begin(service, inputs=f'{{"n":[{number},"ü"]}}')
        app = Starlette(routes=run_routes(Entrance.of(service)))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            page = await http.get(f"/runs/{run_id(run)}")
    assert page.status_code == 200
    assert f"{number},\n    &#34;ü&#34;" in page.text
