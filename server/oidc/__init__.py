"""Logins by OpenID Connect: JWTs of one configured issuer, shown as bearer tokens."""
