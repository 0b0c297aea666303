"""Who somebody is here, by the claims of a token whose signature was checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.visibility import EVERYTHING, Scope
from resolvers.errors import Forbidden, counted
from resolvers.text import MAX_NAME, unstorable
from resolvers.tokens import MAX_NAMES
from resolvers.viewer import Role, Viewer
from server.oidc.settings import OidcSettings

Claims = Mapping[str, Any]

#: Characters of `sub` (OpenID Connect Core 1.0, section 2).
MAX_SUBJECT = 255
#: In a claim of names: all there are.
ANY_NAME = "*"

#: Of several roles the first of these holds. A viewer's rights are among all others'.
_PRECEDENCE = (Role.ADMIN, Role.OPERATOR, Role.REPORTER, Role.VIEWER)


def viewer_of(claims: Claims, settings: OidcSettings) -> Viewer:
    """Who somebody is. Raises Forbidden for a token that gives them no role, or cannot be used."""
    subject = _subject(claims)
    role = _role(claims, settings)
    return Viewer(
        name=_name(claims, settings) or subject,
        role=role,
        principal=f"oidc:{subject}",
        # An admin's work is not bound to some runs; API tokens are the same.
        scope=EVERYTHING if role is Role.ADMIN else _scope(claims, settings),
        via="oidc",
    )


def claim_at(claims: Any, path: str) -> Any:
    """What stands at `realm_access.roles`; None where nothing does.

    A claim's own name may have dots in it, as `https://example.com/roles` has.
    """
    if not isinstance(claims, Mapping):
        return None
    if path in claims:
        return claims[path]
    head, _, rest = path.partition(".")
    return claim_at(claims.get(head), rest) if rest else None


def _subject(claims: Claims) -> str:
    subject = claims["sub"]
    if not (1 <= len(subject) <= MAX_SUBJECT and subject.isascii() and subject.isprintable()):
        raise Forbidden(f"sub: expected 1 to {MAX_SUBJECT} printable ASCII characters, got others")
    return str(subject)


def _name(claims: Claims, settings: OidcSettings) -> str:
    name = claim_at(claims, settings.name_claim)
    fits = isinstance(name, str) and name.isprintable() and unstorable(name) is None
    return name.strip()[:MAX_NAME] if fits else ""


def _role(claims: Claims, settings: OidcSettings) -> Role:
    told = _words(claims, settings.roles_claim)
    known = settings.role_of
    roles = {known[word] for word in told if word in known}
    for role in _PRECEDENCE:
        if role in roles:
            return role
    raise Forbidden(
        f"{settings.roles_claim}: expected a role that this service knows, "
        f"got {counted(len(told), 'others')}; OIDC_ROLES says which there are"
    )


def _scope(claims: Claims, settings: OidcSettings) -> Scope:
    return Scope(_names(claims, settings.agents_claim), _names(claims, settings.clusters_claim))


def _names(claims: Claims, path: str) -> frozenset[str] | None:
    """The names that somebody is kept to; None for any. Who is told none may see none."""
    names = frozenset(_words(claims, path)) if path else frozenset({ANY_NAME})
    if ANY_NAME in names:
        return None
    if len(names) > MAX_NAMES:
        raise Forbidden(f"{path}: expected at most {MAX_NAMES} names, got {len(names)}")
    return frozenset(name for name in names if unstorable(name) is None)


def _words(claims: Claims, path: str) -> list[str]:
    """The strings of a list, or the words of one string, as in `scope` (RFC 8693, section 4.2)."""
    told = claim_at(claims, path)
    if isinstance(told, str):
        return told.split()
    return [word for word in told if isinstance(word, str)] if isinstance(told, list) else []
