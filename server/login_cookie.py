"""The cookie by which a browser shows who is logged in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Self
from urllib.parse import unquote, urlsplit

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import Response

NAME = "agent_runs"
#: Browsers take a cookie of this name from nobody but this very host, over https (RFC 6265bis,
#: section 4.1.3.2).
HOST_PREFIX = "__Host-"


@dataclass(frozen=True, slots=True)
class LoginCookie:
    """No script reads it, and no other site's page sends it along but by leading here."""

    name: str
    path: str
    is_secure: bool

    @classmethod
    def of(cls, public_url: str) -> Self:
        """The cookie of a service at this address."""
        parts = urlsplit(public_url)
        if parts.scheme == "https":
            return cls(HOST_PREFIX + NAME, "/", is_secure=True)
        return cls(NAME, unquote(parts.path) or "/", is_secure=False)

    def secret_in(self, headers: Headers) -> str | None:
        """What a browser shows; None where it shows nothing."""
        return cookie_parser(headers.get("cookie", "")).get(self.name) or None

    def put(self, response: Response, secret: str, lifetime: timedelta) -> None:
        """Have the browser keep the secret."""
        self._set(response, secret, math.ceil(lifetime.total_seconds()))

    def take(self, response: Response) -> None:
        """Have the browser forget it."""
        self._set(response, "", 0)

    def _set(self, response: Response, secret: str, seconds: int) -> None:
        response.set_cookie(
            self.name,
            secret,
            max_age=seconds,
            path=self.path,
            secure=self.is_secure,
            httponly=True,
            samesite="lax",
        )
