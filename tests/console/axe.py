"""What axe finds on a page that keeps people from using it (https://github.com/dequelabs/axe-core)."""

from __future__ import annotations

from functools import cache
from typing import Literal

from playwright.async_api import Page

from tests.support.node import CLIENTS, installed

#: WCAG 2.2 AA and what it is built on.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
GRAVE = ("serious", "critical")


@cache
def _source() -> str:
    return (installed(CLIENTS) / "node_modules/axe-core/axe.min.js").read_text()


async def violations(page: Page) -> list[str]:
    """What is serious or critical: the rule, and the first element that breaks it."""
    # By the debugger, which the page's Content-Security-Policy does not bind.
    await page.evaluate(_source())
    found = await page.evaluate("tags => axe.run(document, {runOnly: tags})", TAGS)
    return [
        f"{each['id']}: {each['help']}: {each['nodes'][0]['html'][:300]}"
        for each in found["violations"]
        if each["impact"] in GRAVE
    ]


async def violations_in_both_themes(page: Page) -> list[str]:
    """The same, in light and in dark."""
    found = []
    schemes: list[Literal["light", "dark"]] = ["light", "dark"]
    for scheme in schemes:
        await page.emulate_media(color_scheme=scheme)
        found += [f"{scheme}: {each}" for each in await violations(page)]
    return found
