"""`make pictures`: each page in light, in dark and on a phone, to look at and for the docs."""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, expect

from models.database import migrate
from tests.conftest import forget_settings
from tests.console.browser import DESKTOP, PHONE, Complaints, chromium, visiting
from tests.console.conftest import SETTINGS
from tests.console.story import Story, present, tell
from tests.end_to_end.client import client_of
from tests.support.engines import Engines
from tests.support.postgres import run_in_a_loop_of_its_own
from tests.support.service import Service

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": DESKTOP, "color_scheme": "light"},
    "dark": {"viewport": DESKTOP, "color_scheme": "dark"},
    "phone": {"viewport": PHONE, "is_mobile": True, "has_touch": True, "device_scale_factor": 2},
}


def pages(story: Story) -> dict[str, str]:
    """The path of each page, by its name."""
    return {
        "runs": "/runs",
        "logs": f"/runs/{story.running}/logs",
        "failed": f"/runs/{story.failed}/logs",
        "steps": f"/runs/{story.completed}/steps",
        "report": f"/runs/{story.completed}/report",
        "attempts": f"/runs/{story.retrying}/attempts",
        "agents": "/agents",
        "clusters": "/clusters",
        "shared": story.shared,
        "graphiql": "/graphiql",
    }


async def settled(page: Page) -> None:
    """All is there. Nothing moves, since pictures are taken for somebody who wants no motion."""
    await page.wait_for_load_state("networkidle")
    panels = page.get_by_role("status").filter(has_text=re.compile("^Loading "))
    await expect(panels, page.url).to_have_count(0)
    await page.evaluate("document.fonts.ready")


async def _take(browser: Browser, service: Service, folder: Path, story: Story) -> None:
    for look, options in LOOKS.items():
        async with visiting(
            browser, service.url, Complaints(service.url), reduced_motion="reduce", **options
        ) as page:
            for name, path in pages(story).items():
                await page.goto(path)
                await settled(page)
                await page.screenshot(path=folder / f"{name}-{look}.png")


async def _all(service: Service, folder: Path) -> None:
    async with client_of(service.url) as client:
        story = await tell(client, present())
    async with chromium() as browser:
        await _take(browser, service, folder, story)


def main(folder: Path = FOLDER) -> None:
    forget_settings()
    folder.mkdir(parents=True, exist_ok=True)
    engines = Engines.create()
    try:
        with tempfile.TemporaryDirectory(prefix="pictures-") as scratch:
            url = engines.sqlite_database(migrate, Path(scratch) / "agent-runs.sqlite3")
            with Service(url, Path(scratch) / "service.log", **SETTINGS) as service:
                run_in_a_loop_of_its_own(lambda: _all(service, folder))
    finally:
        engines.close()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
