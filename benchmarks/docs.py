"""The table of docs/benchmarks.md, refreshed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.run import Results
from benchmarks.tables import markdown

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
#: What the two commands write there.
FIGURES, CONSOLE_FIGURES = "figures", "console figures"


def marks(of: str) -> tuple[str, str]:
    """What stands between these is written here."""
    return f"<!-- {of}: begin -->", f"<!-- {of}: end -->"


def write_docs(
    page: Path, machine: dict[str, Any], results: Sequence[Results], of: str = FIGURES
) -> None:
    """Put these figures in the place of those that stand there."""
    begin, end = marks(of)
    before, _, rest = page.read_text().partition(begin)
    _, _, after = rest.partition(end)
    figures = f"{_facts(machine)}\n\n{markdown(results)}"
    page.write_text(f"{before}{begin}\n\n{figures}\n\n{end}{after}")


def _facts(machine: dict[str, Any]) -> str:
    return (
        f"Measured {machine['at'][:10]} on {machine['cores']} cores, {machine['system']}, "
        f"Python {machine['python']}; a single run on a shared, noisy machine "
        f"(load before it: {machine['load_before']})."
    )
