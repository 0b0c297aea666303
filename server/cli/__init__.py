"""The command line, `agent-runs COMMAND`: one module per command, loaded when it is called.

A module here exposes `command`, a function with a signature that typer understands, or a Typer.
Importing this package costs nothing, and a command pays only for its own imports: `agent-runs list`
must not wait for the service's.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typer import Typer

#: Every command and what it does, in the order of `agent-runs --help`. The module has its name.
COMMANDS = {
    "serve": "Serve the API and the reports.",
    "worker": "Purge deleted runs and end lost ones.",
    "migrate": "Bring the database up to date.",
    "token": "Make, list and revoke API tokens.",
    "exec": "Run a command as an agent run.",
    "list": "List runs, the latest first.",
    "show": "Show everything about a run but for its log, for which there is tail.",
    "tail": "Show the last log lines of a run, and with -f follow it.",
    "delete": "Delete runs, with their logs, steps, reports and shared links.",
    "schema": "Print the GraphQL schema.",
    "tour": "Start a service and make a few real runs on it, to look at and to follow.",
}


def application(arguments: Sequence[str]) -> Typer:
    """The commands, of which only the one that `arguments` name is loaded."""
    import typer

    app = typer.Typer(
        name="agent-runs",
        help="The one view of all Cloud Agent executions: find, follow, report, clean up.",
        add_completion=False,
        no_args_is_help=True,
        # Plain text: tables of boxes cut long defaults off and wrap to a few words a line.
        rich_markup_mode=None,
        # A traceback for a bug, not a page of local variables, which may hold secrets.
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    wanted = next((argument for argument in arguments if not argument.startswith("-")), None)
    for name, summary in COMMANDS.items():
        if name == wanted:
            found, settings = _load(name)
            if isinstance(found, typer.Typer):
                app.add_typer(found, name=name)
            else:
                app.command(name, context_settings=settings)(found)
        else:
            app.command(name, help=summary)(_not_loaded)
    return app


def main() -> None:
    """The entry point of `agent-runs`."""
    application(sys.argv[1:])()


def _load(name: str) -> tuple[Callable[..., Any] | Typer, dict[str, Any] | None]:
    """The command, and where its module has them, settings of its context."""
    module = import_module(f"{__name__}.{name}")
    return module.command, getattr(module, "CONTEXT_SETTINGS", None)


def _not_loaded() -> None:
    """Stands in the list of commands for those that were not called."""
