"""agent-runs serve"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import Annotated

import typer

from graph.limits import DOCUMENT_LIMITS, DocumentLimits
from server.cli.failing import FAILED, explained
from server.cli.limit_options import with_limits
from server.cli.oidc_options import (
    OidcAgentsClaim,
    OidcAudience,
    OidcClustersClaim,
    OidcIssuer,
    OidcJwksUrl,
    OidcNameClaim,
    OidcRoles,
    OidcRolesClaim,
)
from server.cli.options import (
    BATCH_WINDOW_MS,
    CANCEL_GRACE,
    DELETE_GRACE,
    HEARTBEAT,
    KEEPALIVE,
    LOGIN_HOURS,
    SHUTDOWN_GRACE,
    SILENCE,
    CancelGrace,
    DatabaseUrl,
    DeleteGrace,
    LogLevel,
    Logs,
    PublicUrl,
    Silence,
    WakeupUrl,
)
from server.limits import DOOR_LIMITS, DoorLimits
from server.logging import LogFormat, configure_logging
from server.oidc.settings import OidcSettings
from server.serving import serve
from server.settings import (
    DEFAULT_DATABASE_URL,
    DEFAULT_HOST,
    DEFAULT_PORT,
    MAX_WORKERS,
    Settings,
    check_settings,
)
from server.workers import serve_together

#: The defaults.
OIDC = OidcSettings()

Host = Annotated[
    str,
    typer.Option(
        "--host",
        envvar="HOST",
        help="Another than a loopback address takes --require-login or --oidc-issuer.",
    ),
]
Port = Annotated[
    int,
    typer.Option("--port", envvar="PORT", min=0, max=65535, help="0: any that is free."),
]
Workers = Annotated[
    int,
    typer.Option(
        "--workers",
        envvar="WORKERS",
        min=1,
        max=MAX_WORKERS,
        help="Processes that serve together; more than one on PostgreSQL only. Each has up to 9 "
        "connections to it.",
    ),
]
AllowedOrigins = Annotated[
    str,
    typer.Option(
        "--allowed-origins",
        envvar="ALLOWED_ORIGINS",
        help="Origins whose pages may use HTTP and WebSockets, separated by commas, "
        "such as https://app.example.com. None unless told, besides the service's own.",
    ),
]
RequireLogin = Annotated[
    bool,
    typer.Option(
        "--require-login/--no-require-login",
        envvar="REQUIRE_LOGIN",
        help="Everybody has to show a token (`agent-runs token create`). Without, everybody who "
        "reaches the service may do everything.",
    ),
]
LoginHours = Annotated[
    float,
    typer.Option(
        "--login-hours",
        envvar="LOGIN_HOURS",
        min=0.01,
        max=8_760,
        help="How long a browser stays logged in, if its token holds that long.",
    ),
]
AllowedHosts = Annotated[
    str,
    typer.Option(
        "--allowed-hosts",
        envvar="ALLOWED_HOSTS",
        help="Names by which clients may address the service, separated by commas, besides "
        "loopback ones and that of PUBLIC_URL: what a proxy passes on as Host.",
    ),
]
ForwardedAllowIps = Annotated[
    str,
    typer.Option(
        "--forwarded-allow-ips",
        envvar="FORWARDED_ALLOW_IPS",
        help="Addresses or networks of proxies, separated by commas, that are believed in "
        "X-Forwarded-For whom they speak for. None unless told: limits count by address.",
    ),
]
RateLimitUrl = Annotated[
    str,
    typer.Option(
        "--rate-limit-url",
        envvar="RATE_LIMIT_URL",
        help="Counts requests for all processes: redis:// or valkey://host:port (rediss:// and "
        "valkeys:// with TLS). Empty: each process counts its own.",
    ),
]
Persisted = Annotated[
    str,
    typer.Option(
        "--persisted-documents",
        envvar="PERSISTED_DOCUMENTS",
        help="A directory of .graphql files whose documents may be asked for by their SHA-256.",
    ),
]
PersistedOnly = Annotated[
    bool,
    typer.Option(
        "--persisted-only/--no-persisted-only",
        envvar="PERSISTED_ONLY",
        help="Execute nothing but the documents of PERSISTED_DOCUMENTS.",
    ),
]
Heartbeat = Annotated[
    float,
    typer.Option(
        "--heartbeat-seconds",
        envvar="HEARTBEAT_SECONDS",
        min=0.1,
        help="How often a reporter with nothing to say is told to give a sign of life.",
    ),
]
BatchWindow = Annotated[
    float,
    typer.Option(
        "--batch-window-ms",
        envvar="BATCH_WINDOW_MS",
        min=0,
        max=1_000,
        help="Log lines that come so soon after others travel together; a lone one leaves at once.",
    ),
]
Compression = Annotated[
    bool,
    typer.Option(
        "--ws-compression/--no-ws-compression",
        envvar="WS_COMPRESSION",
        help="Compress messages to WebSockets that ask for it, as browsers do: a seventh of the "
        "bytes, for four times the CPU and three times the memory.",
    ),
]
Redact = Annotated[
    bool,
    typer.Option(
        "--redact/--no-redact",
        envvar="REDACT",
        help="Redact secrets before anything is stored: docs/redaction.md.",
    ),
]
RedactKeys = Annotated[
    str,
    typer.Option(
        "--redact-keys",
        envvar="REDACT_KEYS",
        help="Names of keys of inputs, outputs and labels whose values are redacted besides those "
        "of our own, separated by commas; -name takes out one of ours.",
    ),
]
RedactPatterns = Annotated[
    str,
    typer.Option(
        "--redact-patterns",
        envvar="REDACT_PATTERNS",
        help="Regular expressions of RE2, one a line, whose matches are redacted in every text; "
        "of one with a group named secret that group.",
    ),
]
Keepalive = Annotated[
    float,
    typer.Option(
        "--keepalive-seconds",
        envvar="KEEPALIVE_SECONDS",
        min=0.1,
        help="How often a WebSocket's client is asked whether it is there.",
    ),
]
ShutdownGrace = Annotated[
    float,
    typer.Option(
        "--shutdown-grace-seconds",
        envvar="SHUTDOWN_GRACE_SECONDS",
        min=0,
        help="How long a shutdown waits for requests under way.",
    ),
]


@with_limits
def command(
    database_url: DatabaseUrl = DEFAULT_DATABASE_URL,
    wakeup_url: WakeupUrl = "",
    workers: Workers = 1,
    host: Host = DEFAULT_HOST,
    port: Port = DEFAULT_PORT,
    public_url: PublicUrl = "",
    allowed_origins: AllowedOrigins = "",
    require_login: RequireLogin = False,
    oidc_issuer: OidcIssuer = "",
    oidc_audience: OidcAudience = "",
    oidc_roles_claim: OidcRolesClaim = OIDC.roles_claim,
    oidc_roles: OidcRoles = "",
    oidc_name_claim: OidcNameClaim = OIDC.name_claim,
    oidc_agents_claim: OidcAgentsClaim = "",
    oidc_clusters_claim: OidcClustersClaim = "",
    oidc_jwks_url: OidcJwksUrl = "",
    login_hours: LoginHours = LOGIN_HOURS,
    allowed_hosts: AllowedHosts = "",
    forwarded_allow_ips: ForwardedAllowIps = "",
    rate_limit_url: RateLimitUrl = "",
    persisted_documents: Persisted = "",
    persisted_only: PersistedOnly = False,
    delete_grace_seconds: DeleteGrace = DELETE_GRACE,
    silence_seconds: Silence = SILENCE,
    cancel_grace_seconds: CancelGrace = CANCEL_GRACE,
    heartbeat_seconds: Heartbeat = HEARTBEAT,
    batch_window_ms: BatchWindow = BATCH_WINDOW_MS,
    keepalive_seconds: Keepalive = KEEPALIVE,
    ws_compression: Compression = False,
    redact: Redact = True,
    redact_keys: RedactKeys = "",
    redact_patterns: RedactPatterns = "",
    shutdown_grace_seconds: ShutdownGrace = SHUTDOWN_GRACE,
    log_format: Logs = LogFormat.AUTO,
    log_level: LogLevel = "info",
    documents: DocumentLimits = DOCUMENT_LIMITS,
    doors: DoorLimits = DOOR_LIMITS,
) -> None:
    """Serve the API and the reports, until SIGTERM."""
    configure_logging(log_format, log_level)
    settings = Settings(
        database_url=database_url,
        wakeup_url=wakeup_url,
        workers=workers,
        host=host,
        port=port,
        public_url=public_url,
        allowed_origins=_parts(allowed_origins.split(",")),
        require_login=require_login,
        oidc=OidcSettings(
            issuer=oidc_issuer,
            audience=oidc_audience,
            roles_claim=oidc_roles_claim,
            roles=oidc_roles,
            name_claim=oidc_name_claim,
            agents_claim=oidc_agents_claim,
            clusters_claim=oidc_clusters_claim,
            jwks_url=oidc_jwks_url,
        ),
        login_lifetime=timedelta(hours=login_hours),
        allowed_hosts=_parts(allowed_hosts.split(",")),
        forwarded_allow_ips=forwarded_allow_ips,
        rate_limit_url=rate_limit_url,
        persisted_documents=persisted_documents,
        persisted_only=persisted_only,
        documents=documents,
        doors=doors,
        delete_grace=timedelta(seconds=delete_grace_seconds),
        silence=timedelta(seconds=silence_seconds),
        cancel_grace=timedelta(seconds=cancel_grace_seconds),
        heartbeat=timedelta(seconds=heartbeat_seconds),
        batch_window=timedelta(milliseconds=batch_window_ms),
        keepalive=timedelta(seconds=keepalive_seconds),
        compresses_sockets=ws_compression,
        redacts=redact,
        redact_keys=_parts(redact_keys.split(",")),
        redact_patterns=_parts(redact_patterns.splitlines()),
        shutdown_grace=timedelta(seconds=shutdown_grace_seconds),
    )
    with explained():
        check_settings(settings)
        if settings.workers == 1:
            serve(settings)
        elif not serve_together(settings, partial(configure_logging, log_format, log_level)):
            raise typer.Exit(FAILED)


def _parts(texts: Iterable[str]) -> list[str]:
    """Those that are not empty."""
    return [text.strip() for text in texts if text.strip()]
