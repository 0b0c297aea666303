"""agent-runs migrate"""

from __future__ import annotations

import asyncio

import typer

from models.database import migrate
from server.cli.failing import explained
from server.cli.options import DatabaseUrl
from server.settings import DEFAULT_DATABASE_URL


def command(database_url: DatabaseUrl = DEFAULT_DATABASE_URL) -> None:
    """Bring the database up to date: apply what it lacks, each migration whole or not at all."""
    with explained():
        applied = asyncio.run(migrate(database_url))
    for name in applied:
        typer.echo(f"applied {name}")
    typer.echo("the database is up to date")
