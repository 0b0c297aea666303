"""Settings of OIDC that cannot be are refused with a sentence that names them."""

from __future__ import annotations

from typing import Any

import pytest

from resolvers.viewer import Role
from server.oidc.settings import OidcSettings
from server.settings import BadSetting, Settings, check_settings

GOOD = {"issuer": "https://login.example.com/realms/main", "audience": "agent-runs"}


def test_an_issuer_turns_the_login_on_at_any_address() -> None:
    settings = check_settings(Settings(host="0.0.0.0", oidc=OidcSettings(**GOOD)))
    assert settings.requires_login
    assert not Settings().requires_login


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"audience": ""}, "OIDC_AUDIENCE: expected"),
        ({"roles_claim": ""}, "OIDC_ROLES_CLAIM: expected a claim"),
        ({"issuer": ""}, "OIDC_ISSUER: expected one beside"),
        ({"issuer": "http://login.example.com"}, "OIDC_ISSUER: expected an https address"),
        ({"issuer": "login.example.com"}, "OIDC_ISSUER: expected an https address"),
        ({"issuer": "https://[x"}, "OIDC_ISSUER: expected an https address"),
        ({"issuer": "https://x/?a=b"}, "OIDC_ISSUER: expected an https address"),
        ({"jwks_url": "http://login.example.com/keys"}, "OIDC_JWKS_URL: expected an https"),
        ({"roles": "sre"}, "OIDC_ROLES: expected pairs such as sre=operator"),
        ({"roles": "sre=root"}, "OIDC_ROLES: expected pairs .* got 'sre=root'"),
        ({"roles": "=admin"}, "OIDC_ROLES: expected pairs"),
    ],
)
def test_what_cannot_be_is_named(told: dict[str, Any], expected: str) -> None:
    with pytest.raises(BadSetting, match=expected):
        check_settings(Settings(oidc=OidcSettings(**(GOOD | told))))


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:9", "http://localhost", "http://[::1]:9"])
def test_an_issuer_on_this_machine_needs_no_tls(issuer: str) -> None:
    check_settings(Settings(oidc=OidcSettings(issuer=issuer, audience="x")))


def test_a_value_of_the_claim_may_hold_an_equals_sign() -> None:
    roles = OidcSettings(roles="cn=sre=operator,ci=REPORTER").role_of
    assert roles == {"cn=sre": Role.OPERATOR, "ci": Role.REPORTER}
