"""The gate before every door: how often clients may ask, and how much they may hold open."""

from __future__ import annotations

from collections.abc import Collection

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from resolvers.viewer import LOCAL_VIEWER, Viewer
from server.clients import client_of
from server.limits import DOOR_LIMITS, DoorLimits
from server.places import LimitReached, Places
from server.rates import Rates


class Gate:
    """What is counted, in one process."""

    def __init__(self, limits: DoorLimits = DOOR_LIMITS, rate_url: str = "") -> None:
        self.limits = limits
        self.sockets = Places(
            "sockets", "MAX_SOCKETS", limits.max_sockets, limits.max_sockets_per_client
        )
        self.streams = Places(
            "streams", "MAX_STREAMS", limits.max_streams, limits.max_streams_per_client
        )
        self._rates = Rates(limits.rate, rate_url)

    async def close(self) -> None:
        """Close what is open to the broker that counts."""
        await self._rates.close()

    async def count(self, scope: Scope, viewer: Viewer) -> None:
        """Count one request. Raises LimitReached where it is one too many."""
        await self._rates.count(client_of(scope, viewer))


class RateGuard:
    """Counts requests, but for those to `free` paths: some are counted where it is known who asks,
    and whether the service is well may be asked any number of times."""

    def __init__(self, app: ASGIApp, gate: Gate, free: Collection[str]) -> None:
        self._app, self._gate, self._free = app, gate, free

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in self._free:
            try:
                await self._gate.count(scope, LOCAL_VIEWER)
            except LimitReached as reached:
                await refusal(reached)(scope, receive, send)
                return
        await self._app(scope, receive, send)


class Placed(Response):
    """An answer that holds one of several places for as long as it is sent."""

    def __init__(self, response: Response, places: Places, viewer: Viewer) -> None:
        self._response, self._places, self._viewer = response, places, viewer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            with self._places.taken(client_of(scope, self._viewer)):
                await self._response(scope, receive, send)
        except LimitReached as reached:
            await refusal(reached)(scope, receive, send)


def refusal(reached: LimitReached) -> Response:
    """The answer to a client that wants more than it may have."""
    error = {"message": reached.message, "extensions": reached.extensions}
    headers = {"Retry-After": str(reached.retry_after)}
    return JSONResponse({"errors": [error]}, reached.status, headers)
