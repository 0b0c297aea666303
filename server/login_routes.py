"""/login and /logout: a page with a form for a token, and a cookie for who showed a good one.

Nothing here is a script, so that it works wherever a page does. Only a page of ours may log a
browser in or out: else a foreign one could log somebody in as somebody else, and read along.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs, unquote, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from resolvers.browser_logins import begin_login, end_login
from resolvers.errors import Forbidden, Unauthenticated
from resolvers.identity import LOCAL, Identity
from server.entrance import Entrance
from server.graphql_request import RequestRefused
from server.login import CHALLENGE, HOME_PATH, LOGIN_PATH
from server.origins import check_own_page
from server.pages import page_headers, render

LOGOUT_PATH = "/logout"
#: Bytes of a form: a token of MAX_SECRET, escaped, and an address.
MAX_FORM = 64 * 1024
FORM = "application/x-www-form-urlencoded"

# A path, and no address of another host as `//host` and `/\host` are for browsers. What is not
# ASCII is escaped in addresses.
_OUR_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]{0,2000}")


def login_routes(entrance: Entrance, prefix: str) -> list[Route]:
    """The routes; `prefix` is the path of PUBLIC_URL."""
    service, authentication = entrance.service, entrance.authentication
    cookie = authentication.cookie

    async def page(request: Request) -> Response:
        identity = await authentication.of_request(request.scope)
        return _page(prefix, identity, request.query_params.get("next", ""))

    async def log_in(request: Request) -> Response:
        check_own_page(request.scope)
        form = await _form(request)
        token, then = form.get("token", "").strip(), form.get("next", "")
        try:
            identity = await authentication.of_token(token)
        except Unauthenticated as error:
            return _page(prefix, None, then, error.message, 401)
        except Forbidden as error:
            return _page(prefix, None, then, error.message, 403)
        response = RedirectResponse(f"{prefix}{our_path(then) or HOME_PATH}", 303)
        if identity is not LOCAL:
            login = await begin_login(service, identity)
            cookie.put(response, login.secret, login.expires_at - service.clock())
        return response

    async def log_out(request: Request) -> Response:
        check_own_page(request.scope)
        if secret := cookie.secret_in(request.headers):
            await end_login(secret)
            authentication.forget(secret)
        response = RedirectResponse(f"{prefix}{LOGIN_PATH}", 303)
        cookie.take(response)
        return response

    return [
        Route(LOGIN_PATH, page),
        Route(LOGIN_PATH, log_in, methods=["POST"]),
        Route(LOGOUT_PATH, log_out, methods=["POST"]),
    ]


def our_path(told: str) -> str | None:
    """An address to go on to after the login, if it is a path below ours; None for any other."""
    if not _OUR_PATH.fullmatch(told):
        return None
    # Browsers resolve dots, escaped ones too, and would leave the prefix.
    segments = unquote(urlsplit(told).path).split("/")
    return None if {".", ".."} & set(segments) else told


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form, each once. Raises RequestRefused for what no form of ours sends."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != FORM:
        raise RequestRefused(f"Content-Type: expected {FORM}, got {content_type[:60]!r}", 415)
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_FORM:
            raise RequestRefused(f"body: expected at most {MAX_FORM} bytes, got more", 413)
    try:
        fields = parse_qs(body.decode("ascii"), max_num_fields=10)
    except ValueError as error:
        raise RequestRefused(f"body: expected {FORM}") from error
    return {name: values[-1] for name, values in fields.items()}


def _page(
    prefix: str, identity: Identity | None, then: str, error: str = "", status: int = 200
) -> Response:
    viewer = identity.viewer if identity and identity.viewer.role else None
    html = render(
        "login.html",
        viewer=viewer,
        may_log_out=bool(identity and identity.login_id),
        error=error,
        next=our_path(then) or "",
        login_url=f"{prefix}{LOGIN_PATH}",
        logout_url=f"{prefix}{LOGOUT_PATH}",
    )
    return HTMLResponse(html, status, {**page_headers(has_form=True), **_challenge(status)})


def _challenge(status: int) -> dict[str, str]:
    return CHALLENGE if status == 401 else {}
