"""GraphiQL as the service has it: bundled, with examples, subscriptions and a token."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.async_api import Browser, Locator, Page, expect

from live.hub import Hub
from models.database import database, migrate
from resolvers.service import Service as Resolving
from resolvers.viewer import Role
from tests.console.browser import Complaints, visiting
from tests.console.conftest import SETTINGS
from tests.end_to_end.client import Client
from tests.graph.logins import token_of
from tests.support.engines import Engines
from tests.support.service import Service

EXAMPLES = Path(__file__).parents[2] / "console" / "src" / "graphiql" / "examples"
#: By the title of an example: its operation.
OPERATIONS = {
    found[1]: found[2]
    for file in EXAMPLES.iterdir()
    if (
        found := re.match(
            r"# (.*?)[.:].*?\n(?:query|subscription) (\w+)", file.read_text(), re.DOTALL
        )
    )
}
EXECUTE = re.compile("Execute query|Stop query")


def result(page: Page) -> Locator:
    """What GraphiQL shows of an answer."""
    return page.get_by_label("Result Window")


async def test_each_example_runs_as_it_stands(page: Page, client: Client) -> None:
    run = await client.begin(agent={"name": "shown"}, steps=[{"key": "one"}])
    await client.append(run, 0, "an error, or what looks like one")
    await page.goto("/graphiql")
    examples = page.get_by_role("region", name="Examples").get_by_role("button")
    await expect(examples).to_have_count(len(OPERATIONS))
    for example in await examples.all():
        title = await example.inner_text()
        await example.click()
        # It opens once its ids are known: until then the one before would be run.
        await expect(page.get_by_role("tab", selected=True)).to_contain_text(OPERATIONS[title])
        await page.get_by_role("button", name=EXECUTE).click()
        await expect(result(page), title).to_contain_text('"data"')
        await expect(result(page), title).not_to_contain_text('"errors"')
        if await page.get_by_role("button", name="Stop query").is_visible():
            await page.get_by_role("button", name="Stop query").click()


async def test_subscription_shows_each_new_line_as_it_is_written(
    page: Page, client: Client
) -> None:
    run = await client.begin(agent={"name": "followed"})
    await page.goto("/graphiql")
    await page.get_by_role("button", name="The lines that are there already").click()
    await expect(page.get_by_role("tab", selected=True)).to_contain_text("FollowALog")
    await page.get_by_role("button", name=EXECUTE).click()
    await expect(page.get_by_role("button", name="Stop query")).to_be_visible()
    await client.append(run, 0, "written while it is watched")
    await expect(result(page)).to_contain_text("written while it is watched")


async def test_documentation_of_the_schema_is_there(page: Page) -> None:
    await page.goto("/graphiql")
    await page.get_by_role("button", name=re.compile("Documentation Explorer")).click()
    await expect(page.get_by_role("link", name="Subscription", exact=True)).to_be_visible()


async def test_token_says_who_asks(browser: Browser, engines: Engines, tmp_path: Path) -> None:
    url = engines.sqlite_database(migrate, tmp_path / "agent-runs.sqlite3")
    async with database(url):
        token = await token_of(Resolving(hub=Hub()), Role.VIEWER)
    with Service(url, tmp_path / "service.log", REQUIRE_LOGIN="1", **SETTINGS) as service:
        complaints = Complaints(service.url)
        complaints.expect("status of 401")
        async with visiting(browser, service.url, complaints) as page:
            await page.goto("/graphiql")
            await expect(page.get_by_role("status")).to_contain_text("login")
            await page.get_by_label("Token").fill(token)
            await page.get_by_role("button", name="Use", exact=True).click()
            await expect(page.get_by_role("status")).to_contain_text("(Viewer)")
            await page.get_by_role("button", name="The list of runs, live").click()
            await expect(page.get_by_role("tab", selected=True)).to_contain_text("FollowTheList")
            await page.get_by_role("button", name=EXECUTE).click()
            await expect(result(page)).to_contain_text("RESET")
