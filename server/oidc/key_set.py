"""The keys that an issuer signs with: found by discovery, fetched, kept, and fetched again.

OpenID Connect Discovery 1.0, section 4, and RFC 7517. PyJWT has a client for this that blocks, has
no bounds, and asks the issuer for each token whose key it does not know.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Any

import httpx
import orjson
import structlog
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from resolvers.errors import Unavailable
from server.oidc.settings import is_safe_address

log = structlog.get_logger(__name__)

#: What is taken: signatures that everybody can check and only the issuer can make (RFC 8725,
#: section 3.1). Neither `none` nor HS*, for which a public key would be the secret.
ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA"),
)
#: Seconds after which keys that are known are fetched anew: that long a key counts which the
#: issuer took back.
REFRESH_SECONDS = 300.0
#: Seconds between two fetches, whoever asks: a flood of unknown keys is none for the issuer. A key
#: that was published just now is found that late.
PAUSE_SECONDS = 10.0
#: Seconds that both documents together may take; who shows a token waits for them.
FETCH_SECONDS = 5.0
#: Bytes of each: some hundred keys.
MAX_BYTES = 256 * 1024

DISCOVERY_PATH = "/.well-known/openid-configuration"


class BadAnswer(ValueError):
    """What the issuer answered is not what it should be."""


class KeySet:
    """The keys of one issuer. What was fetched is kept for as long as the issuer is away."""

    def __init__(
        self, issuer: str, jwks_url: str = "", *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._issuer, self._jwks_url, self._clock = issuer, jwks_url, clock
        self._keys: dict[str | None, PyJWK] = {}
        self._fetching: asyncio.Task[None] | None = None
        self._fetched_at = self._asked_at = float("-inf")
        self._is_away = False
        # Made once, at the start: reading the machine's certificates takes long.
        self._tls = httpx.create_ssl_context()

    async def find(self, key_id: str | None) -> PyJWK | None:
        """The key of this `kid`; None where the issuer has none, as far as is known.

        Raises Unavailable where that cannot be told since the issuer does not answer.
        """
        key = self._keys.get(key_id)
        if key is None:
            if (fetching := self._fetch_if_due()) is not None:
                await asyncio.wait({fetching})
            key = self._keys.get(key_id)
        elif self._clock() - self._fetched_at > REFRESH_SECONDS:
            self._fetch_if_due()  # nobody waits for it
        if key is None and self._is_away:
            raise Unavailable("the identity provider does not answer; try again later")
        return key

    def _fetch_if_due(self) -> asyncio.Task[None] | None:
        """The fetch that is under way, or a new one if it may be."""
        if self._fetching is not None and not self._fetching.done():
            return self._fetching
        if self._clock() - self._asked_at < PAUSE_SECONDS:
            return None
        self._asked_at = self._clock()
        self._fetching = asyncio.create_task(self._fetch())
        return self._fetching

    async def _fetch(self) -> None:
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                self._keys = await self._published()
        except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError, BadAnswer) as error:
            self._is_away = True
            log.warning("no keys of the identity provider", issuer=self._issuer, error=repr(error))
        else:
            self._is_away, self._fetched_at = False, self._clock()

    async def _published(self) -> dict[str | None, PyJWK]:
        # What comes is bounded as it comes, so it must not be compressed.
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        async with httpx.AsyncClient(
            verify=self._tls, timeout=FETCH_SECONDS, headers=headers
        ) as http:
            url = self._jwks_url or await self._discovered(http)
            return keys_of(await _document(http, url))

    async def _discovered(self, http: httpx.AsyncClient) -> str:
        told = await _document(http, self._issuer.rstrip("/") + DISCOVERY_PATH)
        # Section 4.3: another issuer's document must not speak for this one.
        if told.get("issuer") != self._issuer:
            raise BadAnswer(
                f"issuer: expected {self._issuer!r}, got {str(told.get('issuer'))[:100]!r}"
            )
        url = told.get("jwks_uri")
        if not isinstance(url, str) or not is_safe_address(url):
            raise BadAnswer(f"jwks_uri: expected an https address, got {str(url)[:100]!r}")
        return url


def keys_of(told: dict[str, Any]) -> dict[str | None, PyJWK]:
    """The keys of a JWK set by their `kid`; a key that stands alone is found without one, too.

    Keys that are of no use here are passed over (RFC 7517, section 5). Raises BadAnswer where none
    is left.
    """
    entries = told.get("keys")
    usable = list(_usable(entries if isinstance(entries, list) else ()))
    if not usable:
        raise BadAnswer("keys: expected keys to check signatures with, got none")
    keys: dict[str | None, PyJWK] = {key.key_id: key for key in usable}
    return keys | {None: usable[0]} if len(usable) == 1 else keys


def _usable(entries: Iterable[Any]) -> Iterable[PyJWK]:
    for entry in entries:
        if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
            continue
        try:
            key = PyJWK(entry)
        except (PyJWTError, ValueError, TypeError, AttributeError):
            continue
        if key.algorithm_name in ALGORITHMS and isinstance(key.key_id, str | None):
            yield key


async def _document(http: httpx.AsyncClient, url: str) -> dict[str, Any]:
    """A JSON object, read no further than MAX_BYTES. Raises BadAnswer, or what httpx does."""
    body = bytearray()
    async with http.stream("GET", url) as response:
        if response.status_code != httpx.codes.OK:
            raise BadAnswer(f"{url}: expected 200, got {response.status_code}")
        async for part in response.aiter_raw():
            body += part
            if len(body) > MAX_BYTES:
                raise BadAnswer(f"{url}: expected at most {MAX_BYTES} bytes, got more")
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadAnswer(f"{url}: expected JSON") from error
    if not isinstance(told, dict):
        raise BadAnswer(f"{url}: expected a JSON object")
    return told
