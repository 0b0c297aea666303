"""What a secret is called: keys and labels whose values are redacted, whatever they are."""

from __future__ import annotations

from collections.abc import Iterable

#: Whole names, so `tokens_sent` and `password_policy` are none of them; one with something before
#: it, such as DB_PASSWORD, is for REDACT_KEYS to tell. Left out since they mostly name what is no
#: secret: `auth` (a method), `key`, `pwd` (a folder), `session`, `access_key_id`.
SECRET_KEYS = (
    *("password", "passwd", "passphrase", "passcode", "secret", "secrets"),
    *("credential", "credentials"),
    *("token", "access_token", "refresh_token", "id_token", "auth_token", "api_token"),
    *("bearer_token", "session_token", "security_token", "oauth_token"),
    *("client_secret", "api_secret", "app_secret", "consumer_secret", "webhook_secret"),
    *("api_key", "x_api_key", "access_key", "secret_key", "private_key", "signing_key"),
    *("encryption_key", "account_key", "secret_access_key", "aws_secret_access_key"),
    *("authorization", "proxy_authorization", "x_auth_token", "cookie", "set_cookie"),
)


def folded(name: str) -> str:
    """A name as it is compared: whatever the case, `-` and `_` (`apiKey` is `API-KEY`)."""
    return name.casefold().replace("-", "").replace("_", "")


def secret_keys(changes: Iterable[str] = ()) -> frozenset[str]:
    """The folded names; `changes` add some, and take out those with a `-` before them."""
    keys = set(map(folded, SECRET_KEYS))
    for change in changes:
        if change.startswith("-"):
            keys.discard(folded(change))
        else:
            keys.add(folded(change))
    return frozenset(keys)
