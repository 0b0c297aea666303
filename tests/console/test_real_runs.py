"""Real runs, made by real commands (`make run`), as somebody looks through them; on PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from models.database import migrate
from tests.console.browser import Complaints, visiting
from tests.server.cli.test_tour import Tour
from tests.support.engines import Engines
from tests.support.service import free_port


@pytest_asyncio.fixture(loop_scope="session")
async def tour(engines: Engines, tmp_path: Path) -> AsyncIterator[Tour]:
    """Five runs: one each that completed, failed, was cancelled, is tried again, and goes on."""
    with engines.postgres_database(migrate) as url:
        running = Tour(tmp_path, free_port(), DATABASE_URL=url)
        await asyncio.to_thread(running.guide)
        yield running
        running.process.terminate()
        await asyncio.to_thread(running.process.wait)
        running.close()


async def test_each_of_five_real_runs_tells_its_story(browser: Browser, tour: Tour) -> None:
    url = f"http://127.0.0.1:{tour.port}"
    async with visiting(browser, url, Complaints(url)) as page:
        await _look_at_the_one_that_goes_on(page)
        await _look_at_the_failed_one(page)
        await _look_at_the_completed_one(page)
        await _look_at_the_one_that_is_tried_again(page)


async def _open(page: Page, agent: str) -> None:
    await page.goto("/")
    runs = page.get_by_role("region", name="Runs", exact=True)
    await expect(runs.locator("a[data-run]")).to_have_count(5)
    await runs.get_by_role("link", name=agent).click()
    await expect(page.get_by_role("heading", name=agent)).to_be_visible()


def _status(page: Page, word: str) -> Locator:
    return page.get_by_role("main").get_by_text(word, exact=True).first


async def _look_at_the_one_that_goes_on(page: Page) -> None:
    await _open(page, "host-monitor")
    await expect(_status(page, "Running")).to_be_visible()
    lines = page.get_by_role("region", name="Log", exact=True).get_by_role("listitem")
    await expect(lines.first).to_be_visible()
    there = await lines.count()
    # It measures each second.
    await expect(lines.nth(there + 1)).to_be_visible()


async def _look_at_the_failed_one(page: Page) -> None:
    await _open(page, "backup-check")
    failure = page.get_by_role("region", name="Error", exact=True)
    await expect(failure).to_contain_text("exit status 1")
    await failure.get_by_role("link").first.click()
    step = page.get_by_role("region", name="Step ")
    await expect(step.get_by_text("Failed", exact=True)).to_be_visible()


async def _look_at_the_completed_one(page: Page) -> None:
    await _open(page, "library-archive")
    await page.get_by_role("link", name="Steps").click()
    await expect(page.get_by_role("row", name="Compile email")).to_be_visible()
    await page.get_by_role("link", name="Report").click()
    await expect(page.get_by_role("article").get_by_role("heading").first).to_be_visible()


async def _look_at_the_one_that_is_tried_again(page: Page) -> None:
    await _open(page, "inventory-sync")
    await page.get_by_role("link", name="Attempts").click()
    await expect(page.get_by_role("main")).to_contain_text("Connection refused")
