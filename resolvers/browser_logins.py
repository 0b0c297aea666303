"""Logins of browsers: made of a token that was shown once, over with it, by time or at logout."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from models.api_token import BrowserLogin
from models.transactions import transact
from models.visibility import Scope
from resolvers.identity import Identity
from resolvers.secrets import hash_secret
from resolvers.service import Service
from resolvers.tokens import revoked_among
from resolvers.viewer import Role, Viewer

#: Logins that one round of the maintenance removes.
ROUND = 1_000


@dataclass(frozen=True, slots=True)
class MadeLogin:
    #: For the cookie; only its hash is kept.
    secret: str
    expires_at: datetime


async def begin_login(service: Service, identity: Identity) -> MadeLogin:
    """Log a browser in as whoever the identity is of, for as long as it holds at most."""
    now = service.clock()
    end = now + service.policy.login_lifetime
    made = MadeLogin(service.new_secret(), min(end, identity.expires_at or end))
    login = BrowserLogin(
        id=service.new_id(),
        secret_hash=hash_secret(made.secret),
        token_id=identity.token_id,
        viewer=json.dumps(_told(identity.viewer)),
        created_at=now,
        expires_at=made.expires_at,
    )

    async def body() -> None:
        # Where the commit's answer was lost the row is there already.
        await BrowserLogin.bulk_create([login], ignore_conflicts=True)

    await transact(body)
    return made


async def identity_of_login(service: Service, secret: str) -> Identity | None:
    """Who shows this secret; None where it is unknown or over, all alike."""
    login = await BrowserLogin.filter(
        secret_hash=hash_secret(secret), expires_at__gt=service.clock()
    ).first()
    if login is None or (login.token_id and await revoked_among({login.token_id})):
        return None
    viewer = _viewer_of(json.loads(login.viewer))
    return Identity(viewer, login.expires_at, token_id=login.token_id, login_id=login.id)


async def end_login(secret: str) -> None:
    """Log a browser out, if it is logged in."""
    login = BrowserLogin.filter(secret_hash=hash_secret(secret))
    await transact(login.delete)


async def ended_among(login_ids: Collection[UUID]) -> set[UUID]:
    """Those of the logins that are not there any more."""
    there = BrowserLogin.filter(id__in=list(login_ids))
    return set(login_ids) - {login.id for login in await there.only("id")}


async def forget_expired_logins(service: Service) -> int:
    """Remove up to ROUND logins that are over; how many."""
    over = BrowserLogin.filter(expires_at__lte=service.clock()).order_by("expires_at").limit(ROUND)
    # Read first: most rounds find none, and need not wait for the lock of a writer.
    ids = [login.id for login in await over.only("id")]
    return await transact(BrowserLogin.filter(id__in=ids).delete) if ids else 0


def _told(viewer: Viewer) -> dict[str, Any]:
    return {
        "name": viewer.name,
        "role": viewer.role,
        "principal": viewer.principal,
        "agents": _listed(viewer.scope.agents),
        "clusters": _listed(viewer.scope.clusters),
        "via": f"browser, {viewer.via}",
    }


def _listed(names: frozenset[str] | None) -> list[str] | None:
    return None if names is None else sorted(names)


def _viewer_of(told: dict[str, Any]) -> Viewer:
    return Viewer(
        name=told["name"],
        role=Role(told["role"]),
        principal=told["principal"],
        scope=Scope(_names(told["agents"]), _names(told["clusters"])),
        via=told["via"],
    )


def _names(listed: list[str] | None) -> frozenset[str] | None:
    return None if listed is None else frozenset(listed)
