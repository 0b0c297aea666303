"""Services as processes of their own, for tests that speak to them as clients do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from models.database import migrate
from tests.conftest import DATABASES
from tests.end_to_end.client import Client, client_of
from tests.support.engines import Engines
from tests.support.service import Service

#: Seconds: no run is ended for its reporter's silence while the tests look at it.
UNHURRIED = {"SILENCE_SECONDS": "36000", "CANCEL_GRACE_SECONDS": "36000"}


@pytest.fixture(scope="module", params=DATABASES)
def shared_service(
    request: pytest.FixtureRequest, engines: Engines, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """One for all tests of a module: they may neither stop it nor count all that it holds."""
    folder = tmp_path_factory.mktemp("service")
    with (
        engines.database(request.param, migrate, folder) as url,
        Service(url, folder / "service.log", **UNHURRIED) as service,
    ):
        yield service


@pytest.fixture
async def client(shared_service: Service) -> AsyncIterator[Client]:
    async with client_of(shared_service.url) as client:
        yield client
