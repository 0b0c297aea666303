"""The console in a browser. All tests here share one loop, since they share one browser."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from inspect import iscoroutinefunction
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from models.database import migrate
from tests.console.browser import CAN_RUN, Complaints, chromium, visiting
from tests.end_to_end.client import Client, client_of
from tests.support.engines import Engines
from tests.support.service import Service

HERE = Path(__file__).parent
#: No run is ended for its reporter's silence while a test looks at it, and pages may ask a lot.
SETTINGS = {"SILENCE_SECONDS": "36000", "CANCEL_GRACE_SECONDS": "36000", "RATE_LIMIT": "none"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE not in item.path.parents or not isinstance(item, pytest.Function):
            continue
        if iscoroutinefunction(item.function):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
            item.add_marker(pytest.mark.skipif(not CAN_RUN, reason="no Chromium is installed"))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def service(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One for all tests: they look for their own runs only, and leave it running."""
    folder = tmp_path_factory.mktemp("console")
    url = engines.sqlite_database(migrate, folder / "agent-runs.sqlite3")
    with Service(url, folder / "service.log", **SETTINGS) as service:
        yield service


@pytest.fixture
def complaints(service: Service) -> Complaints:
    """What the page said that it should not; a test that provokes something says so here."""
    return Complaints(service.url)


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, service: Service, complaints: Complaints) -> AsyncIterator[Page]:
    async with visiting(browser, service.url, complaints) as page:
        yield page


@pytest_asyncio.fixture(loop_scope="session")
async def client(service: Service) -> AsyncIterator[Client]:
    """Tells the service of runs, as a reporter does."""
    async with client_of(service.url) as client:
        yield client
