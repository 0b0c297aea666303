"""JWTs of the issuer (RFC 7519): checked, and turned into who shows them.

By RFC 8725 (best practices) and RFC 9068 (JWTs as access tokens); ID tokens are taken as well where
OIDC_AUDIENCE names their client.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from jwt import PyJWT, get_unverified_header
from jwt.exceptions import InvalidAlgorithmError, InvalidKeyError, InvalidTokenError, PyJWTError

from resolvers.identity import Identity
from server.oidc.claims import viewer_of
from server.oidc.key_set import ALGORITHMS, KeySet
from server.oidc.settings import OidcSettings

log = structlog.get_logger(__name__)

#: By how much the issuer's clock and ours may differ: more than machines that keep time ever do,
#: and less than anybody would notice of a token's life (RFC 7519, section 4.1.4).
SKEW = timedelta(seconds=60)
#: `typ` of access and ID tokens; an issuer signs others too, as for logouts, with the same keys
#: (RFC 8725, section 3.11).
_TYPES = ("jwt", "at+jwt", "application/at+jwt")

_VERIFIER = PyJWT(
    {"require": ["iss", "aud", "sub", "exp", "iat"], "enforce_minimum_key_length": True}
)
#: What is raised for tokens that are none: numbers and types that PyJWT does not expect among them.
_BAD = (PyJWTError, ValueError, TypeError, OverflowError)


class OidcTokens:
    """Finds out who shows a JWT."""

    def __init__(self, settings: OidcSettings, keys: KeySet | None = None) -> None:
        self._settings = settings
        self._keys = keys or KeySet(settings.issuer, settings.jwks_url)

    async def identity_of(self, token: str) -> Identity | None:
        """Who shows this token; None where it is not the issuer's, not for us, or not of now.

        Raises Forbidden for somebody who has no role here, Unavailable while the issuer is away
        and its keys are not known.
        """
        try:
            claims = await self._claims(token)
            expires_at = datetime.fromtimestamp(int(claims["exp"]), UTC) + SKEW
        except _BAD as error:
            # By its name alone: sentences may repeat what came.
            log.info("JWT refused", reason=type(error).__name__)
            return None
        return Identity(viewer_of(claims, self._settings), expires_at)

    async def _claims(self, token: str) -> dict[str, Any]:
        """What a good token says. Raises one of _BAD."""
        header = get_unverified_header(token)
        # Before its key is looked for: what cannot be good shall cost the issuer nothing.
        if header.get("alg") not in ALGORITHMS:
            raise InvalidAlgorithmError
        if str(header.get("typ", "jwt")).lower() not in _TYPES:
            raise InvalidTokenError
        key = await self._keys.find(header.get("kid"))
        if key is None:
            raise InvalidKeyError
        return _VERIFIER.decode(
            token,
            key,
            algorithms=[key.algorithm_name],
            audience=self._settings.audience,
            issuer=self._settings.issuer,
            leeway=SKEW,
        )
