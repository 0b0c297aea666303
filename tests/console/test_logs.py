"""The Logs tab: lines as they are written, of a log of any length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.console.browser import Complaints
from tests.end_to_end.client import Client
from tests.support.service import Service

#: Lines of one call.
CALL = 1_000


async def append(client: Client, run: str, lines: Sequence[dict[str, Any]], offset: int = 0) -> int:
    """Tell lines in as few calls as it takes; the next offset."""
    for start in range(0, len(lines), CALL):
        some = lines[start : start + CALL]
        await client.tell("appendLogs", runId=run, offset=offset + start, lines=some)
    return offset + len(lines)


def numbered(first: int, last: int) -> list[dict[str, Any]]:
    return [{"message": f"message {number}"} for number in range(first, last + 1)]


async def run_with(client: Client, lines: Sequence[dict[str, Any]]) -> str:
    """A completed run with these lines."""
    run = await client.begin()
    await append(client, run, lines)
    await complete(client, run)
    return run


async def complete(client: Client, run: str) -> None:
    await client.tell("completeRun", "run { status }", runId=run)


def log(page: Page) -> Locator:
    return page.get_by_role("region", name="Log", exact=True)


def rows(page: Page) -> Locator:
    return log(page).get_by_role("listitem")


def row(page: Page, text: str) -> Locator:
    return rows(page).get_by_text(text, exact=True)


def status(page: Page) -> Locator:
    return page.get_by_role("region", name="About the log")


async def drawn(page: Page) -> list[str]:
    """The messages of all rows that are drawn, by their place."""
    script = """list => [...list.querySelectorAll('li')]
        .sort((one, other) => one.ariaPosInSet - other.ariaPosInSet)
        .map(row => row.innerText.replace(/^\\d+\\s*/, ''))"""
    messages: list[str] = await log(page).locator("ol").evaluate(script)
    return messages


async def test_lines_that_are_there_and_new_ones_come_once_and_in_order_over_a_restart(
    page: Page, client: Client, service: Service, complaints: Complaints
) -> None:
    complaints.expect("WebSocket connection", "ERR_CONNECTION_REFUSED")
    run = await client.begin()
    offset = await append(client, run, numbered(1, 5))
    await page.goto(f"/runs/{run}/logs")
    await expect(row(page, "message 5")).to_be_visible()
    offset = await append(client, run, numbered(6, 8), offset)
    await expect(row(page, "message 8")).to_be_visible()

    service.stop()
    await expect(page.get_by_text("The connection is lost")).to_be_visible()
    service.start()
    offset = await append(client, run, numbered(9, 12), offset)
    await expect(row(page, "message 12")).to_be_visible()
    await expect(page.get_by_text("The connection is lost")).to_have_count(0)
    assert await drawn(page) == [f"message {number}" for number in range(1, 13)]

    await expect(log(page)).to_contain_text("New lines appear here.")
    await complete(client, run)
    await expect(log(page)).to_contain_text("End of log · 12 lines · run completed")


async def test_it_follows_until_somebody_scrolls_up_and_again_at_the_end(
    page: Page, client: Client
) -> None:
    run = await client.begin()
    offset = await append(client, run, numbered(1, 300))
    await page.goto(f"/runs/{run}/logs")
    await expect(row(page, "message 300")).to_be_in_viewport()
    offset = await append(client, run, numbered(301, 400), offset)
    await expect(row(page, "message 400")).to_be_in_viewport()

    await log(page).hover()
    await page.mouse.wheel(0, -400)
    await expect(page.get_by_role("button", name="Jump to end")).to_be_visible()
    before = await row(page, "message 370").bounding_box()
    offset = await append(client, run, numbered(401, 500), offset)
    await expect(page.get_by_role("button", name="100 new lines")).to_be_visible()
    assert await row(page, "message 370").bounding_box() == before

    await page.get_by_role("button", name="100 new lines").click()
    await expect(row(page, "message 500")).to_be_in_viewport()
    offset = await append(client, run, numbered(501, 520), offset)
    await expect(row(page, "message 520")).to_be_in_viewport()

    await log(page).hover()
    await page.mouse.wheel(0, -400)
    await expect(page.get_by_role("button", name="Jump to end")).to_be_visible()
    await page.mouse.wheel(0, 2_000)
    await expect(page.get_by_role("button", name="Jump to end")).to_have_count(0)
    await append(client, run, numbered(521, 540), offset)
    await expect(row(page, "message 540")).to_be_in_viewport()


async def test_an_address_of_a_line_opens_a_long_log_there(page: Page, client: Client) -> None:
    run = await run_with(client, numbered(1, 20_000))
    await page.goto(f"/runs/{run}/logs#L12345")
    await expect(row(page, "message 12345")).to_be_in_viewport()
    await expect(rows(page).filter(has_text="message 12345")).to_have_attribute(
        "aria-current", "true"
    )
    await expect(row(page, "message 1")).to_have_count(0)

    await log(page).get_by_role("link", name="Line 12347").click(modifiers=["Shift"])
    await expect(page).to_have_url(f"/runs/{run}/logs#L12345-L12347")
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.get_by_role("button", name="Copy 3 lines").click()
    await expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert copied == "message 12345\nmessage 12346\nmessage 12347"

    await page.get_by_role("button", name="Jump to end").click()
    await expect(row(page, "message 20000")).to_be_in_viewport()
    await expect(log(page)).to_contain_text("End of log · 20,000 lines")
    await log(page).press("Home")
    await expect(row(page, "message 1")).to_be_in_viewport()


async def test_a_search_finds_lines_of_the_whole_log_and_shows_them_among_their_neighbours(
    page: Page, client: Client
) -> None:
    lines = numbered(1, 5_000)
    for number in (100, 2_500, 4_900):
        lines[number - 1] = {"message": f"The NEEDLE. of {number}"}
    run = await run_with(client, lines)
    await page.goto(f"/runs/{run}/logs")
    await expect(row(page, "message 1")).to_be_visible()
    await page.keyboard.press("/")
    await page.keyboard.type("needle.")
    await expect(rows(page)).to_have_count(3)
    await expect(page.locator("mark")).to_have_text(["NEEDLE."] * 3)
    await expect(status(page)).to_contain_text("3 lines match · 4,997 of 5,000 lines hidden")

    await log(page).get_by_role("link", name="Line 2500").click()
    await expect(row(page, "message 2499")).to_be_in_viewport()
    await expect(page).to_have_url(f"/runs/{run}/logs?q=needle.&only=0#L2500")
    await page.keyboard.press("n")
    await expect(row(page, "message 4901")).to_be_in_viewport()
    await page.keyboard.press("Shift+N")
    await page.keyboard.press("Shift+N")
    await expect(row(page, "message 101")).to_be_in_viewport()


async def test_a_filter_that_hides_every_line_says_so(page: Page, client: Client) -> None:
    lines = [{"message": "fine"}, {"message": "hm", "stream": "STDERR"}]
    run = await run_with(client, lines)
    await page.goto(f"/runs/{run}/logs?stream=STDERR")
    await expect(rows(page)).to_have_count(1)
    await page.get_by_label("Level").select_option("Warning and above")
    await expect(page.get_by_text("No line at warning or above, on STDERR")).to_be_visible()
    await expect(page.get_by_text("2 lines are hidden")).to_be_visible()
    await expect(page).to_have_url(f"/runs/{run}/logs?level=WARNING&stream=STDERR")
    await page.go_back()
    await expect(rows(page)).to_have_count(1)
    await page.go_forward()
    await page.get_by_role("button", name="Show all lines").first.click()
    await expect(rows(page)).to_have_count(2)


async def test_lines_that_match_a_filter_are_followed_too(page: Page, client: Client) -> None:
    run = await client.begin()
    offset = await append(client, run, [{"message": "one", "level": "ERROR"}, {"message": "no"}])
    await page.goto(f"/runs/{run}/logs?level=ERROR")
    await expect(row(page, "one")).to_be_visible()
    more = [{"message": "another", "level": "ERROR"}, {"message": "not this"}]
    await append(client, run, more, offset)
    await expect(row(page, "another")).to_be_visible()
    await expect(rows(page)).to_have_count(2)
    await complete(client, run)
    await expect(log(page)).to_contain_text("End of log · 4 lines · run completed")
    await expect(status(page)).to_contain_text("2 lines match · 2 of 4 lines hidden")


async def test_groups_fold_also_where_their_end_is_far_away(page: Page, client: Client) -> None:
    inner = [{"message": "::group::Inner"}, *numbered(1, 3_000), {"message": "::endgroup::"}]
    lines = [{"message": "::group::Outer"}, *inner, {"message": "::endgroup::"}]
    run = await run_with(client, [*lines, {"message": "behind it"}])
    await page.goto(f"/runs/{run}/logs")
    await page.get_by_role("button", name="Outer", expanded=True).click()
    await expect(row(page, "behind it")).to_be_visible()
    await expect(rows(page)).to_have_count(2)
    await expect(log(page).get_by_role("link")).to_have_text(["1", "3005"])

    await page.keyboard.press("e")
    await expect(row(page, "message 1")).to_be_visible()
    await page.keyboard.press("w")
    await expect(rows(page)).to_have_count(2)
    await page.get_by_role("button", name="Outer", expanded=False).click()
    await expect(page.get_by_role("button", name="Inner", expanded=False)).to_be_visible()
    await expect(rows(page)).to_have_count(4)


async def test_a_download_has_the_lines_that_are_shown(page: Page, client: Client) -> None:
    run = await run_with(client, [{"message": "fine"}, {"message": "broken", "level": "ERROR"}])
    await page.goto(f"/runs/{run}/logs?level=ERROR&q=brok")
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Download these lines").click()
    assert (await (await download.value).path()).read_text() == "broken\n"
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Download all").click()
    assert (await (await download.value).path()).read_text() == "fine\nbroken\n"


async def test_colours_line_feeds_and_long_lines_are_shown_and_their_text_is_whole(
    page: Page, client: Client
) -> None:
    message = "\x1b[31mred\x1b[0m and\nbelow"
    run = await run_with(client, [{"message": message}, {"message": "x" * 3_000 + " end"}])
    await page.goto(f"/runs/{run}/logs?wrap=0")
    red = log(page).get_by_text("red", exact=True)
    await expect(red).not_to_have_css(
        "color", await log(page).evaluate("e => getComputedStyle(e).color")
    )
    height = "row => row.offsetHeight"
    assert await rows(page).first.evaluate(height) == await rows(page).last.evaluate(height)
    await page.get_by_role("button", name="Wrap long lines").click()
    await expect(rows(page).first).to_have_css("height", "34px")
    await page.get_by_role("button", name="show all 3,004 characters").click()
    await expect(rows(page).last).to_contain_text("x end")


async def test_a_run_that_is_deleted_while_it_is_followed_says_so(
    page: Page, client: Client
) -> None:
    run = await client.begin()
    await page.goto(f"/runs/{run}/logs")
    await expect(page.get_by_text("No line yet")).to_be_visible()
    await append(client, run, numbered(1, 2))
    await expect(row(page, "message 2")).to_be_visible()
    await client.tell("deleteRuns", "deletedRunIds", ids=[run], force=True)
    await expect(page.get_by_text("This run was deleted")).to_be_visible()


async def test_escapes_are_searched_for_as_they_stand(page: Page, client: Client) -> None:
    run = await client.begin()
    await client.append(run, 0, "GET /a%20b", "GET /a b")
    await page.goto(f"/runs/{run}/logs")
    await page.get_by_role("searchbox", name="Search all lines").fill("a%20b")
    lines = page.get_by_role("region", name="Log", exact=True).get_by_role("listitem")
    await expect(lines).to_have_count(1)
    await expect(lines).to_contain_text("GET /a%20b")
    await page.reload()
    await expect(page.get_by_role("searchbox", name="Search all lines")).to_have_value("a%20b")
