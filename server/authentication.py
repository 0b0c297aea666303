"""Who makes a request: by its `Authorization`, its cookie, or a socket's `connection_init`."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

from starlette.datastructures import Headers
from starlette.types import Scope

from models.transactions import is_passing
from resolvers.browser_logins import identity_of_login
from resolvers.errors import Unauthenticated, Unavailable
from resolvers.identity import ANONYMOUS, LOCAL, Identity
from resolvers.secrets import hash_secret
from resolvers.service import Service
from resolvers.tokens import PREFIX, identity_of_token
from server.login_cookie import LoginCookie
from server.origins import check_own_page

#: Seconds for which a secret that was looked up counts without another look: that long after its
#: revocation it may still be taken.
KNOWN_SECONDS = 5.0
#: Secrets that are known at once: some hundred bytes each.
MAX_KNOWN = 10_000
#: Characters of a token: an identity provider's with many groups in it.
MAX_SECRET = 16_384

#: Finds out who shows a secret; None for nobody.
LookUp: TypeAlias = Callable[[str], Awaitable[Identity | None]]

#: Methods that change nothing (RFC 9110, section 9.2.1).
_SAFE = ("GET", "HEAD", "OPTIONS")


class Authentication:
    """Tells who somebody is. Without a login asked for, everybody is the one local person."""

    def __init__(
        self, service: Service, *, required: bool, of_provider: LookUp | None = None
    ) -> None:
        """`of_provider` knows the tokens of an identity provider."""
        self._service = service
        self._required = required
        self._of_provider = of_provider
        self._known: OrderedDict[str, tuple[float, Identity]] = OrderedDict()
        self.cookie = LoginCookie.of(service.policy.public_url)

    async def of_request(self, scope: Scope) -> Identity:
        """Who makes a request or opens a socket; ANONYMOUS where it does not say.

        Raises Unauthenticated for a token that is none: not to be taken for somebody without. A
        cookie that is none counts as none: its browser sends it unasked. Raises Forbidden for a
        cookie on what may be another site's doing, and Unavailable.
        """
        if not self._required:
            return LOCAL
        headers = Headers(scope=scope)
        token = bearer(headers)
        if token is not None:
            return await self.of_token(token)
        secret = self.cookie.secret_in(headers)
        if secret is None:
            return ANONYMOUS
        if scope["type"] == "websocket" or scope["method"] not in _SAFE:
            check_own_page(scope)
        return await self._of_cookie(secret) or ANONYMOUS

    async def of_init(self, opened_by: Identity, payload: Mapping[str, Any]) -> Identity:
        """Who uses a socket: `{"token": "…"}` counts before what the opening's headers said.

        Raises what `of_token` does, Unauthenticated also where nobody says who they are.
        """
        if not self._required:
            return LOCAL
        told = payload.get("token")
        if isinstance(told, str):
            return await self.of_token(told.removeprefix("Bearer ").strip())
        if opened_by is ANONYMOUS:
            raise Unauthenticated("token: expected one in connection_init, got none")
        return opened_by

    async def of_token(self, token: str) -> Identity:
        """Who shows this token.

        Raises Unauthenticated; Forbidden for somebody of the identity provider's who has no role
        here; Unavailable while that cannot be found out.
        """
        if not self._required:
            return LOCAL
        identity = await self._found(token, "token", self._look_up)
        if identity is None:
            # Which of these it is is told to nobody who might be guessing.
            raise Unauthenticated("the token is unknown, expired or revoked")
        return identity

    def forget(self, secret: str) -> None:
        """Look a cookie's secret up again, should it be shown once more."""
        self._known.pop(_key("cookie", secret), None)

    async def _of_cookie(self, secret: str) -> Identity | None:
        return await self._found(secret, "cookie", partial(identity_of_login, self._service))

    async def _look_up(self, token: str) -> Identity | None:
        if token.startswith(PREFIX):
            return await identity_of_token(self._service, token)
        return await self._of_provider(token) if self._of_provider else None

    async def _found(self, secret: str, kind: str, look_up: LookUp) -> Identity | None:
        """Who shows a secret that is good now. Raises what `look_up` does, and Unavailable."""
        if len(secret) > MAX_SECRET:
            return None
        key = _key(kind, secret)
        try:
            identity = self._remembered(key) or await look_up(secret)
        except Exception as error:
            if not is_passing(error):
                raise
            raise Unavailable("the database does not answer; try again later") from error
        if identity is None or identity.is_over(self._service.clock()):
            return None
        self._remember(key, identity)
        return identity

    def _remembered(self, key: str) -> Identity | None:
        until, identity = self._known.get(key, (0.0, None))
        return identity if until > time.monotonic() else None

    def _remember(self, key: str, identity: Identity) -> None:
        if self._remembered(key) is None:
            self._known[key] = time.monotonic() + KNOWN_SECONDS, identity
            self._known.move_to_end(key)
            if len(self._known) > MAX_KNOWN:
                self._known.popitem(last=False)


def _key(kind: str, secret: str) -> str:
    # A cookie's secret is no token, nor the other way round.
    return f"{kind} {hash_secret(secret)}"


def bearer(headers: Headers) -> str | None:
    """The secret of `Authorization: Bearer …` (RFC 6750, section 2.1); None where there is none.

    Raises Unauthenticated for another scheme.
    """
    told = headers.get("authorization")
    if told is None:
        return None
    scheme, _, secret = told.partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Unauthenticated("Authorization: expected Bearer and a token")
    return secret.strip()
