"""An issuer's keys: found, kept, rotated, and asked for no more often than may be."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from structlog.testing import capture_logs

from resolvers.errors import Unavailable
from server.oidc import key_set
from server.oidc.key_set import MAX_BYTES, PAUSE_SECONDS, REFRESH_SECONDS, KeySet
from server.oidc.settings import is_safe_address
from tests.support.issuer import DISCOVERY, KEYS, Issuer, Key


class Time:
    """Monotonic seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def keys(issuer: Issuer, time: Time) -> KeySet:
    return KeySet(issuer.url, clock=time)


async def settled(keys: KeySet) -> None:
    """Once what is fetched without anybody waiting is there."""
    assert keys._fetching is not None
    await asyncio.wait({keys._fetching})


async def test_keys_are_found_by_discovery_and_fetched_once(issuer: Issuer, keys: KeySet) -> None:
    found = await asyncio.gather(*(keys.find("first") for _ in range(20)))
    assert {key.key_id for key in found if key} == {"first"}
    assert (issuer.asked(DISCOVERY), issuer.asked()) == (1, 1)


async def test_an_address_that_is_told_needs_no_discovery(issuer: Issuer) -> None:
    keys = KeySet(issuer.url, f"{issuer.url}/{KEYS}")
    assert await keys.find("first") is not None
    assert issuer.asked(DISCOVERY) == 0


async def test_a_new_key_is_found_at_once_and_one_taken_back_is_forgotten(
    issuer: Issuer, keys: KeySet, time: Time
) -> None:
    assert await keys.find("first") is not None
    time.now += PAUSE_SECONDS
    issuer.rotate("second")
    assert await keys.find("second") is not None
    assert await keys.find("first") is None


async def test_a_key_taken_back_counts_no_longer_than_the_refresh(
    issuer: Issuer, keys: KeySet, time: Time
) -> None:
    assert await keys.find("first") is not None
    issuer.rotate("second")
    time.now += REFRESH_SECONDS + 1
    # Nobody waits for the refresh: this one is still let in.
    assert await keys.find("first") is not None
    await settled(keys)
    assert await keys.find("first") is None


async def test_a_flood_of_unknown_keys_is_none_for_the_issuer(
    issuer: Issuer, keys: KeySet, time: Time
) -> None:
    assert await keys.find("first") is not None
    for number in range(200):
        assert await keys.find(f"unknown {number}") is None
    assert issuer.asked() == 1
    time.now += PAUSE_SECONDS
    assert await asyncio.gather(*(keys.find(f"unknown {n}") for n in range(200))) == [None] * 200
    assert issuer.asked() == 2


async def test_an_issuer_that_is_away_at_the_start_is_asked_again(
    issuer: Issuer, keys: KeySet, time: Time
) -> None:
    issuer.stop()
    for _ in range(2):
        with pytest.raises(Unavailable, match="the identity provider does not answer"):
            await keys.find("first")
    issuer.start()
    time.now += PAUSE_SECONDS
    assert await keys.find("first") is not None


async def test_known_keys_stay_while_the_issuer_is_away(
    issuer: Issuer, keys: KeySet, time: Time
) -> None:
    assert await keys.find("first") is not None
    issuer.stop()
    for _ in range(3):
        time.now += REFRESH_SECONDS + 1
        assert await keys.find("first") is not None
        await settled(keys)
    # Whether this is a new key or none cannot be told.
    with pytest.raises(Unavailable):
        await keys.find("second")
    issuer.start()
    time.now += PAUSE_SECONDS
    assert await keys.find("second") is None


async def test_an_issuer_that_stands_still_is_waited_for_only_so_long(
    issuer: Issuer, keys: KeySet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_set, "FETCH_SECONDS", 0.2)
    issuer.freeze()
    try:
        with pytest.raises(Unavailable):
            await keys.find("first")
    finally:
        issuer.thaw()


async def test_who_stops_waiting_stops_nobody_elses_wait(issuer: Issuer, keys: KeySet) -> None:
    impatient = asyncio.create_task(keys.find("first"))
    patient = asyncio.create_task(keys.find("first"))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient is not None


BAD_DOCUMENTS: dict[str, tuple[str, Any]] = {
    "huge": (KEYS, {"keys": [Key("second").jwk], "more": "x" * MAX_BYTES}),
    "no JSON": (KEYS, "<html>"),
    "nested": (KEYS, "[" * 100_000),
    "no object": (KEYS, []),
    "no keys": (KEYS, {"keys": []}),
    "keys that are none": (KEYS, {"keys": [1, "x", None, {}, {"kty": "EC", "crv": 1}]}),
    "keys of no set": (KEYS, {"keys": {"kty": "EC"}}),
    "a shared secret": (KEYS, {"keys": [{"kty": "oct", "kid": "first", "k": "c2VjcmV0"}]}),
    "a key for encryption": (KEYS, {"keys": [Key("first", use="enc").jwk]}),
    "another issuer's": (DISCOVERY, {"issuer": "https://x", "jwks_uri": "https://x/keys"}),
    "no address of keys": (DISCOVERY, {"issuer": "{url}"}),
}


@pytest.mark.parametrize(("path", "document"), BAD_DOCUMENTS.values(), ids=BAD_DOCUMENTS)
async def test_a_document_that_cannot_be_is_like_an_issuer_that_is_away(
    issuer: Issuer, keys: KeySet, time: Time, path: str, document: Any
) -> None:
    assert await keys.find("first") is not None
    if isinstance(document, dict) and document.get("issuer") == "{url}":
        document = {**document, "issuer": issuer.url}
    issuer.write(path, document)
    time.now += PAUSE_SECONDS
    with pytest.raises(Unavailable):
        await keys.find("second")
    assert await keys.find("first") is not None


@pytest.mark.parametrize(
    ("url", "is_safe"),
    [
        ("https://login.example.com/keys", True),
        ("http://127.0.0.1:9/keys", True),
        ("http://login.example.com/keys", False),
        ("http://127.0.0.1.example.com/keys", False),
        ("file:///etc/passwd", False),
        ("https://", False),
        ("//login.example.com", False),
    ],
)
async def test_keys_are_fetched_only_where_nobody_on_the_way_can_change_them(
    issuer: Issuer, url: str, is_safe: bool
) -> None:
    assert is_safe_address(url) == is_safe
    if not is_safe:
        issuer.write(DISCOVERY, {"issuer": issuer.url, "jwks_uri": url})
        with capture_logs() as logs, pytest.raises(Unavailable):
            await KeySet(issuer.url).find("first")
        assert "jwks_uri: expected an https address" in logs[0]["error"]


async def test_keys_of_no_use_are_passed_over(issuer: Issuer, keys: KeySet) -> None:
    unnamed = Key("x", kid=None)
    entries = [{"kty": "oct", "kid": "a", "k": "c2VjcmV0"}, {"kty": "new", "kid": "b"}]
    issuer.write(KEYS, {"keys": [*entries, unnamed.jwk, Key("c").jwk]})
    assert [bool(await keys.find(kid)) for kid in ("a", "b", "c", None)] == [
        *(False, False, True, True)
    ]


async def test_of_several_keys_none_is_taken_for_a_token_that_names_none(
    issuer: Issuer, keys: KeySet
) -> None:
    issuer.publish(Key("a"), Key("b"))
    assert await keys.find(None) is None
