"""How the commands that run the service say that they cannot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from models.database import BadDatabaseUrl, DatabaseInUse, SchemaMismatch
from models.transactions import DatabaseUnavailable, is_passing
from server.settings import BadSetting

#: Exit status of a process that could not do what it was set up to do.
FAILED = 1

_EXPECTED = (BadSetting, BadDatabaseUrl, DatabaseInUse, DatabaseUnavailable, SchemaMismatch)


@contextmanager
def explained() -> Iterator[None]:
    """Turn what an operator can mend into one sentence and a non-zero exit status."""
    try:
        yield
    except _EXPECTED as error:
        _fail(str(error))
    except Exception as error:
        if not is_passing(error):
            raise
        _fail(f"the database does not answer: {error or type(error).__name__}")


def _fail(sentence: str) -> None:
    typer.echo(f"agent-runs: {sentence}", err=True)
    raise typer.Exit(FAILED)
