"""The house's rules on who imports whom, read from the source."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# From the street inwards: a room imports itself and what stands to its right.
ROOMS = ("server", "graph", "resolvers", "live", "models")
OUTSIDE = ("benchmarks", "tests")

# What a room must know nothing of: the doors are for the rooms further out.
FOREIGN_TO = {
    "resolvers": ("httpx", "starlette", "strawberry", "typer", "uvicorn"),
    "live": ("httpx", "starlette", "strawberry", "typer", "uvicorn"),
    "models": ("httpx", "starlette", "strawberry", "typer", "uvicorn"),
}

# The commands that are the service or look after its database; all others are clients of its
# public API, as anyone could write them.
SERVICE_COMMANDS = {"migrate", "schema", "serve", "token", "worker"}
COMMANDS = "server.cli"
# They only list the commands, which therefore do not see one another through them.
ENTRANCES = {COMMANDS, f"{COMMANDS}.__main__", f"{COMMANDS}.main"}


def modules() -> dict[str, Path]:
    """Every module of the five rooms by its dotted name."""
    found = {}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imports_of(module: str) -> Iterator[tuple[str, int]]:
    """What the module imports, wherever in it, with the line; `from a import b` may mean `a.b`."""
    path = MODULES[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_bytes(), path.name)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*above, node.module or ""]).strip(".") if node.level else node.module
            for alias in node.names:
                submodule = f"{base}.{alias.name}"
                yield submodule if submodule in MODULES else str(base), node.lineno


def room_of(module: str) -> str:
    return module.partition(".")[0]


def reached_from(module: str) -> dict[str, str]:
    """The modules of `server` and the first of other rooms that `module` pulls in, with the way."""
    ways = {module: module}
    waiting = [module]
    while waiting:
        at = waiting.pop()
        for imported, line in imports_of(at):
            if imported in MODULES and imported not in ways and imported not in ENTRANCES:
                ways[imported] = f"{ways[at]}:{line} → {imported}"
                if room_of(imported) == "server":
                    waiting.append(imported)
    return ways


def clients() -> list[str]:
    """The modules of `server.cli` but for the service's commands and what only those use."""
    inside = {name for name in MODULES if name.startswith(f"{COMMANDS}.")} - ENTRANCES
    service = {name for name in inside if name.split(".")[2] in SERVICE_COMMANDS}
    helpers = {helper for command in service for helper in reached_from(command)}
    return sorted(inside - service - helpers)


@pytest.mark.parametrize("module", MODULES)
def test_room_imports_itself_and_what_stands_to_its_right(module: str) -> None:
    to_the_left = ROOMS[: ROOMS.index(room_of(module))]
    wrong = [
        f"{MODULES[module].relative_to(ROOT)}:{line} imports {imported}"
        for imported, line in imports_of(module)
        if room_of(imported) in (*to_the_left, *OUTSIDE)
    ]
    assert wrong == [], f"the rule is {' → '.join(ROOMS)}"


@pytest.mark.parametrize("module", [name for name in MODULES if room_of(name) in FOREIGN_TO])
def test_inner_room_knows_neither_http_nor_graphql_types(module: str) -> None:
    wrong = [
        f"{MODULES[module].relative_to(ROOT)}:{line} imports {imported}"
        for imported, line in imports_of(module)
        if room_of(imported) in FOREIGN_TO[room_of(module)]
    ]
    assert wrong == []


@pytest.mark.parametrize("module", clients())
def test_client_command_speaks_only_the_public_api(module: str) -> None:
    ways = reached_from(module)
    wrong = [way for name, way in ways.items() if room_of(name) != "server"]
    assert wrong == [], "a command that is not the service's own uses its API, not its code"


@pytest.mark.parametrize("module", sorted(ENTRANCES & MODULES.keys()))
def test_entrance_of_the_command_line_opens_no_inner_room(module: str) -> None:
    wrong = [imported for imported, _ in imports_of(module) if room_of(imported) in ROOMS[1:]]
    assert wrong == []
