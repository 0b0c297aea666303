"""The whole app of a service that asks everybody who they are, and browsers that come to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from starlette.types import ASGIApp

from live.hub import Hub
from models.database import DatabaseUrl
from models.instants import utc_now
from models.visibility import EVERYTHING, Scope
from resolvers.service import Service
from resolvers.viewer import Role
from server.app import create_app
from server.settings import Settings, check_settings
from tests.graph.logins import token_of
from tests.support.clock import Clock

ORIGIN = "http://127.0.0.1:8000"
#: What browsers send with an address that somebody follows.
PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


#: Whatever stands in this checkout.
NOT_BUILT = Path("/nonexistent")


@dataclass(frozen=True)
class House:
    """A service and its app, over a database that is connected."""

    service: Service
    app: ASGIApp
    clock: Clock
    #: The address at which browsers find it.
    url: str

    @classmethod
    def on(cls, database_url: str, *, console: Path = NOT_BUILT, **told: Any) -> House:
        """With the console that stands in a folder, and with settings."""
        settings = check_settings(Settings(**{"require_login": True, **told}))
        clock = Clock(utc_now())
        service = Service(Hub(), settings.policy, clock=clock)
        app = create_app(settings, service, DatabaseUrl.parse(database_url), console)
        return cls(service, app, clock, settings.served_url)

    @asynccontextmanager
    async def browser(self, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
        """It keeps cookies, says that its pages are ours, and follows nothing by itself."""
        origin = self.url.removesuffix("/agent-runs")
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(
            transport=transport, base_url=self.url, headers={**PAGE, "Origin": origin, **headers}
        ) as client:
            yield client

    async def token(self, role: Role = Role.VIEWER, scope: Scope = EVERYTHING) -> str:
        return await token_of(self.service, role, scope=scope)


async def log_in(browser: httpx.AsyncClient, token: str, then: str = "") -> httpx.Response:
    """Send the form of /login."""
    return await browser.post("/login", data={"token": token, "next": then})
