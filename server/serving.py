"""Running the app under uvicorn: sockets, signals, and the order of starting and stopping."""

from __future__ import annotations

import asyncio
import gc
import math
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import structlog
import uvicorn
from starlette.types import ASGIApp
from uvicorn.loops.auto import auto_loop_factory

from live.hub import Hub
from models.database import database, dialect
from resolvers.service import Service
from resolvers.tokens import has_usable_token
from resolvers.uninterrupted import finish_operations
from server.app import create_app
from server.http_protocol import HttpProtocol
from server.settings import BadSetting, Settings
from server.websocket_protocol import WebSocketProtocol

log = structlog.get_logger(__name__)

#: uvloop where there is one.
LOOP = auto_loop_factory()
#: A client of a WebSocket may be silent for so many pings: one that reads 1 KB/s takes a minute
#: for what a system's buffers step by.
UNANSWERED_PINGS = 4
#: TCP finds a client of another request that vanished without a close: after IDLE seconds of
#: silence it is asked COUNT times, every INTERVAL seconds.
KEEPALIVE_IDLE, KEEPALIVE_INTERVAL, KEEPALIVE_COUNT = 30, 10, 3
#: Seconds that a client may take nothing of what was sent, whether it vanished or only stopped
#: reading; for what is streamed over HTTP, which has no pings.
STALLED_SECONDS = 120
#: Bytes that the system holds for one connection (Linux doubles them). Unless told it takes 4 MiB:
#: thousands of stale messages, for each client that does not read.
SEND_BUFFER_BYTES = 128 * 1024
#: Seconds that a shutdown gives followers to take what was committed; one that does not read
#: comes back with its cursor.
FOLLOWERS_SECONDS = 2.0
#: Connections that wait to be accepted.
BACKLOG = 2_048
#: Python's collector looks at everything that stays once for so many looks at what is younger; 10
#: times unless told. With a thousand followers such a look holds everybody up for 0.2 s, and finds
#: next to nothing.
YOUNG_FOR_ONE_FULL_COLLECTION = 100


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is under way within the grace."""
    with listen(settings.host, settings.port) as listener:
        serve_on(replace(settings, port=listener.getsockname()[1]), listener)


def serve_on(settings: Settings, listener: socket.socket) -> None:
    """Serve in this process on a socket that others may share."""
    with asyncio.Runner(loop_factory=LOOP) as runner:
        runner.run(_serve(settings, listener))


async def _serve(settings: Settings, listener: socket.socket) -> None:
    # The database comes first and goes last: a service that cannot use it never answers.
    async with database(settings.database_url) as url:
        service = Service(Hub(), settings.policy, redactor=settings.redactor)
        app = create_app(settings, service, url)
        _collect_seldom()
        await _warn_of_closed_doors(settings, service)
        log.info("serving", url=settings.served_url, database=dialect())
        await Server(_config(settings, app), service.hub).serve(sockets=[listener])
        await finish_operations(settings.shutdown_grace.total_seconds())
        log.info("stopped")


async def _warn_of_closed_doors(settings: Settings, service: Service) -> None:
    """Tell an operator who asks for logins that nobody can have, yet."""
    if settings.require_login and not settings.oidc.is_on and not await has_usable_token(service):
        hint = "make a token: agent-runs token create --role admin --name me"
        log.warning("a login is required and nobody has one", hint=hint)


def _collect_seldom() -> None:
    """Spare Python's collector what stays: what was loaded, for good, and the rest mostly."""
    gc.collect()
    gc.freeze()
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, YOUNG_FOR_ONE_FULL_COLLECTION)


class Server(uvicorn.Server):
    """uvicorn, which ends streams before connections, and returns where it was told to stop."""

    def __init__(self, config: uvicorn.Config, hub: Hub) -> None:
        super().__init__(config)
        self._hub = hub

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept no more, let followers have what was committed, then close what is open.

        uvicorn alone would cut sockets off at once, and wait out the grace for a streamed answer.
        """
        for server in self.servers:
            server.close()
        self._hub.close()
        await self._followers_gone()
        await super().shutdown(sockets)

    async def _followers_gone(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(FOLLOWERS_SECONDS):
                await self._hub.deserted()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """uvicorn raises the signal again once it is done, and nothing after it would run."""
        with super().capture_signals():
            try:
                yield
            finally:
                self._captured_signals.clear()


def _config(settings: Settings, app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=HttpProtocol.within(settings.doors),
        ws=WebSocketProtocol,
        ws_max_size=settings.doors.max_message_bytes,
        ws_ping_interval=settings.keepalive.total_seconds(),
        ws_ping_timeout=UNANSWERED_PINGS * settings.keepalive.total_seconds(),
        ws_per_message_deflate=settings.compresses_sockets,
        log_config=None,
        # Ours keeps secrets out; uvicorn's would write the path of a shared report.
        access_log=False,
        server_header=False,
        # uvicorn's own default believes every program of this machine.
        proxy_headers=bool(settings.forwarded_allow_ips),
        forwarded_allow_ips=settings.forwarded_allow_ips,
        timeout_graceful_shutdown=math.ceil(settings.shutdown_grace.total_seconds()),
    )


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; accepted ones inherit its options. Raises BadSetting."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio sets TCP_NODELAY only where it is: without, each answer
    # waits some 40 ms for the client's delayed acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    for name, value in (
        ("TCP_KEEPIDLE", KEEPALIVE_IDLE),
        ("TCP_KEEPINTVL", KEEPALIVE_INTERVAL),
        ("TCP_KEEPCNT", KEEPALIVE_COUNT),
        ("TCP_USER_TIMEOUT", STALLED_SECONDS * 1_000),
    ):
        if hasattr(socket, name):
            listener.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise BadSetting(f"PORT: {host}:{port} cannot be listened on: {error.strerror}") from error
    return listener
