"""The console's rule on who imports whom (ARCHITECTURE.md, "The console"), read from the source."""

from __future__ import annotations

import re
from pathlib import Path

SOURCES = Path(__file__).parents[2] / "console" / "src"
#: What everybody may import: two rooms, and the definition of the list's filter.
SHARED = ("api/", "parts/", "runs/filter.ts", "runs/period.ts")
#: What joins other rooms, and which: None is all.
JOINS: dict[str, tuple[str, ...] | None] = {"app": None, "run": ("logs/", "report/", "steps/")}
IMPORT = re.compile(r"""(?:from|import)\s*\(?\s*["'](\.[^"']+)["']""")


def imports() -> list[tuple[str, str]]:
    """Who imports what, both below SOURCES."""
    found = []
    for path in [*SOURCES.rglob("*.ts"), *SOURCES.rglob("*.tsx")]:
        for told in IMPORT.findall(path.read_text(encoding="utf-8")):
            imported = (path.parent / told).resolve()
            if imported.is_relative_to(SOURCES):
                found.append((_below(path), _below(imported)))
    return found


def _below(path: Path) -> str:
    return path.relative_to(SOURCES).as_posix()


def _may(importer: str, imported: str) -> bool:
    room, _, rest = importer.partition("/")
    if not rest:  # main.tsx, which starts it all
        return True
    joined = JOINS.get(room, ())
    return joined is None or imported.startswith((f"{room}/", *SHARED, *joined))


def test_room_imports_itself_what_all_share_and_what_it_joins() -> None:
    found = imports()
    assert len(found) > 100
    assert [pair for pair in found if not _may(*pair)] == []


def test_what_all_share_knows_nothing_of_the_rooms() -> None:
    inner = ("api/", "parts/")
    wrong = [
        (importer, imported)
        for importer, imported in imports()
        if importer.startswith(inner) and not imported.startswith(inner)
    ]
    assert wrong == []
