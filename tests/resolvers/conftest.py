"""A service on each database, with a clock that the test moves."""

from collections.abc import AsyncIterator

import pytest

from live.hub import Hub
from models.database import database
from resolvers.service import Service
from tests.support.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def service(database_url: str, clock: Clock) -> AsyncIterator[Service]:
    async with database(database_url):
        yield Service(hub=Hub(), clock=clock)
