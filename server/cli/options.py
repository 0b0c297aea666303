"""Options of the commands that run the service; each is an environment variable as well."""

from __future__ import annotations

from typing import Annotated

import typer

from server.logging import LogFormat
from server.settings import Settings

_DEFAULT = Settings()

#: The defaults, in seconds unless the name says otherwise.
DELETE_GRACE = _DEFAULT.delete_grace.total_seconds()
SILENCE = _DEFAULT.silence.total_seconds()
CANCEL_GRACE = _DEFAULT.cancel_grace.total_seconds()
HEARTBEAT = _DEFAULT.heartbeat.total_seconds()
BATCH_WINDOW_MS = _DEFAULT.batch_window.total_seconds() * 1_000
KEEPALIVE = _DEFAULT.keepalive.total_seconds()
LOGIN_HOURS = _DEFAULT.login_lifetime.total_seconds() / 3_600
SHUTDOWN_GRACE = _DEFAULT.shutdown_grace.total_seconds()

DatabaseUrl = Annotated[
    str,
    typer.Option(
        "--database-url",
        envvar="DATABASE_URL",
        help="sqlite:///file (relative), sqlite:////file (absolute) or postgres://user@host/name.",
    ),
]
WakeupUrl = Annotated[
    str,
    typer.Option(
        "--wakeup-url",
        envvar="WAKEUP_URL",
        help="How processes hear of each other's commits at once: memory:// (they do not, and "
        "poll), postgres://…, redis:// or valkey://host:port (rediss:// and valkeys:// with TLS), "
        "nats://host:port. Empty: by the PostgreSQL of DATABASE_URL.",
    ),
]
PublicUrl = Annotated[
    str,
    typer.Option(
        "--public-url",
        envvar="PUBLIC_URL",
        help="Makes every address that is handed out, a path prefix included. "
        "Empty: http://HOST:PORT.",
    ),
]
DeleteGrace = Annotated[
    float,
    typer.Option(
        "--delete-grace-seconds",
        envvar="DELETE_GRACE_SECONDS",
        min=0,
        help="How long deleted runs can be restored; 0 purges them at once.",
    ),
]
Silence = Annotated[
    float,
    typer.Option(
        "--silence-seconds",
        envvar="SILENCE_SECONDS",
        min=1,
        help="A run whose reporter was silent for this long is failed as LOST.",
    ),
]
CancelGrace = Annotated[
    float,
    typer.Option(
        "--cancel-grace-seconds",
        envvar="CANCEL_GRACE_SECONDS",
        min=0,
        help="How long a reporter has to confirm that it stopped, before the run is ended.",
    ),
]
Logs = Annotated[
    LogFormat,
    typer.Option(
        "--log-format", envvar="LOG_FORMAT", help="auto: console on a terminal, else json."
    ),
]
LogLevel = Annotated[
    str,
    typer.Option("--log-level", envvar="LOG_LEVEL", help="debug, info, warning or error."),
]
