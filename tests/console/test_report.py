"""A run's report: read, shared and downloaded in a page."""

from __future__ import annotations

import re

from playwright.async_api import Browser, Page, expect

from tests.console.browser import PHONE, Complaints, visiting
from tests.end_to_end.client import Client
from tests.support.service import Service

REPORT = {
    "title": "Nightly figures",
    "summary": "All **fine** but for one.",
    "sections": [
        {"table": {"heading": "By table", "columns": ["table", "rows"], "rows": [["users", "12"]]}},
        {"metrics": {"heading": "Cost", "metrics": [{"name": "tokens", "value": 1234567}]}},
    ],
}


async def completed(client: Client) -> str:
    run = await client.begin(agent={"name": "reporting"})
    await client.tell("completeRun", runId=run, logEnds=[], report=REPORT)
    return run


async def test_report_is_read_in_place_and_downloaded(page: Page, client: Client) -> None:
    await page.goto(f"/runs/{await completed(client)}/report")
    report = page.get_by_role("article")
    await expect(report.get_by_role("heading", name="Nightly figures")).to_be_visible()
    await expect(report.get_by_role("cell", name="1,234,567")).to_be_visible()
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name="Markdown").click()
    file = await (await downloading.value).path()
    assert "All **fine** but for one." in file.read_text()


async def test_link_shows_the_report_alone_without_login_until_it_is_revoked(
    page: Page, client: Client, browser: Browser, service: Service
) -> None:
    await page.goto(f"/runs/{await completed(client)}/report")
    await page.get_by_role("button", name="Share").click()
    dialog = page.get_by_role("dialog", name="Share the report")
    await dialog.get_by_label("Ends after").select_option("7 days")
    await dialog.get_by_role("button", name="Make a link").click()
    link = await dialog.get_by_label("Link", exact=True).input_value()
    row = dialog.get_by_role("listitem").filter(has_text="Active")
    await expect(row).to_contain_text("never used")

    async with visiting(browser, service.url, Complaints(service.url), viewport=PHONE) as phone:
        await phone.goto(link)
        await expect(phone.get_by_role("heading", name="Nightly figures")).to_be_visible()
        await expect(phone.get_by_role("link")).to_have_text(["Markdown", "HTML", "JSON"])
        wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not await phone.evaluate(wider)

    await row.get_by_role("button", name="Revoke").click()
    await expect(dialog.get_by_role("listitem")).to_contain_text("Revoked")
    complaints = Complaints(service.url)
    complaints.expect("404")
    async with visiting(browser, service.url, complaints) as late:
        await late.goto(link)
        await expect(late.get_by_role("heading", name="Not found")).to_be_visible()


async def test_run_without_a_report_says_why(page: Page, client: Client) -> None:
    run = await client.begin(agent={"name": "reporting"})
    await page.goto(f"/runs/{run}/report")
    await expect(page.get_by_text(re.compile("comes with the run's completion"))).to_be_visible()
