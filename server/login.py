"""Finding out who makes a request, and answering who may not."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from resolvers.errors import (
    NO_LOGIN,
    ApiError,
    BadInput,
    Forbidden,
    Unauthenticated,
    Unavailable,
)
from resolvers.identity import Identity
from resolvers.rights import Right, may
from resolvers.viewer import NOBODY
from server.entrance import Entrance
from server.graphql_request import RequestRefused

#: RFC 6750, section 3.
CHALLENGE = {"WWW-Authenticate": "Bearer"}
#: What a client that gets 503 is told: most outages are restarts.
RETRY = {"Retry-After": "5"}

LOGIN_PATH = "/login"
#: Where a login leads that was not asked for by a page.
HOME_PATH = "/runs"

Handler = Callable[[Request, Exception], Coroutine[Any, Any, Response]]


async def identified(entrance: Entrance, request: Request) -> Identity:
    """Who makes a request. Raises what Authentication.of_request does.

    A try that fails counts against its address, so that nobody may guess as often as they like.
    Raises LimitReached.
    """
    try:
        return await entrance.authentication.of_request(request.scope)
    except ApiError:
        await entrance.gate.count(request.scope, NOBODY)
        raise


async def reader(entrance: Entrance, request: Request) -> Identity:
    """Who asks for a page that takes a login. Raises Unauthenticated, Forbidden and Unavailable."""
    identity = await entrance.authentication.of_request(request.scope)
    if not may(identity.viewer, Right.READ):
        raise Unauthenticated(NO_LOGIN)
    return identity


def refusals(prefix: str) -> dict[type[Exception], Handler]:
    """What pages below the path `prefix` answer to whom they do not serve, by what is raised."""

    async def no_login(request: Request, error: Exception) -> Response:
        if _is_browser(request):
            told = urlencode({"next": _address(request)})
            return RedirectResponse(f"{prefix}{LOGIN_PATH}?{told}", 303)
        return _sentence(error, 401, CHALLENGE)

    async def forbidden(_: Request, error: Exception) -> Response:
        return _sentence(error, 403)

    async def bad_input(_: Request, error: Exception) -> Response:
        return _sentence(error, 400)

    async def unavailable(_: Request, error: Exception) -> Response:
        return _sentence(error, 503, RETRY)

    async def unreadable(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestRefused)
        return PlainTextResponse(f"{error.message}\n", error.status or 400, error.headers)

    return {
        Unauthenticated: no_login,
        Forbidden: forbidden,
        BadInput: bad_input,
        Unavailable: unavailable,
        RequestRefused: unreadable,
    }


def _sentence(error: Exception, status: int, headers: dict[str, str] | None = None) -> Response:
    assert isinstance(error, ApiError)
    return PlainTextResponse(f"{error.message}\n", status, headers)


def _is_browser(request: Request) -> bool:
    """Whether a person looks on, who can log in; a program that showed a token is told of that."""
    wants_page = "text/html" in request.headers.get("accept", "").lower()
    return request.method == "GET" and wants_page and "authorization" not in request.headers


def _address(request: Request) -> str:
    """What was asked for, below the prefix."""
    scope, query = request.scope, request.url.query
    path = quote(scope["path"].removeprefix(scope.get("root_path", "")))
    return f"{path}?{query}" if query else path
