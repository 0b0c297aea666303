"""API tokens: made once, kept as hashes, found by their secret, worthless once over."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.api_token import ApiToken
from models.audit_entry import AuditEntry
from models.ids import Kind, global_id
from models.visibility import EVERYTHING, Scope
from resolvers.audit import targets_of
from resolvers.errors import Refused
from resolvers.service import Service
from resolvers.tokens import (
    PREFIX,
    create_token,
    identity_of_token,
    list_tokens,
    revoke_token,
    revoked_among,
)
from resolvers.viewer import LOCAL_VIEWER, Role
from tests.support.clock import Clock

DAY = timedelta(days=1)


async def test_a_token_is_found_by_its_secret_of_which_only_the_hash_is_kept(
    service: Service,
) -> None:
    scope = Scope(frozenset({"backup"}), None)
    made = await create_token(service, LOCAL_VIEWER, "ci", Role.REPORTER, scope, DAY)
    assert made.secret.startswith(PREFIX)
    [row] = await ApiToken.all().values()
    assert made.secret not in str(row)
    assert made.secret.startswith(row["prefix"])
    identity = await identity_of_token(service, made.secret)
    assert identity is not None
    viewer = identity.viewer
    assert (viewer.name, viewer.role, viewer.scope) == ("ci", Role.REPORTER, scope)
    assert viewer.principal == "token:ci"


async def test_unknown_expired_and_revoked_tokens_are_nobodys(
    service: Service, clock: Clock
) -> None:
    assert await identity_of_token(service, f"{PREFIX}unknown") is None
    short = await create_token(service, LOCAL_VIEWER, "a", Role.VIEWER, EVERYTHING, DAY)
    clock.advance(DAY.total_seconds())
    assert await identity_of_token(service, short.secret) is None
    made = await create_token(service, LOCAL_VIEWER, "b", Role.VIEWER, EVERYTHING, None)
    assert await identity_of_token(service, made.secret) is not None
    token_id = global_id(Kind.TOKEN, made.token.id)
    first = await revoke_token(service, LOCAL_VIEWER, token_id)
    assert await identity_of_token(service, made.secret) is None
    assert await revoked_among({made.token.id, short.token.id}) == {made.token.id}
    clock.advance(DAY.total_seconds())
    assert (await revoke_token(service, LOCAL_VIEWER, token_id)).revoked_at == first.revoked_at


async def test_the_last_use_is_recorded_to_the_minute(service: Service, clock: Clock) -> None:
    made = await create_token(service, LOCAL_VIEWER, "ci", Role.VIEWER, EVERYTHING, None)
    began = clock()
    await identity_of_token(service, made.secret)
    clock.advance(30)
    await identity_of_token(service, made.secret)
    [token] = await list_tokens()
    assert token.last_used_at == began
    clock.advance(60)
    await identity_of_token(service, made.secret)
    [token] = await list_tokens()
    assert token.last_used_at == clock()


@pytest.mark.parametrize(
    ("name", "role", "scope", "lifetime", "expected"),
    [
        ("", Role.VIEWER, EVERYTHING, None, "name: expected"),
        ("ci", Role.ADMIN, Scope(None, frozenset({"eu-1"})), None, "role: expected another than"),
        ("ci", Role.VIEWER, Scope(frozenset(), None), None, "agents: expected 1 to 100 names"),
        ("ci", Role.VIEWER, EVERYTHING, timedelta(), "expires: expected a time to come"),
    ],
)
async def test_a_token_that_cannot_be_is_refused(
    service: Service,
    name: str,
    role: Role,
    scope: Scope,
    lifetime: timedelta | None,
    expected: str,
) -> None:
    with pytest.raises(Refused, match=expected):
        await create_token(service, LOCAL_VIEWER, name, role, scope, lifetime)
    assert await ApiToken.all().count() == await AuditEntry.all().count() == 0


async def test_the_audit_has_who_made_and_revoked_a_token(service: Service) -> None:
    made = await create_token(service, LOCAL_VIEWER, "ci", Role.VIEWER, EVERYTHING, None)
    await revoke_token(service, LOCAL_VIEWER, global_id(Kind.TOKEN, made.token.id))
    entries = await AuditEntry.all().order_by("id")
    assert [(entry.action, entry.by, targets_of(entry)) for entry in entries] == [
        ("CREATE_TOKEN", "local", [made.token.id]),
        ("REVOKE_TOKEN", "local", [made.token.id]),
    ]
