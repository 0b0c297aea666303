"""Who makes a request: by its `Authorization`, or by what a socket's `connection_init` says."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import Headers

from resolvers.errors import Unauthenticated
from resolvers.identity import ANONYMOUS, LOCAL, Identity
from resolvers.secrets import hash_secret
from resolvers.service import Service
from resolvers.tokens import PREFIX, identity_of_token

#: Seconds for which a token that was looked up counts without another look: that long after its
#: revocation it may still be taken.
KNOWN_SECONDS = 5.0
#: Tokens that are known at once: some hundred bytes each.
MAX_KNOWN = 10_000
#: Characters of a token: an identity provider's with many groups in it.
MAX_SECRET = 16_384


class Authentication:
    """Tells who somebody is. Without a login asked for, everybody is the one local person."""

    def __init__(self, service: Service, *, required: bool) -> None:
        self._service = service
        self._required = required
        self._known: OrderedDict[str, tuple[float, Identity]] = OrderedDict()

    async def of_headers(self, headers: Headers) -> Identity:
        """Who made a request; ANONYMOUS where it does not say.

        Raises Unauthenticated for a secret that is none: not to be taken for somebody without.
        """
        if not self._required:
            return LOCAL
        secret = bearer(headers)
        return ANONYMOUS if secret is None else await self.of_secret(secret)

    async def of_init(self, opened_by: Identity, payload: Mapping[str, Any]) -> Identity:
        """Who uses a socket: `{"token": "…"}` counts before what the opening's headers said.

        Raises Unauthenticated, also for somebody who does not say who they are.
        """
        if not self._required:
            return LOCAL
        told = payload.get("token")
        if isinstance(told, str):
            return await self.of_secret(told.removeprefix("Bearer ").strip())
        if opened_by is ANONYMOUS:
            raise Unauthenticated("token: expected one in connection_init, got none")
        return opened_by

    async def of_secret(self, secret: str) -> Identity:
        """Who shows this secret. Raises Unauthenticated."""
        if len(secret) > MAX_SECRET:
            raise _unknown()
        key = hash_secret(secret)
        identity = self._remembered(key) or await self._look_up(secret)
        if identity is None or identity.is_over(self._service.clock()):
            raise _unknown()
        self._remember(key, identity)
        return identity

    async def _look_up(self, secret: str) -> Identity | None:
        return await identity_of_token(self._service, secret) if secret.startswith(PREFIX) else None

    def _remembered(self, key: str) -> Identity | None:
        until, identity = self._known.get(key, (0.0, None))
        return identity if until > time.monotonic() else None

    def _remember(self, key: str, identity: Identity) -> None:
        if self._remembered(key) is None:
            self._known[key] = time.monotonic() + KNOWN_SECONDS, identity
            self._known.move_to_end(key)
            if len(self._known) > MAX_KNOWN:
                self._known.popitem(last=False)


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


def _unknown() -> Unauthenticated:
    # Which of these it is is told to nobody who might be guessing.
    return Unauthenticated("the token is unknown, expired or revoked")
