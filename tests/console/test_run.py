"""The page of one run."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Locator, Page, expect

from tests.console.axe import violations_in_both_themes
from tests.console.browser import Complaints
from tests.end_to_end.client import Client
from tests.support.service import Service


def fact(page: Page, name: str) -> Locator:
    """What the head says of a run under a name."""
    term = page.get_by_role("term").filter(has_text=re.compile(f"^{name}$"))
    return page.locator("dl > div").filter(has=term).get_by_role("definition")


def status(page: Page) -> Locator:
    return page.get_by_role("status", name="Status")


async def test_a_run_tells_who_began_it_where_and_when(page: Page, client: Client) -> None:
    run = await client.begin(
        agent={"name": "head-of-a-run"},
        trigger={"source": "SCHEDULE", "name": "every night", "url": "https://ci.test/7"},
        labels=[{"name": "team", "value": "data"}],
        startedAt="2026-01-02T03:04:05Z",
    )
    await page.goto(f"/runs/{run}")

    heading = page.get_by_role("heading", level=1)
    await expect(heading.get_by_role("link", name="head-of-a-run")).to_have_attribute(
        "href", "/runs?agent=head-of-a-run"
    )
    await expect(fact(page, "Trigger")).to_contain_text("Schedule every night")
    link = fact(page, "Trigger").get_by_role("link", name="new tab")
    await expect(link).to_have_attribute("href", "https://ci.test/7")
    await expect(fact(page, "Cluster")).to_have_text("eu-1")
    started = fact(page, "Started").get_by_role("time")
    await expect(started).to_have_attribute("title", re.compile("2026-01-02 03:04:05.000000 UTC"))
    await expect(page.get_by_role("link", name="team=data")).to_be_visible()
    await expect(page).to_have_title("head-of-a-run · Running · Agent Runs")


async def test_the_trigger_is_no_link_where_its_address_is_none_of_the_web(
    page: Page, client: Client
) -> None:
    run = await client.begin(trigger={"source": "WEBHOOK", "name": "push", "externalId": "no-url"})
    await page.goto(f"/runs/{run}")
    await expect(fact(page, "Trigger")).to_contain_text("no-url")
    await expect(fact(page, "Trigger").get_by_role("link")).to_have_count(1)


async def test_a_failed_run_says_why_and_leads_to_the_step(page: Page, client: Client) -> None:
    run = await client.begin(agent={"name": "failing"})
    step = {"key": "load/orders", "name": "Load the orders", "status": "RUNNING"}
    await client.tell("updateSteps", runId=run, steps=[step])
    error = {
        "message": "\x1b[31mKeyError\x1b[0m: 'id'\n  in row 17",
        "details": "Traceback: etl.py, line 3",
        "stepKey": "load/orders",
    }
    await client.tell("failRun", runId=run, error=error)
    await page.goto(f"/runs/{run}")

    panel = page.get_by_role("region", name="Error")
    await expect(panel.get_by_role("heading", name="Agent error")).to_be_visible()
    await expect(panel.get_by_text("KeyError: 'id'\n in row 17")).to_be_visible()
    await expect(panel.get_by_text("line 3")).to_be_hidden()
    await panel.get_by_text("Details").click()
    await expect(panel.get_by_text("line 3")).to_be_visible()
    await expect(panel.get_by_role("link", name="its log lines")).to_have_attribute(
        "href", f"/runs/{run}/logs?step=load%2Forders"
    )
    await panel.get_by_role("link", name="Load the orders").click()
    await expect(page).to_have_url(re.compile(r"/steps\?step=load%2Forders$"))
    detail = page.get_by_role("region", name="Step Load the orders")
    await expect(detail).to_contain_text("Failed")


async def test_a_page_follows_its_run_over_a_restart_of_the_service(
    page: Page, client: Client, service: Service, complaints: Complaints
) -> None:
    complaints.expect("WebSocket connection", "Failed to load resource")
    run = await client.begin(agent={"name": "live"})
    await page.goto(f"/runs/{run}/attempts")
    await expect(page.get_by_text("One attempt so far")).to_be_visible()

    soon = (datetime.now(UTC) + timedelta(minutes=5)).isoformat()
    retry = {"runId": run, "reason": "connection refused", "nextAttemptAt": soon}
    await client.tell("scheduleRetry", **retry)
    await expect(status(page)).to_have_text("Retrying")
    await expect(fact(page, "Attempt")).to_contain_text(re.compile(r"1\s*next in 4 min \d+ s"))
    await expect(page.get_by_role("row", name="connection refused")).to_be_visible()
    await expect(page.get_by_role("row", name="begins in 4 min")).to_be_visible()

    service.stop()
    await expect(page.get_by_text("The connection is lost")).to_be_visible()
    service.start()
    await client.tell("startAttempt", runId=run, number=2)
    await client.tell("completeRun", runId=run, attempt=2)
    await expect(page.get_by_text("The connection is lost")).to_be_hidden()
    await expect(status(page)).to_have_text("Completed")
    await expect(fact(page, "Attempt")).to_have_text("2")
    await expect(fact(page, "Completed").get_by_role("time")).to_be_visible()
    await expect(page.get_by_role("button", name="Cancel")).to_be_hidden()


async def test_a_run_is_asked_to_stop_with_a_reason_that_all_read(
    page: Page, client: Client
) -> None:
    run = await client.begin(agent={"name": "to-cancel"})
    await page.goto(f"/runs/{run}")
    await page.get_by_role("button", name="Cancel").click()
    dialog = page.get_by_role("dialog", name="Cancel this run?")
    await dialog.get_by_label("Reason").fill("the wrong branch")
    await dialog.get_by_role("button", name="Cancel the run").click()

    await expect(dialog).to_be_hidden()
    await expect(page.get_by_text("Cancellation is asked for by local")).to_contain_text(
        "the wrong branch"
    )
    await expect(page.get_by_role("button", name="Cancel")).to_be_hidden()
    await client.tell("confirmCancel", runId=run)
    await expect(status(page)).to_have_text("Cancelled")


async def test_an_active_run_is_deleted_with_a_warning_and_restored(
    page: Page, client: Client
) -> None:
    run = await client.begin(agent={"name": "to-delete"})
    await page.goto(f"/runs/{run}")
    await page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete this run?")
    await expect(dialog.get_by_text("It is still active.")).to_be_visible()
    await dialog.get_by_role("button", name="Delete the active run").click()

    await expect(page).to_have_url(re.compile("/runs$"))
    await page.get_by_role("button", name="Undo").click()
    await page.get_by_role("button", name="Open it").click()
    await expect(page.get_by_role("heading", name="to-delete")).to_be_visible()


async def test_a_run_that_others_delete_is_gone_from_the_page_and_back_once_restored(
    page: Page, client: Client
) -> None:
    run = await client.begin(agent={"name": "deleted-meanwhile"})
    await client.tell("completeRun", runId=run)
    await page.goto(f"/runs/{run}")
    await expect(page.get_by_role("heading", name="deleted-meanwhile")).to_be_visible()
    await client.tell("deleteRuns", ids=[run])
    await expect(page.get_by_text("This run was deleted")).to_be_visible()
    await expect(page.get_by_role("link", name="All runs")).to_be_visible()
    await client.tell("restoreRuns", ids=[run])
    await expect(page.get_by_role("heading", name="deleted-meanwhile")).to_be_visible()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("run_01900000-0000-7000-8000-000000000000", "There is no run at this address"),
        ("run_nonsense", "id: expected"),
    ],
)
async def test_an_address_of_no_run_says_so_and_leads_back(
    page: Page, address: str, said: str
) -> None:
    await page.goto(f"/runs/{address}")
    await expect(page.get_by_text(said)).to_be_visible()
    await page.get_by_role("link", name="All runs").click()
    await expect(page).to_have_url(re.compile("/runs$"))


async def test_inputs_are_shown_and_copied_as_they_were_told(
    page: Page, client: Client, service: Service
) -> None:
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=service.url)
    inputs = {"10": 12345678901234567890, "2": "x" * 1_000, "nested": {"deep": [True, None]}}
    run = await client.begin(inputs=inputs)
    await page.goto(f"/runs/{run}/attempts")
    await page.get_by_text("Inputs", exact=True).click()

    tree = page.get_by_role("treegrid", name="inputs")
    rows = tree.get_by_role("row")
    exact = tree.get_by_role("gridcell", name="10: 12345678901234567890")
    await expect(exact).to_be_visible()
    await expect(rows.nth(2)).to_contain_text("All 1,000 characters")
    await rows.nth(2).get_by_role("button", name="All 1,000 characters").click()
    await expect(rows.nth(2)).to_contain_text("x" * 1_000)

    await page.keyboard.press("w")
    await expect(rows).to_have_count(1)
    await page.keyboard.press("e")
    await expect(rows).to_have_count(7)

    await rows.nth(5).hover()
    await rows.nth(5).get_by_role("button", name="Copy the path").click()
    assert await copied(page) == "$.nested.deep[0]"
    await page.get_by_role("button", name="Copy all inputs").click()
    text = await copied(page)
    assert text.index('"10": 12345678901234567890,') < text.index('"2": "xxx')


async def copied(page: Page) -> str:
    await expect(page.get_by_role("button", name="Copied").last).to_be_visible()
    text: str = await page.evaluate("navigator.clipboard.readText()")
    return text


async def test_a_mebibyte_of_inputs_is_walked_by_keys(page: Page, client: Client) -> None:
    items = [{"id": number, "text": "some words"} for number in range(20_000)]
    run = await client.begin(inputs={"items": items})
    await page.goto(f"/runs/{run}/attempts")
    await page.get_by_text("Inputs", exact=True).click()
    tree = page.get_by_role("treegrid", name="inputs")
    await tree.focus()
    for key in ("ArrowDown", "ArrowRight", "End"):
        await page.keyboard.press(key)
    await expect(tree.get_by_role("row", name="19999")).to_be_visible()


async def test_axe_finds_nothing_serious_in_either_theme(page: Page, client: Client) -> None:
    run = await client.begin(agent={"name": "fit-for-all"}, inputs={"a": {"b": ["c", 1, None]}})
    await client.tell("cancelRuns", ids=[run])
    await client.tell("failRun", runId=run, error={"message": "it broke", "details": "there"})
    await page.goto(f"/runs/{run}/attempts")
    await page.get_by_text("Inputs", exact=True).click()
    await expect(page.get_by_role("treegrid", name="inputs")).to_be_visible()
    assert await violations_in_both_themes(page) == []
    await page.get_by_role("button", name="Delete").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    assert await violations_in_both_themes(page) == []


async def test_a_dialog_that_is_opened_again_knows_nothing_of_its_last_failure(
    page: Page, client: Client, complaints: Complaints
) -> None:
    complaints.expect("ERR_FAILED")
    run = await client.begin(agent={"name": "kept"})
    await page.goto(f"/runs/{run}/attempts")
    await page.get_by_role("button", name="Delete …").click()
    await page.route("**/graphql", lambda route: route.abort())
    dialog = page.get_by_role("dialog", name="Delete this run?")
    await dialog.get_by_role("button", name="Delete the active run").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("could not be reached")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Delete …").click()
    await expect(dialog.get_by_role("button", name="Delete the active run")).to_be_enabled()
    await expect(dialog.get_by_role("alert")).to_have_count(0)
