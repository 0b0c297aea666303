"""The settings of a serving or working process, all by environment or flag."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from graph.limits import BadLimit, DocumentLimits
from live.wakeups.address import BadWakeupUrl, wakeup_url
from models.database import DatabaseUrl
from resolvers.redaction import Redactor, no_redactor, redactor
from resolvers.secret_keys import folded, secret_keys
from resolvers.secret_texts import BadPattern
from resolvers.service import Policy
from server.limits import DoorLimits
from server.loopback import is_loopback
from server.oidc.settings import BadOidc, OidcSettings
from server.rates import check_rate_url

DEFAULT_DATABASE_URL = "sqlite:///agent-runs.db"
DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000
#: Processes on one socket: a big machine's cores. Eleven fill PostgreSQL's default of 100
#: connections.
MAX_WORKERS = 64
DEFAULT_PORTS = {"http": 80, "https": 443}
# A name, or an IPv4 address.
_HOST = re.compile(r"[0-9A-Za-z]([-_.0-9A-Za-z]*[0-9A-Za-z])?")
_DEFAULT = Policy()


class BadSetting(ValueError):
    """A setting that cannot be; the sentence names it, what was expected and what came."""


@dataclass(frozen=True, slots=True)
class Settings:
    database_url: str = DEFAULT_DATABASE_URL
    #: Which broker carries wake-ups; empty: PostgreSQL itself, and none on SQLite.
    wakeup_url: str = ""
    #: Processes that serve on one socket.
    workers: int = 1
    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    #: Empty: made of host and port.
    public_url: str = ""
    #: Origins (`https://app.example.com`) whose pages may use HTTP and WebSockets.
    allowed_origins: Sequence[str] = ()
    #: Whether everybody has to say who they are, also without OIDC; else everybody is the one local
    #: person.
    require_login: bool = False
    oidc: OidcSettings = field(default_factory=OidcSettings)
    #: How long a browser stays logged in, at most.
    login_lifetime: timedelta = _DEFAULT.login_lifetime
    #: Names by which clients may address the service, besides loopback ones and PUBLIC_URL's.
    allowed_hosts: Sequence[str] = ()
    #: Addresses of proxies that are believed whom they speak for, as uvicorn takes them.
    forwarded_allow_ips: str = ""
    documents: DocumentLimits = field(default_factory=DocumentLimits)
    doors: DoorLimits = field(default_factory=DoorLimits)
    #: The broker that counts requests for all processes; empty: each counts its own.
    rate_limit_url: str = ""
    #: A directory of .graphql files that may be asked for by their hashes; empty: none.
    persisted_documents: str = ""
    #: Whether nothing else may be executed.
    persisted_only: bool = False
    delete_grace: timedelta = _DEFAULT.delete_grace
    silence: timedelta = _DEFAULT.silence
    cancel_grace: timedelta = _DEFAULT.cancel_grace
    heartbeat: timedelta = _DEFAULT.heartbeat
    #: Lines that come so soon after a batch travel together in the next.
    batch_window: timedelta = _DEFAULT.batch_window
    #: Whether messages to clients that ask for it are compressed: docs/decisions/0018.
    compresses_sockets: bool = False
    #: Whether secrets are redacted before anything is stored: docs/redaction.md.
    redacts: bool = True
    #: Names of keys besides our own; with a `-` before it, one of ours that is none here.
    redact_keys: Sequence[str] = ()
    #: Patterns of RE2 besides our own.
    redact_patterns: Sequence[str] = ()
    #: How often a WebSocket is asked whether its client is there.
    keepalive: timedelta = timedelta(seconds=20)
    #: How long a shutdown may take to deliver what was accepted.
    shutdown_grace: timedelta = timedelta(seconds=10)

    @property
    def requires_login(self) -> bool:
        """Whether everybody has to say who they are."""
        return self.require_login or self.oidc.is_on

    @property
    def policy(self) -> Policy:
        return Policy(
            login_lifetime=self.login_lifetime,
            public_url=self.served_url,
            delete_grace=self.delete_grace,
            silence=self.silence,
            cancel_grace=self.cancel_grace,
            heartbeat=self.heartbeat,
            batch_window=self.batch_window,
        )

    @property
    def redactor(self) -> Redactor:
        """Raises BadPattern."""
        return redactor(self.redact_keys, self.redact_patterns) if self.redacts else no_redactor()

    @property
    def served_url(self) -> str:
        """PUBLIC_URL, or the address that is listened on; without a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (self.public_url or f"http://{host}:{self.port}").rstrip("/")


