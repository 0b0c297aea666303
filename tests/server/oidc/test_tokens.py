"""JWTs of a real issuer: which are taken, and which are not."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from resolvers.viewer import Role
from server.oidc.settings import OidcSettings
from server.oidc.tokens import SKEW, OidcTokens
from tests.support.issuer import Issuer, Key

SKEW_SECONDS = int(SKEW.total_seconds())
#: Seconds that a test may take between signing and showing.
MARGIN = 30


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuer]:
    with Issuer(tmp_path_factory.mktemp("issuer")) as running:
        yield running


@pytest.fixture
def issuer(running: Issuer) -> Issuer:
    """The module's, with a key of the test's own."""
    running.rotate("first")
    return running


@pytest.fixture
def tokens(settings: OidcSettings) -> OidcTokens:
    return OidcTokens(settings)


def encoded(part: Any) -> str:
    data = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


async def test_who_shows_a_good_token_is_known_until_it_expires(
    issuer: Issuer, tokens: OidcTokens
) -> None:
    identity = await tokens.identity_of(issuer.token(exp=4_000_000_000))
    assert identity is not None
    viewer = identity.viewer
    assert (viewer.name, viewer.role) == ("Ada Lovelace", Role.VIEWER)
    assert (viewer.principal, viewer.via) == ("oidc:4711", "oidc")
    assert identity.expires_at is not None
    assert identity.expires_at.timestamp() == 4_000_000_000 + SKEW_SECONDS


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
async def test_signatures_of_each_family_are_taken(
    issuer: Issuer, tokens: OidcTokens, algorithm: str
) -> None:
    issuer.rotate("another", algorithm)
    assert await tokens.identity_of(issuer.token()) is not None


GOOD: dict[str, dict[str, Any]] = {
    "one audience of several": {"aud": ["others", "agent-runs"]},
    "an access token": {"header": {"typ": "at+jwt"}},
    "an access token by its whole type": {"header": {"typ": "application/at+jwt"}},
    "no type": {"header": {"typ": None}},
    "expired within the skew": {"exp": -SKEW_SECONDS + MARGIN},
    "issued ahead within the skew": {"iat": SKEW_SECONDS - MARGIN},
    "not before, within the skew": {"nbf": SKEW_SECONDS - MARGIN},
    "no kid, where there is one key": {"header": {"kid": None}},
}
BAD: dict[str, dict[str, Any]] = {
    "of another audience": {"aud": "others"},
    "of no audience": {"aud": None},
    "of another issuer": {"iss": "https://login.example.com"},
    "of an issuer whose address begins alike": {"iss": ""},
    "of no issuer": {"iss": None},
    "expired": {"exp": -SKEW_SECONDS - 1},
    "that never expires": {"exp": None},
    "not valid yet": {"nbf": SKEW_SECONDS + MARGIN},
    "issued in the future": {"iat": SKEW_SECONDS + MARGIN},
    "issued at no time": {"iat": None},
    "of nobody": {"sub": None},
    "for a logout": {"header": {"typ": "logout+jwt"}},
    "that expires at no time": {"exp": [1]},
    "that expires beyond all time": {"exp": 10**30},
    "with a header that has to be understood": {"header": {"crit": ["x"], "x": 1}},
}


def dated(issuer: Issuer, told: dict[str, Any]) -> str:
    """A token, whose small numbers are seconds from now."""
    now = int(time.time())
    times = {
        name: now + value
        for name, value in told.items()
        if isinstance(value, int) and abs(value) < 10**6
    }
    return issuer.token(**(told | times))


@pytest.mark.parametrize("told", GOOD.values(), ids=GOOD)
async def test_a_good_token_is_taken(
    issuer: Issuer, tokens: OidcTokens, told: dict[str, Any]
) -> None:
    assert await tokens.identity_of(dated(issuer, told)) is not None


@pytest.mark.parametrize("told", BAD.values(), ids=BAD)
async def test_a_bad_token_is_nobodys(
    issuer: Issuer, tokens: OidcTokens, told: dict[str, Any]
) -> None:
    assert await tokens.identity_of(issuer.token()) is not None
    assert await tokens.identity_of(dated(issuer, told)) is None


async def test_a_token_without_a_signature_is_nobodys(issuer: Issuer, tokens: OidcTokens) -> None:
    for algorithm in ("none", "None", "NONE", "", None):
        head = {"alg": algorithm, "typ": "JWT", "kid": issuer.key.key_id}
        token = f"{encoded(head)}.{encoded(issuer.claims(roles=['admin']))}."
        assert await tokens.identity_of(token) is None


async def test_a_public_key_is_no_secret_to_sign_with(issuer: Issuer, tokens: OidcTokens) -> None:
    issuer.rotate("rsa", "RS256")
    public = issuer.key.private.public_key()
    assert await tokens.identity_of(issuer.token()) is not None
    for form in (PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1):
        secret = public.public_bytes(Encoding.PEM, form)
        head = {"alg": "HS256", "typ": "JWT", "kid": "rsa"}
        signed = f"{encoded(head)}.{encoded(issuer.claims(roles=['admin']))}"
        mac = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
        assert await tokens.identity_of(f"{signed}.{encoded(mac)}") is None


async def test_a_key_signs_by_its_own_algorithm_only(issuer: Issuer, tokens: OidcTokens) -> None:
    issuer.rotate("rsa", "RS256")
    issuer.key.algorithm = "PS256"
    assert await tokens.identity_of(issuer.token()) is None


async def test_another_key_of_the_same_name_opens_nothing(
    issuer: Issuer, tokens: OidcTokens
) -> None:
    forged = Key(issuer.key.key_id)
    assert await tokens.identity_of(issuer.token(key=forged, roles=["admin"])) is None


async def test_a_token_that_was_changed_is_nobodys(issuer: Issuer, tokens: OidcTokens) -> None:
    head, _, signature = issuer.token().split(".")
    changed = encoded(issuer.claims(roles=["admin"]))
    assert await tokens.identity_of(f"{head}.{changed}.{signature}") is None


@pytest.mark.parametrize("bits", [1_024])
async def test_a_short_key_is_not_relied_on(issuer: Issuer, tokens: OidcTokens, bits: int) -> None:
    short = Key("short", "RS256", bits=bits)
    issuer.publish(short)
    with pytest.warns():  # so says PyJWT also where it signs
        token = issuer.token(key=short)
    assert await tokens.identity_of(token) is None


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a.b.c",
        "é.ü.ß",
        "\ud800.a.b",
        f"{encoded(b'[' * 9_000)}.e30.",
        f"{encoded([])}.e30.",
        f"{encoded({'alg': ['ES256']})}.e30.",
        f"{encoded({'alg': 'ES256', 'kid': 1})}.e30.",
        f"{encoded({'alg': 'ES256', 'kid': 'first', 'typ': []})}.e30.",
    ],
    ids=lambda text: ascii(text[:20]),
)
async def test_what_is_no_token_at_all_is_nobodys(tokens: OidcTokens, token: str) -> None:
    assert await tokens.identity_of(token) is None
