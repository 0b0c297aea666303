"""What a page is asked about itself: when something was drawn, what held it up, what it holds."""

from __future__ import annotations

from playwright.async_api import CDPSession, Page

from tests.console.browser import PATIENCE_MS

#: Collects what the browser tells of tasks over 50 ms (Long Tasks API) and of the time from a click
#: to what it changed on the screen (Event Timing API).
OBSERVERS = """
globalThis.longTasks = [];
globalThis.inputs = [];
globalThis.longTaskObserver = new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) longTasks.push(duration);
});
longTaskObserver.observe({ type: "longtask", buffered: true });
new PerformanceObserver((list) => {
  for (const { name, duration } of list.getEntries()) if (name === "click") inputs.push(duration);
}).observe({ type: "event", durationThreshold: 16, buffered: true });
"""

#: Milliseconds from the page's navigation until a selector matches something that is drawn, looked
#: for at each frame, and the page is idle: it would answer.
_DRAWN = """
([selector, patience]) => new Promise((resolve, reject) => {
  const until = performance.now() + patience;
  const look = () => {
    const found = document.querySelector(selector);
    if (found && found.getClientRects().length > 0)
      requestIdleCallback(() => resolve(performance.now()));
    else if (performance.now() > until) reject(new Error(`${selector}: not drawn`));
    else requestAnimationFrame(look);
  };
  look();
})
"""


async def until_drawn(page: Page, selector: str) -> float:
    """Milliseconds since navigation until it is drawn and the page idle."""
    milliseconds: float = await page.evaluate(_DRAWN, [selector, PATIENCE_MS])
    return milliseconds


async def now(page: Page) -> float:
    """Milliseconds since navigation."""
    milliseconds: float = await page.evaluate("performance.now()")
    return milliseconds


async def longest_task(page: Page) -> float:
    """Milliseconds of the longest task since they were forgotten; 0 where none took 50."""
    longest: float = await page.evaluate("Math.max(0, ...longTasks)")
    return longest


async def forget_tasks(page: Page) -> None:
    """Forget tasks that were told of, and those that were not yet."""
    await page.evaluate("longTaskObserver.takeRecords(); longTasks.length = 0")


async def slowest_click(page: Page) -> float:
    """Milliseconds from a click until what it changed was drawn; 0 where none took 16."""
    slowest: float = await page.evaluate("Math.max(0, ...inputs)")
    return slowest


async def heap(session: CDPSession) -> float:
    """MiB of JavaScript's heap that something still holds."""
    await session.send("HeapProfiler.collectGarbage")
    used = await session.send("Runtime.getHeapUsage")
    return float(used["usedSize"]) / 1024**2
