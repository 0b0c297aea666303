"""Agents and clusters: how their runs went, each a way into the list."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.end_to_end.client import Client


async def told(client: Client, agent: str, cluster: str, *ends: str) -> list[str]:
    """Runs of an agent on a cluster, each ended by the mutation that is named, or going on."""
    runs = []
    for end in ends:
        run = await client.begin(agent={"name": agent}, cluster=cluster)
        if end == "completeRun":
            await client.tell(end, runId=run, logEnds=[])
        elif end == "failRun":
            await client.tell(end, runId=run, logEnds=[], error={"message": "it broke"})
        runs.append(run)
    return runs


@pytest.mark.parametrize(("path", "kind"), [("/agents", "agent"), ("/clusters", "cluster")])
async def test_each_shows_how_its_runs_went_and_leads_to_them(
    page: Page, client: Client, path: str, kind: str
) -> None:
    name = f"counted-{kind}"
    told_of = {"agent": "counted-agent", "cluster": "counted-cluster"}
    runs = await told(client, *told_of.values(), "completeRun", "completeRun", "failRun", "")
    await page.goto(f"{path}?q={name}&range=24h")
    row = page.get_by_role("row", name=name)
    await expect(row.get_by_role("cell").nth(1)).to_have_text("66.6 %")
    latest = row.get_by_role("listitem").get_by_role("link")
    await expect(latest.last).to_have_attribute("href", f"/runs/{runs[-1]}")
    await expect(row.get_by_role("link", name=name)).to_have_attribute(
        "href", f"/runs?{kind}={name}&range=24h"
    )
    await expect(row.get_by_role("link", name="66.6 %")).to_have_attribute(
        "href", f"/runs?{kind}={name}&status=FAILED&range=24h"
    )


async def test_names_are_searched_and_come_page_by_page(page: Page, client: Client) -> None:
    for number in range(30):
        await client.begin(agent={"name": f"many-{number:02}"})
    await page.goto("/agents")
    await page.get_by_role("searchbox").fill("many-")
    names = page.get_by_role("rowheader")
    await expect(names).to_have_count(25)
    await page.get_by_role("button", name="Show more").click()
    await expect(names).to_have_count(30)
    assert await names.all_inner_texts() == [f"many-{number:02}\nTask" for number in range(30)]
    assert page.url.endswith("/agents?q=many-")
    await page.get_by_role("searchbox").fill("nobody has this")
    await expect(page.get_by_text("No agent has “nobody has this” in its name")).to_be_visible()


async def test_what_is_searched_for_is_the_address_s_to_the_letter(
    page: Page, client: Client
) -> None:
    for name in ("escaped-%41", "escaped-A"):
        await client.begin(agent={"name": name})
    await page.goto("/agents?q=escaped-%2541&range=nonsense")
    await expect(page.get_by_role("rowheader")).to_have_text(["escaped-%41Task"])
    await expect(page.get_by_role("combobox", name="Runs of")).to_have_value("all")

    await page.get_by_role("link", name="Agents").click()
    await expect(page.get_by_role("searchbox")).to_have_value("")
    await expect(page.get_by_role("rowheader", name="escaped-A")).to_be_visible()
