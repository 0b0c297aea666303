"""`agent-runs token`: makes, lists and revokes API tokens, on the database itself.

It needs no token, since there would be none for the first; whoever can write the database may do
everything anyway.
"""

from __future__ import annotations

import asyncio
import getpass
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Annotated, TypeVar

import typer

from live.hub import Hub
from models.api_token import ApiToken
from models.database import database
from models.ids import Kind, global_id
from models.instants import format_instant, utc_now
from models.visibility import Scope
from resolvers.errors import Refused
from resolvers.service import Service
from resolvers.tokens import MadeToken, create_token, list_tokens, revoke_token
from resolvers.viewer import Role, Viewer
from server.cli.endpoint import copilot_session
from server.cli.failing import explained
from server.cli.options import DatabaseUrl
from server.cli.terminal import visible
from server.settings import DEFAULT_DATABASE_URL

T = TypeVar("T")

command = typer.Typer(no_args_is_help=True, help="Make, list and revoke API tokens.")

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LIFETIME = re.compile(r"(\d{1,5})([mhdw])", re.ASCII)
NEVER = "never"

Names = Annotated[
    list[str] | None,
    typer.Option(help="Only the runs of this one; may be given more than once."),
]


@command.command("create")
def create(
    name: Annotated[
        str,
        typer.Option(
            "--name", help="Whose it is. Tokens of one name own the same runs: to replace one."
        ),
    ],
    role: Annotated[Role, typer.Option("--role", case_sensitive=False, help="What it may do.")],
    expires: Annotated[
        str, typer.Option("--expires", help="For how long: 30m, 12h, 90d, 52w, or never.")
    ] = "90d",
    agent: Names = None,
    cluster: Names = None,
    database_url: DatabaseUrl = DEFAULT_DATABASE_URL,
) -> None:
    """Make a token. It is shown this once, alone on stdout; only its hash is kept."""
    scope = Scope(_names(agent), _names(cluster))
    lifetime = _lifetime(expires)

    async def work(service: Service, viewer: Viewer) -> MadeToken:
        return await create_token(service, viewer, name, role, scope, lifetime)

    made = _run(database_url, work)
    typer.echo(f"{_id(made.token)} {_end(made.token)}", err=True)
    typer.echo(made.secret)


@command.command("list")
def list_(database_url: DatabaseUrl = DEFAULT_DATABASE_URL) -> None:
    """List all tokens, the newest first; fields between tabs."""

    async def work(_service: Service, _viewer: Viewer) -> list[ApiToken]:
        return await list_tokens()

    for token in _run(database_url, work):
        typer.echo("\t".join(_row(token)))


@command.command("revoke")
def revoke(
    token_id: Annotated[str, typer.Argument(metavar="TOKEN_ID", help="As `list` shows it.")],
    database_url: DatabaseUrl = DEFAULT_DATABASE_URL,
) -> None:
    """Make a token worthless: within ten seconds, for what is open too."""

    async def work(service: Service, viewer: Viewer) -> ApiToken:
        return await revoke_token(service, viewer, token_id)

    token = _run(database_url, work)
    typer.echo(f"{_id(token)} {_state(token)}")


def _run(url: str, work: Callable[[Service, Viewer], Awaitable[T]]) -> T:
    async def connected() -> T:
        # Beside a service that has the SQLite file: a token is one short transaction.
        async with database(url, alone=False):
            return await work(Service(hub=Hub()), _viewer())

    with explained():
        try:
            return asyncio.run(connected())
        except Refused as refused:
            typer.echo(f"agent-runs: {refused.error.message}", err=True)
            raise typer.Exit(1) from refused


def _viewer() -> Viewer:
    user = getpass.getuser()
    viewer = Viewer(user, Role.ADMIN, principal=f"system:{user}", via="command line")
    return viewer.within(copilot_session() or None)


def _names(names: Sequence[str] | None) -> frozenset[str] | None:
    return frozenset(names) if names else None


def _lifetime(text: str) -> timedelta | None:
    if text == NEVER:
        return None
    found = _LIFETIME.fullmatch(text)
    if found is None:
        raise typer.BadParameter(
            f"expected 30m, 12h, 90d, 52w or {NEVER}, got {text[:20]!r}", param_hint="--expires"
        )
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _row(token: ApiToken) -> list[str]:
    scope = [f"agents {token.agents}"] if token.agents else []
    scope += [f"clusters {token.clusters}"] if token.clusters else []
    used = format_instant(token.last_used_at) if token.last_used_at else "never used"
    return [
        _id(token),
        f"{token.prefix}…",
        visible(token.name),
        token.role.lower(),
        _state(token),
        used,
        visible(" ".join(scope)),
    ]


def _id(token: ApiToken) -> str:
    return global_id(Kind.TOKEN, token.id)


def _state(token: ApiToken) -> str:
    if token.revoked_at is not None:
        return f"revoked {format_instant(token.revoked_at)}"
    return _end(token)


def _end(token: ApiToken) -> str:
    if token.expires_at is None:
        return "never expires"
    word = "expired" if token.expires_at <= utc_now() else "expires"
    return f"{word} {format_instant(token.expires_at)}"
