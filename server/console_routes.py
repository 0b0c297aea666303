"""/runs, /agents, /clusters, /graphiql and /assets/…: the console.

Where it was not built, a run's addresses show its plain page, so that a link that was handed out
leads somewhere, and all others say how to build it.
"""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from server.console import Console, app_headers, graphiql_headers
from server.entrance import Entrance
from server.login import HOME_PATH, reader
from server.run_routes import plain_page

ASSETS_PATH = "/assets"
#: What a run's page shows beside its head, each at an address of its own.
TABS = ("logs", "steps", "report", "attempts")

_NOT_BUILT = (
    "the console is not built: run `make console` in the folder that the service is installed "
    "from, and start the service again; a run's page is at /runs/<id>, the API at /graphql\n"
)


def console_routes(entrance: Entrance, console: Console | None, prefix: str) -> list[Route]:
    """The routes; `prefix` is the path of PUBLIC_URL."""

    async def start(_: Request) -> Response:
        return RedirectResponse(f"{prefix}{HOME_PATH}", 307)

    async def app(request: Request) -> Response:
        await reader(entrance, request)
        if console is None:
            return PlainTextResponse(_NOT_BUILT, 503)
        return HTMLResponse(console.app, headers=app_headers())

    async def graphiql(_: Request) -> Response:
        # Without a login: whoever has a token gives it to GraphiQL itself.
        if console is None:
            return PlainTextResponse(_NOT_BUILT, 503)
        return HTMLResponse(console.graphiql, headers=graphiql_headers())

    async def asset(request: Request) -> Response:
        found = console.assets.get(request.path_params["file"]) if console else None
        if found is None:
            raise HTTPException(404)
        return found.answer(request.headers)

    run = app if console else plain_page(entrance)
    return [
        Route("/", start),
        *(Route(path, app) for path in (HOME_PATH, "/agents", "/clusters")),
        Route("/runs/{run_id}", run),
        *(Route(f"/runs/{{run_id}}/{tab}", run) for tab in TABS),
        Route("/graphiql", graphiql),
        Route(f"{ASSETS_PATH}/{{file}}", asset),
    ]
