"""The options of `serve` for logins by an identity provider."""

from __future__ import annotations

from typing import Annotated

import typer


def _option(name: str, text: str) -> typer.models.OptionInfo:
    """An option `--oidc-…` with its environment variable OIDC_…."""
    option: typer.models.OptionInfo = typer.Option(
        f"--oidc-{name}", envvar=f"OIDC_{name.upper().replace('-', '_')}", help=text
    )
    return option


OidcIssuer = Annotated[
    str,
    _option(
        "issuer",
        "Takes JWTs of this OpenID Connect issuer as tokens, such as "
        "https://login.example.com/realms/main, and requires a login: docs/login.md.",
    ),
]
OidcAudience = Annotated[str, _option("audience", "What `aud` of its tokens has to name.")]
OidcRolesClaim = Annotated[
    str, _option("roles-claim", "Where roles stand: a claim, or a path such as realm_access.roles.")
]
OidcRoles = Annotated[
    str,
    _option(
        "roles",
        "Which values of that claim are which role, separated by commas: sre=operator,ci=reporter. "
        "Empty: the roles' own names.",
    ),
]
OidcNameClaim = Annotated[str, _option("name-claim", "Where the name for people stands.")]
OidcAgentsClaim = Annotated[
    str,
    _option(
        "agents-claim",
        "Where the names of agents stand whose runs alone somebody may see; * for all. Empty: all.",
    ),
]
OidcClustersClaim = Annotated[
    str, _option("clusters-claim", "The same for clusters, both narrowing what is seen.")
]
OidcJwksUrl = Annotated[
    str, _option("jwks-url", "Where the issuer's keys are. Empty: its discovery document says so.")
]
