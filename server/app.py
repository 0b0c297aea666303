"""The ASGI app: routes, what wraps them, and what runs as long as they do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route

from live.hub import Hub
from live.poll import Poller
from resolvers.service import Service
from server.access_log import AccessLog
from server.graphql_endpoint import GraphQLEndpoint
from server.health import healthz, readyz
from server.maintenance import keep_hearing, maintain
from server.origins import OriginGuard, allowed_origins
from server.prefix import PathPrefix
from server.report_routes import report_routes
from server.run_routes import run_routes
from server.settings import Settings


def create_app(settings: Settings, *, is_sqlite: bool) -> Starlette:
    """The app over the database that is connected already (models.database.database)."""
    service = Service(hub=Hub(), policy=settings.policy)
    endpoint = GraphQLEndpoint(service)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with companions(service, is_sqlite=is_sqlite):
            yield

    return Starlette(
        routes=[
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            *report_routes(service),
            *run_routes(service),
            *endpoint.routes("/graphql"),
        ],
        middleware=_middleware(settings),
        lifespan=lifespan,
    )


def _middleware(settings: Settings) -> list[Middleware]:
    return [
        Middleware(AccessLog),
        Middleware(PathPrefix, prefix=urlsplit(settings.served_url).path),
        Middleware(OriginGuard, origins=allowed_origins(settings)),
        Middleware(
            CORSMiddleware,
            allow_origins=sorted(allowed_origins(settings)),
            allow_methods=["GET", "POST"],
            allow_headers=["Content-Type", "Authorization"],
            allow_credentials=True,
        ),
    ]


@asynccontextmanager
async def companions(service: Service, *, is_sqlite: bool) -> AsyncIterator[None]:
    """What runs beside the requests: saying that we can hear, and

    on SQLite the maintenance, since no other process may; on PostgreSQL the poll, which carries
    what other processes commit.
    """
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(keep_hearing(service, stop))
        if is_sqlite:
            tasks.create_task(maintain(service, stop))
        else:
            tasks.create_task(Poller(service.hub).run(stop))
        try:
            yield
        finally:
            service.hub.close()
            stop.set()
