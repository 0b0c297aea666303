"""Which issuer's tokens are taken, and what their claims mean here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from resolvers.viewer import Role
from server.loopback import is_loopback


class BadOidc(ValueError):
    """A setting that cannot be; the sentence names it, what was expected and what came."""


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """OIDC_ISSUER and its like; without an issuer there is no OIDC."""

    #: Compared with `iss` as it stands, and where discovery begins.
    issuer: str = ""
    #: What `aud` has to name: tokens that the issuer made for others are not for us.
    audience: str = ""
    #: Where the roles stand: a claim, or a path into it such as `realm_access.roles`.
    roles_claim: str = "roles"
    #: `claim value=role`, by commas; empty: the values are the roles' own names.
    roles: str = ""
    #: The name for people; whoever has none is called by `sub`.
    name_claim: str = "name"
    #: Where the names of a scope stand; empty: nobody is kept to some agents or clusters.
    agents_claim: str = ""
    clusters_claim: str = ""
    #: Empty: the issuer's discovery document says it.
    jwks_url: str = ""

    @property
    def is_on(self) -> bool:
        return bool(self.issuer)

    @property
    def role_of(self) -> Mapping[str, Role]:
        """Roles by what the claim holds. Raises BadOidc."""
        pairs = [pair.strip() for pair in self.roles.split(",") if pair.strip()]
        if not pairs:
            return {role.lower(): role for role in Role}
        return dict(map(_pair, pairs))

    def check(self) -> None:
        """See that each can be. Raises BadOidc."""
        if not self.is_on:
            if self != OidcSettings():
                raise BadOidc("OIDC_ISSUER: expected one beside the other OIDC settings, got none")
            return
        _check_address("OIDC_ISSUER", self.issuer)
        if self.jwks_url:
            _check_address("OIDC_JWKS_URL", self.jwks_url)
        if not self.audience:
            raise BadOidc("OIDC_AUDIENCE: expected what the issuer's tokens for us name, got none")
        if not self.roles_claim:
            raise BadOidc("OIDC_ROLES_CLAIM: expected a claim, got none")
        _ = self.role_of


def is_safe_address(url: str) -> bool:
    """Whether nobody on the way can change what an address answers: who could makes every login."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    host = parts.hostname or ""
    return bool(host) and (
        parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    )


def _check_address(name: str, url: str) -> None:
    if not is_safe_address(url) or urlsplit(url).query or urlsplit(url).fragment:
        raise BadOidc(
            f"{name}: expected an https address such as https://login.example.com/realms/main "
            f"(http on loopback only), got {url[:100]!r}"
        )


def _pair(text: str) -> tuple[str, Role]:
    value, _, role = text.rpartition("=")
    if not value.strip() or role.strip().upper() not in Role.__members__:
        raise BadOidc(
            "OIDC_ROLES: expected pairs such as sre=operator, with viewer, reporter, operator or "
            f"admin, got {text[:60]!r}"
        )
    return value.strip(), Role[role.strip().upper()]
