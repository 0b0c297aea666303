"""The frame of all pages: what becomes of one that breaks, or is older than its service."""

from __future__ import annotations

from urllib.parse import quote

from playwright.async_api import Page, Route, expect

from tests.console.browser import Complaints
from tests.end_to_end.client import Client

#: Milliseconds that a page has been open for. One that is younger does not load itself anew.
AN_HOUR_MS = 3_600_000
OPEN_FOR_AN_HOUR = f"performance.now = () => {AN_HOUR_MS}"


async def gone(route: Route) -> None:
    await route.fulfill(status=404)


async def test_a_part_that_cannot_be_loaded_takes_down_its_own_page_only(
    page: Page, complaints: Complaints
) -> None:
    complaints.expect("404", "dynamically imported module")
    await page.route("**/assets/AgentsPage-*.js", gone)
    await page.goto("/clusters")
    await page.get_by_role("link", name="Agents").click()
    await expect(page.get_by_text("A part of this page could not be loaded")).to_be_visible()
    await expect(page.get_by_role("button", name="Load it anew")).to_be_visible()

    await page.get_by_role("link", name="Clusters").click()
    await expect(page.get_by_role("heading", name="Clusters")).to_be_visible()


async def test_a_page_from_before_an_update_loads_itself_anew_where_it_lacks_a_part(
    page: Page, client: Client, complaints: Complaints
) -> None:
    complaints.expect("404", "dynamically imported module")
    await client.begin(agent={"name": "outlives-a-build"})
    await page.add_init_script(OPEN_FOR_AN_HOUR)
    await page.goto("/clusters")
    await expect(page.get_by_role("rowheader").first).to_be_visible()

    # The service has another build: its shell names other files, and this page's are not there.
    async def newer(route: Route) -> None:
        await page.unroute("**/assets/AgentsPage-*.js", gone)
        await route.fulfill(content_type="text/html", body='<script type="module" src="/new.js">')

    await page.route("**/assets/AgentsPage-*.js", gone)
    await page.route("**/runs", newer)
    await page.get_by_role("link", name="Agents").click()
    await expect(page.get_by_role("heading", name="Agents")).to_be_visible()
    await expect(page.get_by_role("rowheader").first).to_be_visible()


async def test_who_has_to_log_in_comes_back_to_the_very_line(page: Page, client: Client) -> None:
    run = await client.begin()
    await client.append(run, 0, "one", "two")

    async def over(route: Route) -> None:
        error = {"message": "log in", "extensions": {"code": "UNAUTHENTICATED"}}
        await route.fulfill(json={"data": None, "errors": [error]})

    await page.goto(f"/runs/{run}/logs#L2")
    await expect(page.get_by_role("link", name="Line 2", exact=True)).to_be_visible()
    await page.route("**/graphql", over)
    await page.get_by_role("button", name="Collapse all groups").click()
    await page.wait_for_url("**/login?next=*")
    assert page.url.endswith(quote("/logs#L2", safe=""))
