"""The list of runs: found by an address, live, endless, and a place to clean up."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from live.hub import Hub
from models.database import database, migrate
from models.instants import format_instant
from resolvers.service import Service as Resolving
from resolvers.viewer import Role
from tests.console.axe import violations
from tests.console.browser import PHONE, Complaints, visiting
from tests.console.conftest import SETTINGS
from tests.end_to_end.client import Client, Json, client_of
from tests.graph.logins import token_of
from tests.support.engines import Engines
from tests.support.postgres import run_in_a_loop_of_its_own
from tests.support.service import Service

NIGHTLY: Json = {"source": "SCHEDULE", "name": "every night"}


def rows(page: Page) -> Locator:
    return page.get_by_role("table", name="Runs").locator("tbody").get_by_role("row")


def row_of(page: Page, agent: str) -> Locator:
    return rows(page).filter(has=page.get_by_role("link", name=agent, exact=True))


def tab(page: Page, status: str) -> Locator:
    group = page.get_by_role("group", name="Status")
    return group.get_by_role("button", name=re.compile(f"^{status}"))


def chips(page: Page) -> Locator:
    return page.get_by_role("list", name="Filters").get_by_role("listitem")


async def started(client: Client, cluster: str, agent: str, **told: object) -> str:
    return await client.begin(agent={"name": agent}, cluster=cluster, **told)


async def failed(client: Client, cluster: str, agent: str, message: str = "it broke") -> str:
    run = await started(client, cluster, agent)
    await client.tell("failRun", runId=run, error={"message": message}, logEnds=[])
    return run


async def completed(client: Client, cluster: str, agent: str, **told: object) -> str:
    run = await started(client, cluster, agent, **told)
    await client.tell("completeRun", runId=run, logEnds=[])
    return run


# ---------------------------------------------------------------- found


async def test_the_address_says_which_runs_are_shown_and_back_shows_those_before(
    page: Page, client: Client
) -> None:
    await failed(client, "address", "breaks", "\x1b[31mno space left\x1b[0m\n  on /data")
    await completed(client, "address", "works", trigger=NIGHTLY)
    await started(client, "address", "goes-on")

    await page.goto("/runs?cluster=address")
    await expect(rows(page)).to_have_count(3)
    await expect(rows(page).first).to_contain_text("goes-on")
    await expect(row_of(page, "breaks")).to_contain_text("no space left")
    await expect(row_of(page, "breaks")).not_to_contain_text("/data")
    await expect(tab(page, "Failed")).to_have_text("Failed 1")
    await expect(tab(page, "All")).to_have_text("All 3")

    await tab(page, "Failed").click()
    await expect(page).to_have_url(re.compile(r"\?cluster=address&status=FAILED$"))
    await expect(rows(page)).to_have_count(1)
    await tab(page, "Running").click()
    await expect(rows(page)).to_have_count(2)
    await page.get_by_role("searchbox", name="Search runs").fill("BREAKS")
    await expect(page).to_have_url(re.compile(r"status=FAILED&status=RUNNING&q=BREAKS$"))
    await expect(rows(page)).to_have_count(1)

    await page.go_back()
    await expect(page).to_have_url(re.compile(r"status=FAILED&status=RUNNING$"))
    await expect(rows(page)).to_have_count(2)
    await expect(page.get_by_role("searchbox", name="Search runs")).to_have_value("")
    await page.reload()
    await expect(rows(page)).to_have_count(2)


async def test_what_an_address_does_not_mean_is_said_and_nothing_matching_offers_a_way_out(
    page: Page, client: Client
) -> None:
    await started(client, "odd", "odd-one")
    await page.goto("/runs?status=BROKEN&cluster=nowhere&sort=duration")
    await expect(page.get_by_text("left out: status=BROKEN")).to_be_visible()
    await expect(page.get_by_text("No run matches")).to_be_visible()
    await page.get_by_role("region", name="Runs", exact=True).get_by_text("Clear all").click()
    await expect(page).to_have_url(re.compile(r"/runs\?sort=duration$"))
    await expect(rows(page).first).to_be_visible()


async def test_a_value_in_a_row_is_wanted_or_unwanted_by_one_press(
    page: Page, client: Client
) -> None:
    await started(client, "values", "by-schedule", trigger=NIGHTLY)
    await started(client, "values", "by-hand")
    await page.goto("/runs?cluster=values")

    await row_of(page, "by-schedule").get_by_role("button", name="Only trigger Schedule").click()
    await expect(page).to_have_url(re.compile(r"&trigger=SCHEDULE$"))
    await expect(rows(page)).to_have_count(1)
    chip = chips(page).filter(has_text="Trigger")
    await chip.get_by_role("button", name="leave these out instead").click()
    await expect(page).to_have_url(re.compile(r"&-trigger=SCHEDULE$"))
    await expect(row_of(page, "by-hand")).to_be_visible()
    await expect(rows(page)).to_have_count(1)
    await chip.get_by_role("button", name="Remove").click()
    await expect(rows(page)).to_have_count(2)

    row = row_of(page, "by-hand")
    await row.hover()
    await row.get_by_role("button", name="Without agent by-hand").click()
    await expect(page).to_have_url(re.compile(r"&-agent=by-hand$"))
    await expect(rows(page)).to_have_count(1)
    await chips(page).get_by_role("button", name="Clear all").click()
    await expect(page).to_have_url(re.compile(r"/runs$"))


async def test_filters_are_chosen_from_counted_values_and_dates(page: Page, client: Client) -> None:
    old = format_instant(datetime.now(UTC) - timedelta(days=3))
    await completed(client, "menus", "menu-old", startedAt=old)
    await completed(client, "menus", "menu-new", labels=[{"name": "team", "value": "data"}])
    await page.goto("/runs?cluster=menus")
    filters = page.get_by_role("group", name="Filters")

    await filters.get_by_role("button", name="Agent").click()
    menu = page.get_by_role("dialog", name="Filter by agent")
    await expect(menu.get_by_role("listitem")).to_have_text(["menu-new1", "menu-old1"])
    await menu.get_by_role("searchbox").fill("OLD")
    await menu.get_by_role("button", name="Without menu-old").click()
    await page.keyboard.press("Escape")
    await expect(page).to_have_url(re.compile("&-agent=menu-old$"))
    await expect(rows(page)).to_have_count(1)
    await chips(page).get_by_role("button", name="Remove: Agent").click()

    await filters.get_by_role("button", name="All time").click()
    await page.get_by_role("button", name="Past 24 hours").click()
    await expect(page).to_have_url(re.compile("&range=24h$"))
    await expect(row_of(page, "menu-new")).to_be_visible()
    await expect(rows(page)).to_have_count(1)

    await filters.get_by_role("button", name="Past 24 hours").click()
    await page.get_by_label("From").fill("2020-01-01T00:00")
    await page.get_by_role("button", name="Show these").click()
    # In the viewer's zone, which is Berlin's.
    await expect(page).to_have_url(re.compile("&from=2019-12-31T23:00:00Z$"))
    await expect(rows(page)).to_have_count(2)

    await filters.get_by_role("button", name="Label").click()
    await page.get_by_role("searchbox", name="Label to look for").fill("team=data")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("&label=team=data"))
    await expect(rows(page)).to_have_count(1)


async def test_a_stretch_drawn_over_the_chart_is_the_date_filter(
    page: Page, client: Client
) -> None:
    for hours in (30, 20, 10, 1):
        at = format_instant(datetime.now(UTC) - timedelta(hours=hours))
        await completed(client, "chart", f"{hours}-hours-ago", startedAt=at)
    await page.goto("/runs?cluster=chart")
    await expect(page.get_by_text(re.compile("Runs over time: 4 runs since"))).to_be_attached()
    box = await page.locator(".u-over").bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    await page.mouse.move(box["x"] + 2, middle)
    await page.mouse.down()
    await page.mouse.move(box["x"] + box["width"] / 2, middle, steps=4)
    await page.mouse.up()
    await expect(page).to_have_url(re.compile(r"&from=[-\d]+T[\d:]+Z&until=[-\d]+T[\d:]+Z$"))
    await expect(rows(page)).to_have_count(2)
    await expect(row_of(page, "30-hours-ago")).to_be_visible()


async def test_a_view_is_saved_found_again_and_deleted(page: Page, client: Client) -> None:
    await started(client, "views", "seen-by-a-view")
    await page.goto("/runs?cluster=views")
    await page.get_by_role("button", name="Views", exact=True).click()
    await page.get_by_label("Save this list as").fill("My cluster")
    await page.get_by_role("button", name="Save", exact=True).click()
    await page.get_by_role("link", name="Without schedules").click()
    await expect(page).to_have_url(re.compile(r"/runs\?-trigger=SCHEDULE$"))

    await page.reload()
    await page.get_by_role("button", name="Views", exact=True).click()
    await page.get_by_role("button", name="Rename My cluster").click()
    await page.get_by_label("Its new name").fill("Ours")
    await page.get_by_role("button", name="Rename", exact=True).click()
    await page.get_by_role("link", name="Ours", exact=True).click()
    await expect(page).to_have_url(re.compile(r"/runs\?cluster=views$"))
    await expect(rows(page)).to_have_count(1)

    await page.get_by_role("button", name="Views", exact=True).click()
    await page.get_by_role("button", name="Delete the view Ours").click()
    await expect(page.get_by_role("link", name="Ours", exact=True)).to_have_count(0)


# ---------------------------------------------------------------- live


async def test_rows_change_where_they_stand_and_new_runs_wait(page: Page, client: Client) -> None:
    first = await started(client, "live", "live-first")
    second = await started(client, "live", "live-second")
    await page.goto("/runs?cluster=live&-status=CANCELLED")
    await expect(rows(page)).to_have_count(2)
    await expect(tab(page, "Running")).to_have_text("Running 2")
    before = await row_of(page, "live-first").bounding_box()

    await failed(client, "live", "live-third")
    new = page.get_by_role("button", name="1 new run")
    await expect(new).to_be_visible()
    await client.tell("failRun", runId=first, error={"message": "no more"}, logEnds=[])
    await expect(row_of(page, "live-first")).to_contain_text("no more")
    await client.tell("cancelRuns", ids=[second])
    await client.tell("confirmCancel", runId=second, logEnds=[])
    await expect(row_of(page, "live-second")).to_contain_text("No longer matches")
    await client.tell("deleteRuns", ids=[first])
    await expect(row_of(page, "live-first")).to_contain_text("Deleted")
    assert await row_of(page, "live-first").bounding_box() == before

    await new.click()
    await expect(rows(page)).to_have_count(1)
    await expect(rows(page)).to_contain_text("live-third")
    await expect(tab(page, "Failed")).to_have_text("Failed 1")


async def test_the_list_makes_good_what_it_missed_while_the_service_was_away(
    page: Page, client: Client, service: Service, complaints: Complaints
) -> None:
    complaints.expect("ERR_CONNECTION_REFUSED", "WebSocket")
    run = await started(client, "away", "away-first")
    gone = await failed(client, "away", "away-gone")
    await page.goto("/runs?cluster=away")
    await expect(rows(page)).to_have_count(2)
    service.stop()
    await expect(page.get_by_text("The connection is lost")).to_be_visible()
    service.start()
    await client.tell("failRun", runId=run, error={"message": "unseen"}, logEnds=[])
    await client.tell("deleteRuns", ids=[gone])
    await started(client, "away", "away-new")

    await expect(row_of(page, "away-first")).to_contain_text("unseen")
    await expect(row_of(page, "away-gone")).to_contain_text("Deleted")
    await expect(page.get_by_role("button", name="1 new run")).to_be_visible()
    await expect(rows(page)).to_have_count(2)


async def test_a_list_that_could_not_be_read_comes_by_itself_with_the_service(
    page: Page, client: Client, service: Service, complaints: Complaints
) -> None:
    complaints.expect("ERR_CONNECTION_REFUSED", "WebSocket")
    await failed(client, "back", "back-failed")
    await started(client, "back", "back-running")
    await page.goto("/runs?cluster=back")
    await expect(rows(page)).to_have_count(2)
    service.stop()
    await tab(page, "Failed").click()
    await expect(page.get_by_text("Could not load the runs")).to_be_visible()
    service.start()
    await expect(rows(page)).to_have_count(1)


async def test_hundreds_of_runs_come_by_scrolling_each_once_and_stay_after_back(
    page: Page, client: Client
) -> None:
    now = datetime.now(UTC)
    await asyncio.gather(
        *(
            started(
                client,
                "endless",
                f"endless-{number:03}",
                startedAt=format_instant(now - timedelta(minutes=number)),
            )
            for number in range(210)
        )
    )
    await page.goto("/runs?cluster=endless")
    await expect(rows(page).first).to_be_visible()
    seen: list[str] = []
    while len(seen) < 210:
        names = await rows(page).locator("a[data-run]").all_inner_texts()
        seen += [name for name in names if name not in seen]
        await page.mouse.wheel(0, 800)
        await expect(rows(page).filter(has_text=seen[-1])).to_be_attached()
    assert seen == [f"endless-{number:03}" for number in range(210)]
    assert await rows(page).count() < 60, "rows that are out of view are drawn"
    await expect(page.get_by_text("210 runs, and no more")).to_be_attached()

    at = await page.evaluate("scrollY")
    await row_of(page, "endless-205").get_by_role("link", name="endless-205").click()
    await expect(page.get_by_role("heading", name="endless-205")).to_be_visible()
    await page.go_back()
    await expect(row_of(page, "endless-205")).to_be_in_viewport()
    assert await page.evaluate("scrollY") == at


# ---------------------------------------------------------------- done to many


async def test_all_that_match_are_deleted_by_their_number_and_restored(
    page: Page, client: Client
) -> None:
    await asyncio.gather(*(failed(client, "many", f"many-{number}") for number in range(102)))
    await started(client, "many", "many-active")
    await page.goto("/runs?cluster=many")
    await page.get_by_role("checkbox", name="Select all that are loaded").check()
    await expect(page.get_by_text("100 selected")).to_be_visible()
    await page.get_by_role("button", name="Select all 103 that match").click()
    await expect(page.get_by_text("All 103 that match are selected")).to_be_visible()
    await page.get_by_role("button", name="Delete …").click()
    dialog = page.get_by_role("dialog", name="Delete runs")
    await expect(dialog).to_contain_text("Also the one that is still under way; otherwise it stays")
    # Another one ends meanwhile: nothing is deleted that nobody was told of.
    active = await client.data(
        '{ runs(filter: {clusterNames: ["many"], statuses: [RUNNING]}) { nodes { id } } }'
    )
    [run] = active["runs"]["nodes"]
    await client.tell("completeRun", runId=run["id"], logEnds=[])
    await dialog.get_by_role("button", name="Delete 102 runs").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("nothing was deleted")
    await dialog.get_by_role("button", name="Delete 103 runs").click()
    await expect(rows(page).first).to_contain_text("Deleted")
    await expect(tab(page, "All")).to_have_text("All 0")
    await expect(page.get_by_text("103 runs deleted")).to_be_visible()

    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_text("103 runs restored")).to_be_visible()
    await expect(rows(page).first).not_to_contain_text("Deleted")
    await expect(tab(page, "All")).to_have_text("All 103")


async def test_all_that_match_one_filter_are_not_all_that_match_the_next(
    page: Page, client: Client
) -> None:
    for agent in ("next-a", "next-b"):
        await failed(client, "next", agent)
    await started(client, "next", "next-c")
    await page.goto("/runs?cluster=next&status=FAILED")
    await row_of(page, "next-a").get_by_role("checkbox").check()
    await page.get_by_role("button", name="Select all 2 that match").click()
    await expect(page.get_by_text("All 2 that match are selected")).to_be_visible()
    await tab(page, "All").click()
    await expect(rows(page)).to_have_count(3)
    await expect(page.get_by_role("checkbox", checked=True)).to_have_count(0)
    await expect(page.get_by_role("button", name="Delete …")).to_have_count(0)


async def test_a_range_of_runs_is_selected_by_keys_and_asked_to_stop(
    page: Page, client: Client
) -> None:
    for number in range(4):
        await started(client, "keys", f"keys-{number}")
    await page.goto("/runs?cluster=keys")
    await expect(rows(page)).to_have_count(4)
    await page.keyboard.press("j")
    await page.keyboard.press("x")
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await expect(row_of(page, "keys-1").get_by_role("link", name="keys-1")).to_be_focused()
    await row_of(page, "keys-1").get_by_role("checkbox").click(modifiers=["Shift"])
    await expect(page.get_by_text("3 selected")).to_be_visible()

    await page.get_by_role("button", name="Cancel 3 runs").click()
    await page.get_by_role("dialog").get_by_role("button", name="Cancel 3 runs").click()
    await expect(page.get_by_text("3 runs asked to stop")).to_be_visible()
    await expect(rows(page).filter(has_text="Asked to stop")).to_have_count(3)
    await page.keyboard.press("/")
    await expect(page.get_by_role("searchbox", name="Search runs")).to_be_focused()
    await page.keyboard.press("Escape")
    await page.keyboard.press("f")
    await expect(page.get_by_role("dialog", name="Filter by status")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("keys-")


# ---------------------------------------------------------------- for all


@dataclass(frozen=True)
class Guarded:
    """A service that asks who it is."""

    service: Service
    #: Of somebody who may only look.
    viewer: str
    reporter: str


@pytest.fixture
def guarded(engines: Engines, tmp_path: Path) -> Iterator[Guarded]:
    url = engines.sqlite_database(migrate, tmp_path / "agent-runs.sqlite3")

    async def made() -> tuple[str, str]:
        async with database(url):
            resolving = Resolving(hub=Hub())
            viewer = await token_of(resolving, Role.VIEWER)
            return viewer, await token_of(resolving, Role.REPORTER, "agents")

    tokens = run_in_a_loop_of_its_own(made)
    with Service(url, tmp_path / "service.log", REQUIRE_LOGIN="1", **SETTINGS) as service:
        yield Guarded(service, *tokens)


async def test_who_may_only_look_is_shown_nothing_to_do(browser: Browser, guarded: Guarded) -> None:
    url = guarded.service.url
    async with client_of(url, Authorization=f"Bearer {guarded.reporter}") as client:
        await started(client, "guarded", "only-to-look-at")
    async with visiting(browser, url, Complaints(url)) as page:
        await page.goto("/login?next=/runs")
        await page.get_by_label("Token").fill(guarded.viewer)
        await page.keyboard.press("Enter")
        await expect(row_of(page, "only-to-look-at")).to_be_visible()
        await expect(page.get_by_role("checkbox")).to_have_count(0)
        await page.keyboard.press("j")
        await page.keyboard.press("x")
        await expect(page.get_by_text("1 selected")).to_have_count(0)
        await expect(page.get_by_role("button", name="Delete …")).to_have_count(0)


async def test_on_a_phone_rows_are_cards_and_filters_behind_a_button(
    browser: Browser, service: Service, client: Client, complaints: Complaints
) -> None:
    await failed(client, "phone", "on-a-phone", "out of memory")
    async with visiting(browser, service.url, complaints, viewport=PHONE, has_touch=True) as page:
        await page.goto("/runs?cluster=phone")
        await expect(row_of(page, "on-a-phone")).to_contain_text("out of memory")
        await expect(page.get_by_role("button", name="Agent")).to_be_hidden()
        await page.get_by_role("button", name="Filters (1)").click()
        await expect(page.get_by_role("button", name="Agent")).to_be_visible()
        wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wide, "the page scrolls sideways"


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nothing_keeps_people_from_using_the_list(
    browser: Browser, service: Service, client: Client, complaints: Complaints, scheme: str
) -> None:
    await failed(client, "axe", f"axe-{scheme}")
    async with visiting(browser, service.url, complaints, color_scheme=scheme) as page:
        await page.goto("/runs?cluster=axe&-agent=nobody&range=24h")
        await row_of(page, f"axe-{scheme}").get_by_role("checkbox").check()
        await expect(page.get_by_text("1 selected")).to_be_visible()
        assert await violations(page) == []
        await page.get_by_role("button", name="Status", exact=True).click()
        await expect(page.get_by_role("dialog").get_by_text("Completed")).to_be_visible()
        # What the menu half covers is no smaller for whoever closes it.
        assert [each for each in await violations(page) if "target-size" not in each] == []
