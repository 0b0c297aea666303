"""A run with a very long log: how soon its first lines are there, and its last."""

from __future__ import annotations

from playwright.async_api import Browser, Page

from benchmarks.console.observed import now, until_drawn
from benchmarks.figures import Base, Figure, Goal, Unit
from tests.console.browser import Complaints, visiting

SECTION = "long log"


async def measure(browser: Browser, url: str, logs: dict[str, int], rounds: int) -> list[Figure]:
    """The figures of the longer one of two runs, by how many lines they have, against the other."""
    short, long = sorted(logs, key=logs.__getitem__)
    shown: dict[str, list[float]] = {run: [] for run in logs}
    jumped: dict[str, list[float]] = {run: [] for run in logs}
    for _ in range(rounds):
        for run, lines in logs.items():
            async with visiting(browser, url, Complaints(url)) as page:
                shown[run].append(await _first_lines(page, run))
                jumped[run].append(await _to_the_end(page, lines))
    base = f"of {logs[short]:,} lines"
    return [
        Figure(
            SECTION,
            f"first of {logs[long]:,} lines drawn, after navigation",
            Unit.MILLISECONDS,
            shown[long],
            Base(base, shown[short]),
            Goal(1_000, is_of_value=True),
        ),
        Figure(
            SECTION,
            "last lines drawn, after a jump to the end",
            Unit.MILLISECONDS,
            jumped[long],
            Base(base, jumped[short]),
            Goal(500, is_of_value=True),
        ),
    ]


async def _first_lines(page: Page, run: str) -> float:
    await page.goto(f"/runs/{run}/logs", wait_until="commit")
    return await until_drawn(page, _line(1))


async def _to_the_end(page: Page, last: int) -> float:
    button = page.get_by_role("button", name="Jump to end")
    await button.wait_for()
    before = await now(page)
    await button.click()
    return await until_drawn(page, _line(last)) - before


def _line(sequence: int) -> str:
    """A row whose text is there: until then it has no level."""
    return f"li[data-level]:has(> a[aria-label='Line {sequence}'])"
