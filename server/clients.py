"""Who is counted as one client: whoever logged in, or else an address."""

from __future__ import annotations

from starlette.types import Scope

from resolvers.viewer import LOCAL_VIEWER, NOBODY, Viewer


def address_of(scope: Scope) -> str:
    """Where a request comes from.

    A proxy's own address, unless FORWARDED_ALLOW_IPS lets uvicorn believe what it says of others.
    """
    client = scope.get("client")
    return str(client[0]) if client else "unknown"


def client_of(scope: Scope, viewer: Viewer) -> str:
    """What limits count by. Who logged in is one client wherever they come from."""
    if viewer.principal in (LOCAL_VIEWER.principal, NOBODY.principal):
        return f"address {address_of(scope)}"
    return f"viewer {viewer.principal}"
