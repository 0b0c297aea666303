"""WAKEUP_URL, understood: which broker carries wake-ups."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from live.wakeups.link import Link, Receive
from models.database import BadDatabaseUrl, DatabaseUrl, without_password

MEMORY = "memory://"
_POSTGRES = ("postgres", "postgresql")
_VALKEY = ("redis", "rediss", "valkey", "valkeys")
_EXPECTED = (
    "expected memory://, postgres://user:password@host:port/database, "
    "redis:// or valkey://[user:password@]host:port (rediss:// or valkeys:// with TLS) or "
    "nats://[user:password@]host:port"
)


class BadWakeupUrl(ValueError):
    """WAKEUP_URL is none that this service understands; the sentence says what is."""


@dataclass(frozen=True, slots=True)
class WakeupUrl:
    """The address of a broker. `shown` is the address without what is secret in it."""

    text: str
    shown: str
    _open: Callable[[str, str, Receive], AbstractAsyncContextManager[Link]]

    def open(self, channel: str, receive: Receive) -> AbstractAsyncContextManager[Link]:
        """Connect and listen; see `live.wakeups.link.OpenLink`."""
        return self._open(self.text, channel, receive)

    def without_secrets(self, text: str) -> str:
        """The text, in which a library may have quoted the address."""
        for secret in _secrets(self.text):
            text = text.replace(secret, "***")
        return text


def wakeup_url(text: str, database: DatabaseUrl) -> WakeupUrl | None:
    """The broker that `text` names, empty for the database's default.

    None where nothing carries wake-ups between processes: on SQLite there is one. Raises
    BadWakeupUrl.
    """
    if database.is_sqlite:
        if text not in ("", MEMORY):
            raise BadWakeupUrl(
                f"WAKEUP_URL: expected {MEMORY}, since SQLite serves one process, "
                f"got {without_password(text)!r}"
            )
        return None
    if text == MEMORY:
        return None
    return _parse(text or database.dsn)


def _parse(text: str) -> WakeupUrl:
    parts = _split(text)
    if parts.scheme in _POSTGRES:
        try:
            dsn = DatabaseUrl.parse(text).dsn
        except BadDatabaseUrl as error:
            sentence = str(error).removeprefix("DATABASE_URL: ")
            raise BadWakeupUrl(f"WAKEUP_URL: {sentence}") from error
        return WakeupUrl(dsn, without_password(text), _postgres)
    if not parts.hostname or parts.query or parts.fragment:
        raise _bad(text)
    if parts.scheme in _VALKEY and _is_number(parts.path.strip("/") or "0"):
        return WakeupUrl(text, without_password(text), _valkey)
    if parts.scheme == "nats" and not parts.path.strip("/"):
        # A lone user is a token here, so it is not shown either.
        return WakeupUrl(text, f"nats://{parts.netloc.rpartition('@')[2]}", _nats)
    raise _bad(text)


def _split(text: str) -> Any:
    try:
        parts = urlsplit(text)
        _ = parts.port  # it is checked when it is asked for
    except ValueError as error:
        raise _bad(text) from error
    return parts


def _bad(text: str) -> BadWakeupUrl:
    # Of an address that nobody understands no part is known not to be secret, but its scheme.
    scheme, found, _ = text.partition("://")
    got = f"{scheme}://…" if found else "one without ://"
    return BadWakeupUrl(f"WAKEUP_URL: {_EXPECTED}, got {got}")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _secrets(url: str) -> list[str]:
    """The password, or a lone user, which is NATS's token; as it stands there and decoded."""
    parts = urlsplit(url)
    secret = parts.password or ("" if parts.password is not None else parts.username)
    return sorted({secret, unquote(secret)}, key=len, reverse=True) if secret else []


# Each imports its library when it is used: the others are then not loaded.


def _postgres(url: str, channel: str, receive: Receive) -> AbstractAsyncContextManager[Link]:
    from live.wakeups.postgres_link import postgres_link

    return postgres_link(url, channel, receive)


def _valkey(url: str, channel: str, receive: Receive) -> AbstractAsyncContextManager[Link]:
    from live.wakeups.valkey_link import valkey_link

    return valkey_link(url, channel, receive)


def _nats(url: str, channel: str, receive: Receive) -> AbstractAsyncContextManager[Link]:
    from live.wakeups.nats_link import nats_link

    return nats_link(url, channel, receive)
