"""The ASGI app: routes, what wraps them, and what runs as long as they do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from graph.schema import looked_through, prepared
from live.poll import Poller
from live.wakeups.address import wakeup_url
from live.wakeups.relay import Relay
from models.database import DatabaseUrl
from models.transactions import PASSING, is_passing
from resolvers.service import Service
from server.access_log import AccessLog
from server.access_watch import AccessWatch
from server.authentication import LookUp
from server.console import BUILT, read_console
from server.console_routes import ASSETS_PATH, console_routes
from server.copilot_session import SESSION_HEADER
from server.entrance import Entrance
from server.gate import Gate, RateGuard
from server.graphql_endpoint import GraphQLEndpoint
from server.health import Readiness, healthz
from server.hosts import HostGuard, allowed_hosts
from server.log_routes import log_routes
from server.login import RETRY, refusals
from server.login_routes import login_routes
from server.maintenance import keep_hearing, maintain
from server.no_store import NoStore
from server.oidc.settings import OidcSettings
from server.origins import OriginGuard, allowed_origins
from server.persisted import BadFolder, PersistedDocuments, read_folder
from server.prefix import PathPrefix, paths_under
from server.report_routes import report_routes
from server.run_routes import run_routes
from server.settings import BadSetting, Settings
from server.socket_door import SocketDoor

log = structlog.get_logger(__name__)

GRAPHQL_PATH = "/graphql"
#: GraphQL counts its requests where it is known who asks; whether we are well may be asked freely.
_COUNTED_ELSEWHERE = (GRAPHQL_PATH, "/healthz", "/readyz")

#: Seconds that what runs beside the requests has to finish what it is at; while the database is
#: away it would take longer, and has nothing to lose.
STOP_SECONDS = 1.0


def create_app(
    settings: Settings, service: Service, database: DatabaseUrl, built: Path = BUILT
) -> ASGIApp:
    """The app over the database that is connected already (models.database.database).

    The console is the one that stands in the folder `built`.
    """
    gate = Gate(settings.doors, settings.rate_limit_url)
    entrance = Entrance.of(
        service,
        requires_login=settings.requires_login,
        of_provider=_of_provider(settings.oidc),
        gate=gate,
        limits=settings.documents,
        documents=persisted_documents(settings),
    )
    endpoint = GraphQLEndpoint(entrance)
    # As it stands in addresses.
    written_prefix = urlsplit(settings.served_url).path
    console = read_console(built, written_prefix)
    # A page loads some twenty of these, which lie ready and are nobody's data: they use up none of
    # what their reader may ask.
    assets = [f"{ASSETS_PATH}/{name}" for name in console.assets] if console else []

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with companions(settings, service, database, entrance.watch):
            yield
        await gate.close()

    app = Starlette(
        routes=[
            Route("/healthz", healthz),
            Route("/readyz", Readiness().readyz),
            *report_routes(entrance),
            *run_routes(entrance),
            *log_routes(entrance),
            *console_routes(entrance, console, written_prefix),
            *login_routes(entrance, written_prefix),
            *endpoint.routes(GRAPHQL_PATH),
        ],
        middleware=_middleware(settings, gate, [*_COUNTED_ELSEWHERE, *assets]),
        exception_handlers={**dict.fromkeys(PASSING, unavailable), **refusals(written_prefix)},
        lifespan=lifespan,
    )
    # Its redirects would be made of the request's Host.
    app.router.redirect_slashes = False
    return SocketDoor(
        app,
        endpoint.socket,
        GRAPHQL_PATH,
        _prefix(settings),
        allowed_hosts(settings),
        allowed_origins(settings),
    )


def persisted_documents(settings: Settings) -> PersistedDocuments:
    """The documents that may be asked for by their hashes. Raises BadSetting for a bad folder."""
    prepare = partial(prepared, limits=settings.documents)
    try:
        folder = settings.persisted_documents
        texts = read_folder(Path(folder), prepare) if folder else {}
    except BadFolder as error:
        raise BadSetting(str(error)) from error
    return PersistedDocuments(
        partial(looked_through, limits=settings.documents),
        texts,
        only=settings.persisted_only,
        registered=settings.doors.max_registered_documents,
    )


async def unavailable(request: Request, error: Exception) -> Response:
    """The answer of a page while the database is away."""
    if not is_passing(error):
        raise error
    log.warning("database unavailable", error=repr(error))
    return PlainTextResponse("the database does not answer; try again later\n", 503, RETRY)


def _of_provider(settings: OidcSettings) -> LookUp | None:
    """Who knows the tokens of the identity provider, if there is one."""
    if not settings.is_on:
        return None
    # Cryptography takes some MiB, which others need not spend.
    from server.oidc.tokens import OidcTokens

    return OidcTokens(settings).identity_of


def _middleware(settings: Settings, gate: Gate, free: Sequence[str]) -> list[Middleware]:
    prefix = _prefix(settings)
    return [
        Middleware(AccessLog),
        Middleware(NoStore),
        Middleware(HostGuard, hosts=allowed_hosts(settings)),
        Middleware(RateGuard, gate=gate, free=paths_under(prefix, *free)),
        Middleware(PathPrefix, prefix=prefix),
        Middleware(OriginGuard, origins=allowed_origins(settings)),
        Middleware(
            CORSMiddleware,
            allow_origins=sorted(allowed_origins(settings)),
            allow_methods=["GET", "POST"],
            allow_headers=["Content-Type", "Authorization", "Last-Event-ID", SESSION_HEADER],
            expose_headers=["Allow", "Retry-After", "WWW-Authenticate"],
            allow_credentials=True,
        ),
    ]


def _prefix(settings: Settings) -> str:
    """The path of PUBLIC_URL."""
    return unquote(urlsplit(settings.served_url).path)


@asynccontextmanager
async def companions(
    settings: Settings, service: Service, database: DatabaseUrl, watch: AccessWatch
) -> AsyncIterator[None]:
    """What runs beside the requests: saying that we can hear, ending what lost its access, and

    on SQLite the maintenance, since no other process may; on PostgreSQL the poll and the relay of
    wake-ups, which carry what other processes commit.
    """
    stop = asyncio.Event()
    beside = [keep_hearing(service, stop), watch.run(stop)]
    if database.is_sqlite:
        beside.append(maintain(service, stop))
    else:
        poller = Poller(service.hub)
        beside.append(poller.run(stop))
        if broker := wakeup_url(settings.wakeup_url, database):
            beside.append(Relay(service.hub, broker, poller.look).run(stop))
    tasks = {asyncio.create_task(each) for each in beside}
    try:
        yield
    finally:
        service.hub.close()
        stop.set()
        _, late = await asyncio.wait(tasks, timeout=STOP_SECONDS)
        for task in late:
            task.cancel()
