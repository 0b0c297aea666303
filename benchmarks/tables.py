"""The figures for people: on a terminal, and in docs/benchmarks.md."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.figures import Figure, Grid
from benchmarks.run import Results

#: Columns of a table in a file; a terminal has its own.
TABLE_WIDTH = 240

_HEAD = ("", "figure", "unit", "value", "against", "its value", "ratio", "goal")


def print_results(console: Console, results: Iterable[Results]) -> None:
    """Two tables for each database."""
    for result in results:
        console.print(_rich(f"{result.version}: figures", _HEAD, figure_rows(result.figures)))
        if result.filters:
            grid = result.filters
            console.print(_rich(_grid_title(result, grid), grid_head(grid), grid_rows(grid)))


def markdown(results: Iterable[Results]) -> str:
    """The same in Markdown."""
    parts = []
    for result in results:
        parts += [
            f"### {result.version}",
            _markdown_table(_HEAD, figure_rows(result.figures)),
        ]
        if result.filters:
            grid = result.filters
            parts += [
                f"{_grid_title(result, grid)}:",
                _markdown_table(grid_head(grid), grid_rows(grid)),
            ]
    return "\n\n".join(parts)


def figure_rows(figures: Sequence[Figure]) -> list[tuple[str, ...]]:
    """One for each figure; a section is named once."""
    rows = []
    section = ""
    for figure in figures:
        named = figure.section if figure.section != section else ""
        section = figure.section
        rows.append((named, figure.name, figure.unit.value, *_values(figure), _goal(figure)))
    return rows


def _values(figure: Figure) -> tuple[str, ...]:
    own = _with_spread(figure.rounds)
    if figure.base is None:
        return (own, "", "", "")
    return (own, figure.base.name, number(figure.base.value), _with_spread(figure.ratios))


def _goal(figure: Figure) -> str:
    """Such as `≤ 2, met`."""
    if figure.goal is None:
        return ""
    unit = f" {figure.unit.value}" if figure.goal.is_of_value else ""
    return f"≤ {number(figure.goal.most)}{unit}, {'met' if figure.is_met else 'missed'}"


def _with_spread(rounds: Sequence[float]) -> str:
    """The median, and the lowest and the highest where there are several."""
    middle = number(median(rounds))
    if len(rounds) == 1:
        return middle
    return f"{middle} ({number(min(rounds))} … {number(max(rounds))})"


def number(value: float) -> str:
    """Three digits that count, and thousands apart."""
    if math.isinf(value):
        return "∞"
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _grid_title(result: Results, grid: Grid) -> str:
    return f"{result.version}: first page of 50 ids by filter and order, {grid.unit.value}"


def grid_head(grid: Grid) -> tuple[str, ...]:
    return ("filter", *grid.columns)


def grid_rows(grid: Grid) -> list[tuple[str, ...]]:
    return [(name, *map(number, cells)) for name, cells in grid.rows.items()]


def _rich(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    table = Table(title=title, title_justify="left")
    for index, name in enumerate(head):
        table.add_column(name, justify="left" if index < 2 else "right")
    for row in rows:
        table.add_row(*row)
    return table


def _markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def to_json(machine: dict[str, Any], size: dict[str, Any], results: Iterable[Results]) -> Any:
    """Everything, for programs."""
    return {
        "machine": machine,
        "size": size,
        "databases": {
            result.kind: {
                "version": result.version,
                "figures": [figure.to_json() for figure in result.figures],
                "filters": result.filters.to_json() if result.filters else None,
            }
            for result in results
        },
    }
