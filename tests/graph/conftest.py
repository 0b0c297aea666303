"""A service on an empty database, and clients of its GraphQL endpoint."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from live.hub import Hub
from models.database import database
from resolvers.service import Service
from tests.graph.support import Api, connected


@pytest.fixture
async def door() -> AsyncIterator[httpx.AsyncClient]:
    """The endpoint alone, for what needs no database."""
    async with connected(Service(hub=Hub())) as api:
        yield api.http


@pytest.fixture
async def service(database_url: str) -> AsyncIterator[Service]:
    async with database(database_url):
        yield Service(hub=Hub())


@pytest.fixture
async def api(service: Service) -> AsyncIterator[Api]:
    async with connected(service) as api:
        yield api
