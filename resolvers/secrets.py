"""Secrets that are handed out once and kept as hashes: of share links, tokens and sessions."""

from __future__ import annotations

import hashlib
import secrets

#: 256 bits, in 43 URL-safe characters: out of reach of guessing, so that one round of SHA-256 is
#: enough and nobody waits for a slow hash.
SECRET_BYTES = 32


def new_secret() -> str:
    """A fresh URL-safe secret of SECRET_BYTES."""
    return secrets.token_urlsafe(SECRET_BYTES)


def hash_secret(secret: str) -> str:
    """SHA-256 in hex. Looking a hash up takes no time that would tell how much of it was right."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
