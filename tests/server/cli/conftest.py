"""A running service, and our commands as people call them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.cli.command_line import CommandLine
from tests.support.service import Service

#: A reporter that has nothing to say hears of a cancellation with its next sign of life.
QUICK = {"HEARTBEAT_SECONDS": "0.2"}


@pytest.fixture
def service(sqlite_url: str, tmp_path: Path) -> Iterator[Service]:
    """On SQLite, the default."""
    with Service(sqlite_url, tmp_path / "service.log", **QUICK) as running:
        yield running


@pytest.fixture
def either_service(database_url: str, tmp_path: Path) -> Iterator[Service]:
    """Once on SQLite and once on PostgreSQL."""
    with Service(database_url, tmp_path / "service.log", **QUICK) as running:
        yield running


@pytest.fixture
def cli(service: Service) -> Iterator[CommandLine]:
    """The commands, for the service on SQLite."""
    with CommandLine(service.url) as commands:
        yield commands


@pytest.fixture
def either_cli(either_service: Service) -> Iterator[CommandLine]:
    with CommandLine(either_service.url) as commands:
        yield commands
