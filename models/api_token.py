"""Tokens for programs and people, and logins of browsers."""

from __future__ import annotations

from tortoise import Model, fields

from models.fields import InstantField


class ApiToken(Model):
    """Lets whoever holds its secret, of which only the hash is stored, do what its role may."""

    id = fields.UUIDField(primary_key=True)
    #: Tokens of one name are one principal: one that is to replace another gets its name.
    name = fields.TextField()
    #: The beginning of the secret, to find the token by.
    prefix = fields.TextField()
    #: SHA-256 of the secret in hex; unique. The secret is random, so it needs no salt.
    secret_hash = fields.CharField(max_length=64)
    #: A value of `resolvers.viewer.Role`.
    role = fields.TextField()
    #: JSON arrays of names; None: any.
    agents = fields.TextField(null=True)
    clusters = fields.TextField(null=True)
    created_by = fields.TextField()
    created_at = InstantField()
    #: None: never.
    expires_at = InstantField(null=True)
    revoked_at = InstantField(null=True)
    #: To the minute.
    last_used_at = InstantField(null=True)

    class Meta:
        table = "api_token"


class BrowserLogin(Model):
    """A browser that showed a token once and has a cookie since; no longer than the token holds."""

    id = fields.UUIDField(primary_key=True)
    #: SHA-256 of the cookie's secret in hex; unique.
    secret_hash = fields.CharField(max_length=64)
    #: The token that was shown; None where the identity provider's was.
    token_id = fields.UUIDField(null=True)
    #: Who it is, as JSON: what an identity provider said at the time.
    viewer = fields.TextField()
    created_at = InstantField()
    expires_at = InstantField()

    class Meta:
        table = "browser_login"
