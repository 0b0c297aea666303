"""What the claims of a token make of who shows it."""

from __future__ import annotations

from typing import Any

import pytest

from models.visibility import EVERYTHING, Scope
from resolvers.errors import Forbidden
from resolvers.viewer import Role
from server.oidc.claims import claim_at, viewer_of
from server.oidc.settings import OidcSettings

SUBJECT = {"sub": "4711"}
KEYCLOAK = OidcSettings(
    roles_claim="realm_access.roles",
    roles="runs-admins=admin, sre = operator,ci=reporter,everybody=viewer",
)


def keycloak(*roles: str) -> dict[str, Any]:
    return {**SUBJECT, "realm_access": {"roles": list(roles)}}


@pytest.mark.parametrize(
    ("claims", "settings", "role"),
    [
        ({"roles": ["viewer"]}, OidcSettings(), Role.VIEWER),
        ({"roles": "reporter"}, OidcSettings(), Role.REPORTER),
        ({"scope": "openid operator"}, OidcSettings(roles_claim="scope"), Role.OPERATOR),
        (keycloak("offline_access", "sre"), KEYCLOAK, Role.OPERATOR),
        (keycloak("everybody", "ci"), KEYCLOAK, Role.REPORTER),
        (keycloak("everybody", "ci", "sre", "runs-admins"), KEYCLOAK, Role.ADMIN),
        (
            {"https://example.com/roles": ["viewer"]},
            OidcSettings(roles_claim="https://example.com/roles"),
            Role.VIEWER,
        ),
    ],
)
def test_the_role_stands_in_a_claim(
    claims: dict[str, Any], settings: OidcSettings, role: Role
) -> None:
    assert viewer_of(SUBJECT | claims, settings).role is role


@pytest.mark.parametrize(
    ("claims", "settings"),
    [
        ({}, OidcSettings()),
        ({"roles": []}, OidcSettings()),
        ({"roles": None}, OidcSettings()),
        ({"roles": {"admin": True}}, OidcSettings()),
        ({"roles": [["admin"], 1, None]}, OidcSettings()),
        ({"roles": ["Admin", "superuser"]}, OidcSettings()),
        (keycloak("admin"), KEYCLOAK),
        ({"realm_access": ["sre"]}, KEYCLOAK),
        ({"realm_access": None}, KEYCLOAK),
    ],
)
def test_who_has_no_role_here_is_told_where_it_is_looked_for(
    claims: dict[str, Any], settings: OidcSettings
) -> None:
    with pytest.raises(Forbidden) as refused:
        viewer_of(SUBJECT | claims, settings)
    told = refused.value.message
    assert told.startswith(f"{settings.roles_claim}: expected a role that this service knows, got ")
    assert "superuser" not in told


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"name": "Ada"}, "Ada"),
        ({}, "4711"),
        ({"name": ""}, "4711"),
        ({"name": ["Ada"]}, "4711"),
        ({"name": "A\nda"}, "4711"),
        ({"name": "A\0da"}, "4711"),
        ({"name": "\ud800"}, "4711"),
        ({"name": "x" * 1_000}, "x" * 200),
    ],
)
def test_people_are_called_by_their_name_or_else_by_their_subject(
    claims: dict[str, Any], name: str
) -> None:
    viewer = viewer_of({**SUBJECT, "roles": ["viewer"], **claims}, OidcSettings())
    assert (viewer.name, viewer.principal) == (name, "oidc:4711")


@pytest.mark.parametrize("subject", ["", "x" * 256, "a\nb", "é", "a\0"])
def test_a_subject_that_cannot_be_is_refused(subject: str) -> None:
    with pytest.raises(Forbidden, match="sub: expected 1 to 255 printable ASCII characters"):
        viewer_of({"sub": subject, "roles": ["admin"]}, OidcSettings())


SCOPED = OidcSettings(agents_claim="agents", clusters_claim="runs.clusters")
NOTHING: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    ("claims", "scope"),
    [
        (
            {"agents": ["a", "b"], "runs": {"clusters": "eu-1"}},
            Scope(frozenset({"a", "b"}), frozenset({"eu-1"})),
        ),
        ({"agents": ["*"], "runs": {"clusters": ["*", "eu-1"]}}, EVERYTHING),
        ({"agents": "*"}, Scope(None, NOTHING)),
        ({}, Scope(NOTHING, NOTHING)),
        ({"agents": [1, None, "a\0"], "runs": []}, Scope(NOTHING, NOTHING)),
    ],
)
def test_the_scope_stands_in_claims_and_who_has_none_sees_nothing(
    claims: dict[str, Any], scope: Scope
) -> None:
    assert viewer_of({**SUBJECT, "roles": ["viewer"], **claims}, SCOPED).scope == scope


def test_an_admin_has_no_scope_and_without_such_claims_nobody_has() -> None:
    assert viewer_of({**SUBJECT, "roles": ["admin"], "agents": ["a"]}, SCOPED).scope == EVERYTHING
    told = {**SUBJECT, "roles": ["viewer"], "agents": ["a"]}
    assert viewer_of(told, OidcSettings()).scope == EVERYTHING


def test_a_scope_of_too_many_names_is_refused() -> None:
    agents = [str(number) for number in range(101)]
    with pytest.raises(Forbidden, match="agents: expected at most 100 names, got 101"):
        viewer_of({**SUBJECT, "roles": ["viewer"], "agents": agents}, SCOPED)


def test_a_path_leads_through_objects_and_names_may_have_dots() -> None:
    claims = {"a.b": 1, "a": {"b": 2, "c.d": 3, "e": {"f": 4}}}
    assert [claim_at(claims, path) for path in ("a.b", "a.c.d", "a.e.f")] == [1, 3, 4]
    assert [claim_at(claims, path) for path in ("", "x", "a.x", "a.b.c", "a.e.f.g")] == [None] * 5
