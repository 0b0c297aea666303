"""Which pages may use the service from a browser: those of ALLOWED_ORIGINS, and its own."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from resolvers.errors import Forbidden
from server.loopback import is_loopback
from server.settings import DEFAULT_PORTS, Settings, origin_of

_LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
#: What browsers say of a page that is not of the service's own origin; a typed address has "none".
_FOREIGN_SITES = ("cross-site", "same-site")


def allowed_origins(settings: Settings) -> frozenset[str]:
    """The origins that may: the configured ones, the service's own, and its loopback names."""
    own = urlsplit(settings.served_url)
    urls = [settings.served_url, *settings.allowed_origins]
    if is_loopback(own.hostname or ""):
        port = own.port or DEFAULT_PORTS[own.scheme]
        urls += [f"http://{name}:{port}" for name in _LOOPBACK_NAMES]
    return frozenset(map(origin_of, urls))


class OriginGuard:
    """Refuse requests and WebSockets that a page of a foreign origin makes.

    Browsers name the page's origin (RFC 6454) with every WebSocket and every request that could
    change something; other programs send none. CORS alone only keeps a page from reading the
    answer, and does not concern WebSockets at all. What a page only embeds, such as an image, is
    fetched without an origin: by its time a page may guess at the answer, and it costs what a
    query costs.
    """

    def __init__(self, app: ASGIApp, origins: frozenset[str]) -> None:
        self._app = app
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            origin = foreign_origin(scope, self._origins)
            if origin is not None:
                await refuse_origin(origin, scope, receive, send)
                return
        if scope["type"] == "http" and (site := embedding_site(scope)):
            await _refusal(f"Sec-Fetch-Site: expected same-origin, got {site}")(
                scope, receive, send
            )
            return
        await self._app(scope, receive, send)


def foreign_origin(scope: Scope, origins: frozenset[str]) -> str | None:
    """The origin that a page names, if it is none of those; None where all is well."""
    origin = Headers(scope=scope).get("origin")
    return None if origin is None or origin.lower() in origins else origin


def embedding_site(scope: Scope) -> str | None:
    """Where a page stands that embeds what is asked for; None where none does, or one of ours.

    By Fetch Metadata (https://www.w3.org/TR/fetch-metadata/), which browsers send wherever a cookie
    could be stolen, and no page can forge. Whoever follows a link from elsewhere is welcome: they
    see what it shows, and the page where it stood does not.
    """
    headers = Headers(scope=scope)
    site = headers.get("sec-fetch-site")
    if site not in _FOREIGN_SITES or "origin" in headers:
        return None
    return None if headers.get("sec-fetch-dest") == "document" else site


async def refuse_origin(origin: str, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a page of a foreign origin."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 4403, "reason": "origin not allowed"})
        return
    told = f"Origin: expected one that ALLOWED_ORIGINS names, got {origin[:60]!r}"
    await _refusal(told)(scope, receive, send)


def _refusal(message: str) -> JSONResponse:
    error = {"message": message, "extensions": {"code": "FORBIDDEN"}}
    return JSONResponse({"errors": [error]}, 403)


def check_own_page(scope: Scope) -> None:
    """See that a page of ours, or of an allowed origin, makes a request that shows a cookie.

    Foreign origins were refused before. Where a browser names none, it says how its page is related
    to us (Fetch Metadata, section 2.3); what says neither may be anybody's. Raises Forbidden.
    """
    headers = Headers(scope=scope)
    if "origin" in headers:
        return
    site = headers.get("sec-fetch-site", "")
    if scope["type"] == "websocket" or site != "same-origin":
        raise Forbidden(
            f"Origin: expected ours beside a login, got none (Sec-Fetch-Site: {site[:20]!r})"
        )
