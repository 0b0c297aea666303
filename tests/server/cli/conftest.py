"""Running services, and our commands as people call them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import DATABASES
from tests.server.cli.command_line import CommandLine
from tests.support.engines import Engines
from tests.support.service import Service

#: A reporter that has nothing to say hears of a cancellation with its next sign of life.
QUICK = {"HEARTBEAT_SECONDS": "0.2"}


async def _migrate(url: str) -> None:
    from models.database import migrate

    await migrate(url)


@pytest.fixture(scope="module")
def service(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """On SQLite, the default; shared by the tests of a module, which leave it running."""
    folder = tmp_path_factory.mktemp("service")
    url = engines.sqlite_database(_migrate, folder / "runs.sqlite3")
    with Service(url, folder / "service.log", **QUICK) as running:
        yield running


@pytest.fixture(scope="module", params=DATABASES)
def either_service(
    request: pytest.FixtureRequest, engines: Engines, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """The same, once on SQLite and once on PostgreSQL."""
    folder = tmp_path_factory.mktemp("service")
    with (
        engines.database(request.param, _migrate, folder) as url,
        Service(url, folder / "service.log", **QUICK) as running,
    ):
        yield running


@pytest.fixture
def own_service(database_url: str, tmp_path: Path) -> Iterator[Service]:
    """One that a test may stop, kill and restart; on both databases."""
    with Service(database_url, tmp_path / "service.log", **QUICK) as running:
        yield running


@pytest.fixture
def cli(service: Service) -> Iterator[CommandLine]:
    """The commands, for the shared service on SQLite."""
    with CommandLine(service.url) as commands:
        yield commands


@pytest.fixture
def either_cli(either_service: Service) -> Iterator[CommandLine]:
    with CommandLine(either_service.url) as commands:
        yield commands


@pytest.fixture
def own_cli(own_service: Service) -> Iterator[CommandLine]:
    with CommandLine(own_service.url) as commands:
        yield commands
