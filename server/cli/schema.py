"""agent-runs schema"""

from __future__ import annotations

from typing import Annotated

import typer

from graph.schema import schema
from server.rights_page import rights_page


def command(
    rights: Annotated[
        bool, typer.Option("--rights", help="Who may ask for what of it, as Markdown.")
    ] = False,
) -> None:
    """Print the GraphQL schema in its definition language (SDL)."""
    typer.echo(rights_page() if rights else schema.as_str())
