"""The benchmarks run, and tell what they say they tell. No timing is judged here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.docs import CONSOLE_FIGURES, FIGURES, PAGE, marks, write_docs
from benchmarks.figures import Base, Figure, Goal, Grid, Latency, Unit
from benchmarks.rounds import interleaved
from benchmarks.run import Results
from benchmarks.tables import figure_rows, number
from tests.support.service import ROOT, environment

BEGIN, END = marks(FIGURES)
SECTIONS = {"list of runs", "deep pages", "logs", "appending", "following"}
ON_POSTGRES = {
    *("arriving", "fan-out", "memory", "many runs", "storing", "permessage-deflate", "redaction"),
    "greedy clients",
}
MACHINE = {
    "at": "2026-11-24T03:00:00+00:00",
    "cores": 2,
    "system": "Debian GNU/Linux 12 (bookworm)",
    "python": "3.11.7",
    "load_before": 0.1,
}


@pytest.mark.timeout(600)
def test_quick_run_tells_every_figure_on_both_databases(tmp_path: Path) -> None:
    file = tmp_path / "benchmarks.json"
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick", "--json", str(file)],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(file.read_bytes())
    assert told["machine"]["cores"] >= 1
    assert "orjson" in told["machine"]["libraries"]
    assert set(told["databases"]) == {"sqlite", "postgres"}
    for kind, database in told["databases"].items():
        more = ON_POSTGRES if kind == "postgres" else set()
        check_database(database, SECTIONS | more, done.stdout)


def check_database(database: dict[str, Any], sections: set[str], table: str) -> None:
    assert f"{database['version']}: figures" in table
    assert {figure["section"] for figure in database["figures"]} == sections
    for figure in database["figures"]:
        low, high = figure["spread"]
        assert 0 <= low <= figure["value"] <= high, figure
        assert figure["unit"] in set(Unit)
        assert figure["name"] in table
    without_base = {figure["section"] for figure in database["figures"] if "base" not in figure}
    assert without_base <= {"many runs"}
    [statements] = [f for f in database["figures"] if f["unit"] == Unit.STATEMENTS]
    assert statements["ratio"] == 1, "a page of 50 costs as many statements as a page of 5"
    assert all(len(cells) == 6 for cells in database["filters"]["rows"].values())


def test_ratio_tells_cost_for_times_and_for_rates() -> None:
    slow = Figure("", "", Unit.MILLISECONDS, [10, 30, 20], Base("", [5, 10, 5]))
    rare = Figure("", "", Unit.REQUESTS, [10, 20], Base("", [40, 20]))
    assert slow.ratios == [2, 3, 4]
    assert rare.ratios == [4, 1]


def test_goal_is_of_the_ratio_or_of_the_value() -> None:
    dear = Figure("", "", Unit.MILLISECONDS, [3], Base("", [1]), Goal(2))
    small = Figure("", "", Unit.BYTES, [39], Base("", [1]), Goal(40, is_of_value=True))
    assert (dear.is_met, small.is_met) == (False, True)
    assert [row[-1] for row in figure_rows([dear, small])] == ["≤ 2, missed", "≤ 40 bytes, met"]


def test_figure_is_the_median_with_the_rounds_that_were_furthest_off() -> None:
    told = Figure("", "", Unit.MILLISECONDS, [10, 30, 20], Base("", [5, 10, 5])).to_json()
    assert (told["value"], told["spread"]) == (20, [10, 30])
    assert (told["ratio"], told["ratio_spread"]) == (3, [2, 4])


def test_latency_is_in_milliseconds() -> None:
    told = Latency.of([0.001 * wait for wait in range(101)])
    assert told.p50 == pytest.approx(50)
    assert told.p99 == pytest.approx(99)


@pytest.mark.parametrize(
    ("value", "text"),
    [(1, "1"), (1.0512, "1.05"), (12.34, "12.3"), (123.4, "123"), (1_234_567.8, "1,234,568")],
)
def test_number_has_three_digits_that_count(value: float, text: str) -> None:
    assert number(value) == text


async def test_rounds_take_turns_at_going_first() -> None:
    order: list[str] = []

    def noting(name: str) -> Any:
        async def note() -> int:
            order.append(name)
            return len(order)

        return note

    taken = await interleaved(3, [noting("a"), noting("b")])
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert taken == [[1, 4, 5], [2, 3, 6]]


def test_table_names_a_section_once() -> None:
    figures = [Figure("logs", name, Unit.LINES, [1]) for name in ("one", "two")]
    assert [row[:2] for row in figure_rows(figures)] == [("logs", "one"), ("", "two")]


@pytest.mark.parametrize("of", [FIGURES, CONSOLE_FIGURES])
def test_page_of_the_docs_has_a_place_for_the_figures(of: str) -> None:
    text = PAGE.read_text()
    begin, end = marks(of)
    assert 0 < text.index(begin) < text.index(end)


def test_figures_are_refreshed_and_the_rest_of_the_page_stays(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text(f"# Before\n\n{BEGIN}\n\nold\n\n{END}\n\nAfter\n")
    figure = Figure("logs", "lines", Unit.LINES, [12, 14, 13])
    results = Results("sqlite", "SQLite 3.40.1", [figure], Grid("", Unit.MILLISECONDS, [], {}))
    for _ in range(2):
        write_docs(page, MACHINE, [results])
    text = page.read_text()
    assert text.startswith(f"# Before\n\n{BEGIN}\n\nMeasured 2026-11-24 on 2 cores, Debian")
    assert "### SQLite 3.40.1" in text
    assert "| logs | lines | lines/s | 13 (12 … 14) |" in text
    assert "old" not in text
    assert text.endswith(f"{END}\n\nAfter\n")
