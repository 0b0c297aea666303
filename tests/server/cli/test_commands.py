"""The table of commands, and what loading them costs."""

import inspect
import subprocess
import sys
from importlib import import_module

import pytest
import typer

from server.cli import COMMANDS

CLIENTS = ("exec", "list", "show", "tail", "delete", "tour")


@pytest.mark.parametrize("name", COMMANDS)
def test_command_says_of_itself_what_the_table_says(name: str) -> None:
    command = import_module(f"server.cli.{name}").command
    # One that has commands of its own says it otherwise.
    told = command.info.help if isinstance(command, typer.Typer) else inspect.getdoc(command)
    summary = (told or "").split("\n")[0]
    assert summary.startswith(COMMANDS[name].rstrip("."))


def python(source: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", source], check=True, capture_output=True, text=True
    ).stdout


@pytest.mark.parametrize("name", CLIENTS)
def test_client_command_loads_nothing_of_the_service(name: str) -> None:
    loaded = python(f"import server.cli.{name}, sys; print(*sys.modules)").split()
    heavy = {"strawberry", "tortoise", "starlette", "uvicorn", "graphql", "models", "graph"}
    assert heavy & set(loaded) == set()


def test_help_loads_no_command() -> None:
    source = "import sys; from server.cli import application; application(['--help'])"
    loaded = python(f"{source}; print(*sys.modules)").split()
    assert [name for name in loaded if name.startswith("server.cli.")] == []
