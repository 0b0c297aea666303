"""Finding out who makes a request, and refusing who does not say."""

from __future__ import annotations

from starlette.requests import Request

from resolvers.errors import NO_LOGIN, Unauthenticated
from resolvers.identity import Identity
from resolvers.rights import Right, may
from resolvers.viewer import NOBODY
from server.entrance import Entrance

#: RFC 6750, section 3.
CHALLENGE = {"WWW-Authenticate": "Bearer"}


async def identified(entrance: Entrance, request: Request) -> Identity:
    """Who makes a request. Raises Unauthenticated for a secret that is none.

    Such a try counts against its address, so that nobody may guess as often as they like. Raises
    LimitReached.
    """
    try:
        return await entrance.authentication.of_headers(request.headers)
    except Unauthenticated:
        await entrance.gate.count(request.scope, NOBODY)
        raise


async def reader(entrance: Entrance, request: Request) -> Identity:
    """Who asks for a page that takes a login. Raises Unauthenticated."""
    identity = await entrance.authentication.of_headers(request.headers)
    if not may(identity.viewer, Right.READ):
        raise Unauthenticated(NO_LOGIN)
    return identity