def check_settings(settings: Settings) -> Settings:
    """The settings, if they can be. Raises BadSetting."""
    if not settings.requires_login and not is_loopback(settings.host):
        raise BadSetting(
            "HOST: expected a loopback address (127.0.0.1, ::1, localhost), "
            f"got {settings.host!r}: without a login only this machine is served. To serve others "
            "make a token (`agent-runs token create --role admin --name me`) and set "
            "REQUIRE_LOGIN=1, or name an OIDC_ISSUER"
        )
    _check_processes(settings)
    _check_redaction(settings)
    _check_oidc(settings)
    if settings.public_url:
        _check_url("PUBLIC_URL", settings.public_url, path=True)
    for origin in settings.allowed_origins:
        _check_url("ALLOWED_ORIGINS", origin, path=False)
    for host in settings.allowed_hosts:
        _check_host(host)
    _check_limits(settings)
    if settings.heartbeat * 2 > settings.silence:
        least, got = 2 * settings.heartbeat.total_seconds(), settings.silence.total_seconds()
        raise BadSetting(
            f"SILENCE_SECONDS: expected at least twice HEARTBEAT_SECONDS ({least:g}), got {got:g}"
        )
    return settings


def _check_limits(settings: Settings) -> None:
    try:
        settings.documents.check()
        settings.doors.check()
        check_rate_url(settings.rate_limit_url)
    except BadLimit as error:
        raise BadSetting(str(error)) from error
    if settings.persisted_only and not settings.persisted_documents:
        raise BadSetting("PERSISTED_ONLY: expected PERSISTED_DOCUMENTS beside it, got none")


def _check_oidc(settings: Settings) -> None:
    try:
        settings.oidc.check()
    except BadOidc as error:
        raise BadSetting(str(error)) from error


def _check_host(host: str) -> None:
    if not _HOST.fullmatch(host):
        raise BadSetting(
            f"ALLOWED_HOSTS: expected names such as runs.example.com, without ports, got {host!r}"
        )


def _check_processes(settings: Settings) -> None:
    database = DatabaseUrl.parse(settings.database_url)
    if database.is_sqlite and settings.workers > 1:
        raise BadSetting(
            f"WORKERS: expected 1, since SQLite serves one process, got {settings.workers}; "
            "use PostgreSQL (DATABASE_URL=postgres://…) for several"
        )
    try:
        wakeup_url(settings.wakeup_url, database)
    except BadWakeupUrl as error:
        raise BadSetting(str(error)) from error


def _check_redaction(settings: Settings) -> None:
    """Also where it is off: who turns it on again shall not find it wrong then."""
    for change in settings.redact_keys:
        if not folded(change):
            raise BadSetting(f"REDACT_KEYS: expected names by commas, got {change!r}")
        if change.startswith("-") and folded(change) not in secret_keys():
            raise BadSetting(f"REDACT_KEYS: expected a name to take out, got {change!r}")
    try:
        redactor(settings.redact_keys, settings.redact_patterns)
    except BadPattern as error:
        raise BadSetting(f"REDACT_PATTERNS: {error}") from error


def _check_url(name: str, text: str, *, path: bool) -> None:
    parts = urlsplit(text)
    fits = parts.scheme in ("http", "https") and parts.hostname and not parts.query
    if not fits or parts.fragment or parts.username or (parts.path not in ("", "/") and not path):
        example = "https://runs.example.com" + ("/prefix" if path else "")
        raise BadSetting(f"{name}: expected an address such as {example}, got {text!r}")


def origin_of(url: str) -> str:
    """The origin (RFC 6454) of an address as browsers write it: lower case, no default port."""
    parts = urlsplit(url.lower())
    default = f":{DEFAULT_PORTS.get(parts.scheme)}"
    return f"{parts.scheme}://{parts.netloc.removesuffix(default)}"
