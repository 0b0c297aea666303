"""Every page fits whoever looks at it: by eye or ear, in light or dark, by keys, on a phone."""

from __future__ import annotations

import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.console.axe import violations_in_both_themes
from tests.console.browser import PHONE, Complaints, visiting
from tests.console.pictures import pages, settled
from tests.console.story import Story, present, tell
from tests.end_to_end.client import client_of
from tests.support.service import Service

NAMES = ("runs", "logs", "failed", "steps", "report", "attempts", "agents", "clusters", "shared")
IS_TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def story(service: Service) -> Story:
    async with client_of(service.url) as client:
        return await tell(client, present(), past=5)


async def test_axe_finds_nothing_serious_on_any_page_in_light_or_dark(
    browser: Browser, service: Service, story: Story
) -> None:
    complaints = Complaints(service.url)
    async with visiting(browser, service.url, complaints, reduced_motion="reduce") as page:
        found = {}
        for name in NAMES:
            await page.goto(pages(story)[name])
            await settled(page)
            found[name] = await violations_in_both_themes(page)
    assert found == {name: [] for name in NAMES}


async def test_no_page_is_wider_than_a_phone(
    browser: Browser, service: Service, story: Story
) -> None:
    complaints = Complaints(service.url)
    async with visiting(
        browser, service.url, complaints, viewport=PHONE, is_mobile=True, has_touch=True
    ) as page:
        wide = []
        for name in NAMES:
            await page.goto(pages(story)[name])
            await settled(page)
            if await page.evaluate(IS_TOO_WIDE):
                wide.append(name)
    assert wide == []


async def test_theme_is_chosen_and_kept(page: Page) -> None:
    dark = "getComputedStyle(document.documentElement).colorScheme"
    await page.goto("/agents")
    await page.get_by_role("button", name="Theme: system").click()
    await page.get_by_role("button", name="Theme: light").click()
    assert await page.evaluate(dark) == "dark"
    await page.reload()
    await expect(page.get_by_role("button", name="Theme: dark")).to_be_visible()
    assert await page.evaluate(dark) == "dark"


async def test_keys_of_a_page_are_listed_and_not_taken_from_who_types(
    page: Page, story: Story
) -> None:
    await page.goto("/runs")
    await expect(page.get_by_role("link", name="nightly-etl").first).to_be_visible()
    await page.keyboard.press("/")
    search = page.get_by_role("searchbox")
    await expect(search).to_be_focused()
    await page.keyboard.type("j?f")
    await expect(search).to_have_value("j?f")
    await search.fill("")
    await search.blur()
    await page.keyboard.press("Shift+?")
    keys = page.get_by_role("dialog", name="Keys")
    for key in ("j", "k", "/", "f", "?"):
        await expect(keys.get_by_text(key, exact=True)).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(keys).to_have_count(0)


async def test_first_key_leads_past_the_header_to_the_content(page: Page, story: Story) -> None:
    await page.goto("/agents")
    await expect(page.get_by_role("rowheader").first).to_be_visible()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("main")).to_be_focused()


async def test_times_are_the_viewers_and_the_exact_one_is_told(page: Page, story: Story) -> None:
    await page.goto(f"/runs/{story.completed}/report")
    told = page.get_by_role("main").locator("time").first
    exact = await told.get_attribute("datetime")
    assert exact is not None
    title = await told.get_attribute("title")
    assert title is not None
    assert exact.replace("T", " ").replace("Z", " UTC") in title
    assert "CET" in title or "GMT+" in title


async def test_what_is_chosen_and_how_long_is_seen_where_colours_are_forced(
    page: Page, story: Story
) -> None:
    await page.emulate_media(forced_colors="active")
    await page.goto(f"/runs/{story.completed}/steps")
    tabs = page.get_by_role("navigation", name="Parts of the run").get_by_role("link")
    await expect(tabs.filter(has_text="Steps")).to_have_css("outline-style", "solid")
    await expect(tabs.filter(has_text="Logs")).to_have_css("outline-style", "none")
    bars = page.get_by_role("gridcell").locator("[data-status][title]")
    await expect(bars.first).to_have_css("forced-color-adjust", "none")


async def test_a_report_is_printed_without_what_is_pressed(page: Page, story: Story) -> None:
    await page.goto(f"/runs/{story.completed}/report")
    await expect(page.get_by_role("article")).to_be_visible()
    await page.emulate_media(media="print")
    await expect(page.get_by_role("article")).to_be_visible()
    await expect(page.get_by_role("heading", level=1).first).to_be_visible()
    for role in ("button", "navigation"):
        for each in await page.get_by_role(role).all():
            name = await each.get_attribute("aria-label")
            assert name == "Copy the id", name
