"""Lines that come fast into an open log: whether the page answers, and what it keeps of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from playwright.async_api import Browser, CDPSession, Page

from benchmarks.console.observed import (
    OBSERVERS,
    forget_tasks,
    heap,
    longest_task,
    now,
    slowest_click,
)
from benchmarks.data.lines import line_inputs, message
from benchmarks.figures import Base, Figure, Goal, Unit
from tests.console.browser import Complaints, visiting
from tests.end_to_end.client import Client, client_of

SECTION = "flood"
#: Lines of one call, and calls of one second.
CALL, CALLS = 100, 20
#: Seconds until the page has seen enough to be compared with, and between clicks.
WARM_S, CLICK_S = 10, 5


@dataclass
class Flood:
    """What was seen of one flood."""

    longest: float = 0.0
    clicked: float = 0.0
    #: MiB after WARM_S seconds, and in the end.
    warm: float = 0.0
    held: float = 0.0
    #: How far the page was behind in the end, in milliseconds.
    behind: float = 0.0


async def measure(browser: Browser, url: str, seconds: int, rounds: int) -> list[Figure]:
    """The figures; each round with a run and a browser profile of its own."""
    floods = [await _flood(browser, url, seconds) for _ in range(rounds)]
    rate = f"{CALL * CALLS:,} lines/s for {seconds} s"
    return [
        Figure(
            SECTION,
            f"{rate}: longest task",
            Unit.MILLISECONDS,
            [each.longest for each in floods],
            goal=Goal(100, is_of_value=True),
        ),
        Figure(
            SECTION,
            "slowest click, until its change was drawn",
            Unit.MILLISECONDS,
            [each.clicked for each in floods],
        ),
        Figure(
            SECTION,
            "heap in the end",
            Unit.MEBIBYTES,
            [each.held for each in floods],
            Base(f"after {min(WARM_S, seconds // 2)} s", [each.warm for each in floods]),
        ),
        Figure(
            SECTION,
            "last line drawn, after it was acknowledged",
            Unit.MILLISECONDS,
            [each.behind for each in floods],
        ),
    ]


async def _flood(browser: Browser, url: str, seconds: int) -> Flood:
    async with (
        client_of(url) as client,
        visiting(browser, url, Complaints(url), OBSERVERS) as page,
    ):
        run = await client.begin(agent={"name": "flooding"})
        await client.append(run, 0, "the first line")
        await page.goto(f"/runs/{run}/logs")
        await page.get_by_text("the first line").wait_for()
        session = await page.context.new_cdp_session(page)
        flood = Flood()
        await forget_tasks(page)
        writing = asyncio.create_task(_write(client, run, seconds))
        await _look_on(page, session, flood, seconds)
        last = await writing
        acknowledged = await now(page)
        await page.get_by_label(f"Line {last}", exact=True).wait_for()
        flood.behind = max(0.0, await now(page) - acknowledged)
        flood.longest = max(flood.longest, await longest_task(page))
        flood.clicked = await slowest_click(page)
        flood.held = await heap(session)
        return flood


async def _write(client: Client, run: str, seconds: int) -> int:
    """Lines at an even pace, however long a call takes; the number of the last one."""
    loop = asyncio.get_running_loop()
    began, offset = loop.time(), 1
    for call in range(seconds * CALLS):
        await asyncio.sleep(began + call / CALLS - loop.time())
        lines = line_inputs(map(message, range(offset, offset + CALL)))
        await client.tell("appendLogs", runId=run, offset=offset, lines=lines)
        offset += CALL
    return offset


async def _look_on(page: Page, session: CDPSession, flood: Flood, seconds: int) -> None:
    """Click now and then, as somebody would who looks on."""
    warm = min(WARM_S, seconds // 2)
    times = page.get_by_role("button", name="Wrap long lines")
    for second in range(1, seconds + 1):
        await asyncio.sleep(1)
        if second == warm:
            flood.longest = await longest_task(page)
            flood.warm = await heap(session)
            # Collecting all garbage at once is our doing, and a long task.
            await forget_tasks(page)
        if second % CLICK_S == 0:
            await times.click()
