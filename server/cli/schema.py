"""agent-runs schema"""

from __future__ import annotations

import typer

from graph.schema import schema


def command() -> None:
    """Print the GraphQL schema in its definition language (SDL)."""
    typer.echo(schema.as_str())
