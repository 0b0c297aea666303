"""The Steps tab: what a workflow did, as a tree and along its time."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.console.axe import violations_in_both_themes
from tests.console.browser import PHONE, Complaints
from tests.end_to_end.client import Client
from tests.support.service import Service

START = "2026-01-02T03:00:00Z"
#: An output that JavaScript's own numbers cannot hold.
OUTPUT = {"rows": 98765432109876543210}


def at(minute: int, second: int = 0) -> str:
    return f"2026-01-02T03:{minute:02}:{second:02}Z"


def step(key: str, status: str, minute: int, **told: Any) -> dict[str, Any]:
    return {"key": key, "status": status, "at": at(minute), **told}


def rows(page: Page) -> Locator:
    """Without the row of headers."""
    return page.get_by_role("treegrid", name="steps").locator("[role=row][aria-level]")


def row(page: Page, name: str) -> Locator:
    return rows(page).filter(has=page.get_by_text(name, exact=True))


def detail(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=f"Step {name}")


async def workflow(client: Client) -> str:
    """One that loads and fails: `load` with two parts, one of which failed; `publish` never ran."""
    run = await client.begin(agent={"name": "workflow"}, startedAt=START)
    steps = [
        step("load", "RUNNING", 0),
        step("load/a", "RUNNING", 1, parentKey="load", name="Orders"),
        step("load/b", "RUNNING", 1, parentKey="load", name="Customers"),
        {"key": "publish"},
    ]
    await client.tell("updateSteps", runId=run, steps=steps)
    line = {"message": "\x1b[31mno such table\x1b[0m", "stepKey": "load/b"}
    await client.tell("appendLogs", runId=run, offset=0, lines=[line])
    ends = [
        step("load/a", "COMPLETED", 4, output=OUTPUT),
        step("load/b", "FAILED", 3, errorMessage="no such table: customers"),
    ]
    await client.tell("updateSteps", runId=run, steps=ends)
    error = {"message": "no such table", "stepKey": "load/b"}
    await client.tell("failRun", runId=run, error=error, completedAt=at(5))
    return run


async def test_steps_stand_below_their_step_with_their_times_in_words_and_bars(
    page: Page, client: Client
) -> None:
    run = await workflow(client)
    await page.goto(f"/runs/{run}")
    await page.get_by_role("link", name="Steps 4").click()

    await expect(rows(page)).to_have_count(4)
    levels = [await each.get_attribute("aria-level") for each in await rows(page).all()]
    assert levels == ["1", "2", "2", "1"]
    orders = row(page, "Orders")
    await expect(orders).to_contain_text("Completed")
    await expect(orders).to_contain_text("after 1 min, for 3 min, completed")
    await expect(row(page, "publish")).to_contain_text("Skipped")

    bar, track = orders.locator("[data-status][style]"), orders.get_by_role("gridcell").last
    bar_box, track_box = await bar.bounding_box(), await track.bounding_box()
    assert bar_box
    assert track_box
    assert (bar_box["x"] - track_box["x"]) / track_box["width"] == pytest.approx(0.2, abs=0.01)
    assert bar_box["width"] / track_box["width"] == pytest.approx(0.6, abs=0.01)


async def test_a_step_shows_its_error_its_output_and_its_lines_and_stands_in_the_address(
    page: Page, client: Client
) -> None:
    run = await workflow(client)
    await page.goto(f"/runs/{run}/steps")
    await row(page, "Customers").click()
    await expect(page).to_have_url(re.compile(r"\?step=load%2Fb$"))
    customers = detail(page, "Customers")
    await expect(customers).to_contain_text("no such table: customers")
    await expect(customers.get_by_role("listitem")).to_have_text("1no such table")
    await expect(customers.get_by_role("link", name="All its lines")).to_have_attribute(
        "href", f"/runs/{run}/logs?step=load%2Fb"
    )

    await page.keyboard.press("k")
    output = detail(page, "Orders").get_by_role("treegrid", name="output")
    await expect(output).to_contain_text("98765432109876543210")
    await page.reload()
    await expect(output).to_contain_text("98765432109876543210")
    await page.keyboard.press("Escape")
    await expect(detail(page, "Orders")).to_be_hidden()
    await expect(page).to_have_url(re.compile(r"/steps$"))


async def test_the_tree_is_walked_opened_and_closed_by_keys(page: Page, client: Client) -> None:
    run = await workflow(client)
    await page.goto(f"/runs/{run}/steps")
    await expect(rows(page)).to_have_count(4)
    await page.keyboard.press("w")
    await expect(rows(page)).to_have_count(2)
    await page.get_by_role("treegrid", name="steps").focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "Enter"):
        await page.keyboard.press(key)
    await expect(detail(page, "Customers")).to_be_visible()
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("ArrowLeft")
    await expect(row(page, "load")).to_have_attribute("aria-expanded", "false")


async def test_steps_move_while_they_are_looked_at_over_a_restart_of_the_service(
    page: Page, client: Client, service: Service, complaints: Complaints
) -> None:
    complaints.expect("WebSocket connection", "Failed to load resource")
    run = await client.begin(agent={"name": "moving"})
    await page.goto(f"/runs/{run}/steps")
    await expect(page.get_by_text("No step was told of yet")).to_be_visible()

    steps = [{"key": "first", "status": "RUNNING"}, {"key": "second"}]
    await client.tell("updateSteps", runId=run, steps=steps)
    await expect(row(page, "first")).to_contain_text("Running")
    await expect(row(page, "second")).to_contain_text("Pending")
    await expect(page.get_by_role("link", name="Steps 2")).to_be_visible()
    bar = row(page, "first").locator("[data-status][style]")
    await expect(row(page, "first")).to_contain_text(re.compile(r"for [1-9] s so far"))
    await expect(bar).to_have_count(1)

    service.stop()
    await expect(page.get_by_text("The connection is lost")).to_be_visible()
    service.start()
    retry = {"runId": run, "reason": "connection refused"}
    await client.tell("scheduleRetry", **retry)
    await client.tell("startAttempt", runId=run, number=2)
    again = [{"key": "first", "status": "RUNNING"}]
    await client.tell("updateSteps", runId=run, attempt=2, steps=again)
    await client.tell("completeRun", runId=run, attempt=2)
    await expect(row(page, "first")).to_contain_text("Completed")
    times = re.compile("Attempt 1: [^;]* broken off; Attempt 2: [^;]* completed$")
    await expect(row(page, "first").get_by_role("gridcell").last).to_have_text(times)
    await expect(bar).to_have_count(2)


async def test_the_last_lines_of_a_step_follow_it(page: Page, client: Client) -> None:
    run = await client.begin()
    await client.tell("updateSteps", runId=run, steps=[{"key": "talk", "status": "RUNNING"}])
    await page.goto(f"/runs/{run}/steps?step=talk")
    await expect(detail(page, "talk")).to_contain_text("It has said nothing.")
    lines = [{"message": f"line {number}", "stepKey": "talk"} for number in range(60)]
    await client.tell("appendLogs", runId=run, offset=0, lines=lines)
    await expect(detail(page, "talk").get_by_role("listitem")).to_have_count(50)
    await expect(detail(page, "talk").get_by_role("listitem").last).to_have_text("60line 59")


async def test_a_run_without_steps_leads_to_its_log(page: Page, client: Client) -> None:
    run = await client.begin(agent={"name": "task"})
    await client.tell("completeRun", runId=run)
    await page.goto(f"/runs/{run}/steps")
    await expect(page.get_by_text("It ran without steps")).to_be_visible()
    await expect(page.get_by_role("link", name="Its log")).to_have_attribute(
        "href", f"/runs/{run}/logs"
    )


async def test_of_a_thousand_steps_those_in_view_are_drawn_and_a_link_shows_its_own(
    page: Page, client: Client
) -> None:
    run = await client.begin(agent={"name": "wide"})
    steps = [{"key": f"s{number}", "status": "COMPLETED"} for number in range(1_000)]
    await client.tell("updateSteps", runId=run, steps=steps)
    await page.goto(f"/runs/{run}/steps?step=s700")
    await expect(row(page, "s700")).to_be_in_viewport()
    await expect(page.get_by_role("treegrid", name="steps")).to_have_attribute(
        "aria-rowcount", "1001"
    )
    assert await rows(page).count() < 100


async def test_axe_finds_nothing_serious_in_either_theme(page: Page, client: Client) -> None:
    run = await workflow(client)
    await page.goto(f"/runs/{run}/steps?step=load%2Fa")
    output = detail(page, "Orders").get_by_role("treegrid", name="output")
    await expect(output).to_be_visible()
    assert await violations_in_both_themes(page) == []
    await page.set_viewport_size(PHONE)
    assert await violations_in_both_themes(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


async def test_a_step_is_chosen_by_any_key(page: Page, client: Client) -> None:
    run = await client.begin(steps=[{"key": "50%41 & more", "name": "Odd"}])
    await page.goto(f"/runs/{run}/steps")
    await page.get_by_role("treegrid", name="steps").get_by_text("Odd").click()
    await expect(page.get_by_role("region", name="Step Odd")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("region", name="Step Odd")).to_be_visible()
