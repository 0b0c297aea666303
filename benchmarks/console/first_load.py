"""/runs over many runs: what a browser that was never here loads, and how long it waits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from playwright.async_api import Browser, Page

from benchmarks.console.observed import until_drawn
from benchmarks.figures import Base, Figure, Goal, Unit
from tests.console.browser import Complaints, visiting

T = TypeVar("T")

SECTION = "/runs"
#: A run's row, and its link.
ROW = "main a[href*='/runs/run_']"
#: What the list's first page costs without us: the same rows, for a page that does nothing else.
ASK = """
async () => {
  const query = `{ runs(first: 100) { nodes {
    id revision status startedAt completedAt durationSeconds nextAttemptAt
    agent { id name } cluster { id name } trigger { source name } error { message }
  } pageInfo { endCursor hasNextPage } } }`;
  const headers = { "content-type": "application/json" };
  const asked = { method: "POST", headers, body: JSON.stringify({ query }) };
  const began = performance.now();
  const answer = await fetch("/graphql", asked);
  await answer.json();
  return performance.now() - began;
}
"""


async def measure(browser: Browser, url: str, rounds: int) -> list[Figure]:
    """The figures; each round in a browser profile of its own."""
    loaded, usable, asked = [], [], []
    for _ in range(rounds):
        asked.append(await _visit(browser, url, _ask))
        size, waited = await _visit(browser, url, _first_visit)
        loaded.append(size)
        usable.append(waited)
    return [
        Figure(
            SECTION,
            "JavaScript on the first load, compressed",
            Unit.BYTES,
            loaded,
            goal=Goal(180_000, is_of_value=True),
        ),
        Figure(
            SECTION,
            "usable after navigation",
            Unit.MILLISECONDS,
            usable,
            Base("its runs, fetched", asked),
            Goal(1_000, is_of_value=True),
        ),
    ]


async def _visit(browser: Browser, url: str, look: Callable[[Page], Awaitable[T]]) -> T:
    async with visiting(browser, url, Complaints(url)) as page:
        return await look(page)


async def _ask(page: Page) -> float:
    await page.goto("/healthz")
    milliseconds: float = await page.evaluate(ASK)
    return milliseconds


async def _first_visit(page: Page) -> tuple[float, float]:
    """Bytes of scripts over the network until nothing more is loaded; milliseconds until usable."""
    session = await page.context.new_cdp_session(page)
    await session.send("Network.enable")
    sizes: dict[str, float] = {}
    scripts: set[str] = set()
    session.on(
        "Network.responseReceived",
        lambda told: scripts.add(told["requestId"]) if told["type"] == "Script" else None,
    )
    session.on(
        "Network.loadingFinished",
        lambda told: sizes.update({told["requestId"]: told["encodedDataLength"]}),
    )
    await page.goto("/runs", wait_until="commit")
    usable = await until_drawn(page, ROW)
    await page.wait_for_load_state("networkidle")
    return sum(size for request, size in sizes.items() if request in scripts), usable
