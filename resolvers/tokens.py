"""API tokens: made, listed, revoked, and found by their secret."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tortoise.expressions import Q

from models.api_token import ApiToken
from models.audit_entry import AuditAction
from models.ids import Kind
from models.transactions import is_passing, transact
from models.visibility import Scope
from resolvers.audit import record
from resolvers.errors import Phrase, invalid
from resolvers.identity import Identity
from resolvers.reporter import not_found, parse_key
from resolvers.secrets import hash_secret
from resolvers.service import Service
from resolvers.text import checked_name
from resolvers.viewer import Role, Viewer

#: What every token begins with, so that scanners of sources and logs know one.
PREFIX = "ar_"
#: Characters of the secret that are kept, to find a token by: too few to guess the rest from.
SHOWN = len(PREFIX) + 6
#: The last use of a token is recorded at most this often: reading stays cheap.
USE_RESOLUTION = timedelta(minutes=1)
#: Names in a scope: what fits a command line.
MAX_NAMES = 100


@dataclass(frozen=True, slots=True)
class MadeToken:
    token: ApiToken
    #: Shown this once; only its hash is kept.
    secret: str


async def create_token(
    service: Service,
    viewer: Viewer,
    name: str,
    role: Role,
    scope: Scope,
    lifetime: timedelta | None,
) -> MadeToken:
    """Make a token. `lifetime` None: it never expires. Raises Refused: INVALID."""
    checked_name(name, "name")
    _check_scope(role, scope)
    if lifetime is not None and lifetime <= timedelta():
        raise invalid(("expires",), "a time to come", f"{lifetime.total_seconds():g} s")
    now = service.clock()
    secret = PREFIX + service.new_secret()
    call = service.new_id()
    token = ApiToken(
        id=service.new_id(),
        name=name,
        prefix=secret[:SHOWN],
        secret_hash=hash_secret(secret),
        role=role,
        agents=_encoded(scope.agents),
        clusters=_encoded(scope.clusters),
        created_by=viewer.name,
        created_at=now,
        expires_at=None if lifetime is None else now + lifetime,
    )

    async def body() -> None:
        # Where the commit's answer was lost the row is there already.
        await ApiToken.bulk_create([token], ignore_conflicts=True)
        await record(service, viewer, AuditAction.CREATE_TOKEN, [token.id], call=call)

    await transact(body)
    return MadeToken(token, secret)


def _check_scope(role: Role, scope: Scope) -> None:
    if role is Role.ADMIN and not scope.is_everything:
        raise invalid(
            ("role",), "another than admin where it is of some agents or clusters", Phrase(role)
        )
    for field, names in (("agents", scope.agents), ("clusters", scope.clusters)):
        for name in names or ():
            checked_name(name, field)
        if names is not None and not 1 <= len(names) <= MAX_NAMES:
            raise invalid((field,), f"1 to {MAX_NAMES} names", len(names))


async def list_tokens() -> list[ApiToken]:
    """All there are, the newest first; revoked and expired ones too."""
    return await ApiToken.all().order_by("-created_at", "-id")


async def has_usable_token(service: Service) -> bool:
    """Whether there is one that is neither revoked nor expired."""
    holding = Q(expires_at__isnull=True) | Q(expires_at__gt=service.clock())
    return await ApiToken.filter(holding, revoked_at__isnull=True).exists()


async def revoke_token(service: Service, viewer: Viewer, token_id: str) -> ApiToken:
    """Make a token worthless. Revoked twice, the first time stays. Raises Refused."""
    key = parse_key(Kind.TOKEN, token_id, "id")
    call = service.new_id()

    async def body() -> ApiToken:
        token = await ApiToken.filter(id=key).select_for_update().first()
        if token is None:
            raise not_found(Kind.TOKEN, key, "id")
        if token.revoked_at is None:
            token.revoked_at = service.clock()
            await ApiToken.filter(id=key).update(revoked_at=token.revoked_at)
            await record(service, viewer, AuditAction.REVOKE_TOKEN, [key], call=call)
        return token

    return await transact(body)


async def identity_of_token(service: Service, secret: str) -> Identity | None:
    """Who shows this secret; None where it is unknown, expired or revoked, all alike."""
    now = service.clock()
    token = await ApiToken.filter(secret_hash=hash_secret(secret), revoked_at=None).first()
    if token is None:
        return None
    identity = Identity(_viewer_of(token), token.expires_at, token_id=token.id)
    if identity.is_over(now):
        return None
    await _note_use(token, now)
    return identity


def _viewer_of(token: ApiToken) -> Viewer:
    return Viewer(
        name=token.name,
        role=Role(token.role),
        principal=f"token:{token.name}",
        scope=Scope(_decoded(token.agents), _decoded(token.clusters)),
        via=f"token {token.prefix}…",
    )


async def revoked_among(token_ids: Collection[UUID]) -> set[UUID]:
    """Those of the tokens that were revoked."""
    revoked = ApiToken.filter(id__in=list(token_ids), revoked_at__isnull=False)
    return {token.id for token in await revoked.only("id")}


async def _note_use(token: ApiToken, now: datetime) -> None:
    if token.last_used_at is not None and token.last_used_at > now - USE_RESOLUTION:
        return
    try:
        await ApiToken.filter(id=token.id).update(last_used_at=now)
    except Exception as error:
        # Nobody is kept out because the database cannot be written at the moment.
        if not is_passing(error):
            raise


def _encoded(names: frozenset[str] | None) -> str | None:
    return None if names is None else json.dumps(sorted(names))


def _decoded(names: str | None) -> frozenset[str] | None:
    return None if names is None else frozenset(json.loads(names))
