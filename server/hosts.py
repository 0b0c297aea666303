"""By which names the service may be addressed.

A page of a foreign site can have its own name lead to 127.0.0.1 ("DNS rebinding"): for the browser
the service is then of the page's origin, and nothing keeps the page from reading answers. But the
Host that the browser sends is the page's. Starlette's TrustedHostMiddleware knows neither ports nor
IPv6, answers WebSockets with a response that they do not have, and redirects by the Host itself.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from server.loopback import is_loopback
from server.settings import Settings


class HostGuard:
    """Refuse what is addressed to a foreign host."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str] | None) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            host = foreign_host(scope, self._hosts)
            if host is not None:
                await refuse_host(host, scope, receive, send)
                return
        await self._app(scope, receive, send)


def allowed_hosts(settings: Settings) -> frozenset[str] | None:
    """The names besides the loopback ones; None where any will do.

    Only this machine's pages can reach what listens on loopback, so only there the name counts,
    unless ALLOWED_HOSTS says otherwise.
    """
    if not settings.allowed_hosts and not is_loopback(settings.host):
        return None
    own = urlsplit(settings.served_url).hostname or ""
    return frozenset({own, *(host.lower() for host in settings.allowed_hosts)})


def foreign_host(scope: Scope, hosts: frozenset[str] | None) -> str | None:
    """The Host of a request, if it is none of those; None where all is well."""
    if hosts is None:
        return None
    told = Headers(scope=scope).get("host")
    if told is None:  # HTTP/1.0, which browsers do not speak
        return None
    name = _name_of(told)
    return None if name in hosts or is_loopback(name) else told


async def refuse_host(host: str, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with 421 (RFC 9110, section 15.5.20), or refuse the handshake."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 4403, "reason": "host not allowed"})
        return
    message = (
        "Host: expected a loopback name, that of PUBLIC_URL or one of ALLOWED_HOSTS, "
        f"got {host[:60]!r}"
    )
    error = {"message": message, "extensions": {"code": "FORBIDDEN"}}
    await JSONResponse({"errors": [error]}, 421)(scope, receive, send)


def _name_of(host: str) -> str:
    """The name or address without the port, as RFC 3986 section 3.2.2 writes it."""
    try:
        return (urlsplit(f"//{host}").hostname or "").removesuffix(".")
    except ValueError:
        return host
