"""What axe finds on a page that keeps people from using it (https://github.com/dequelabs/axe-core)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from playwright.async_api import Page

from tests.support.node import CLIENTS, installed

#: WCAG 2.2 AA and what it is built on.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
GRAVE = ("serious", "critical")


@cache
def _source() -> str:
    return (installed(CLIENTS) / "node_modules/axe-core/axe.min.js").read_text()


#: All that the colours of another theme could break.
COLOURS = ["color-contrast"]
#: Targets that are as high as the line of text that they stand in, which may be less than 24 pixels
#: (WCAG 2.2, 2.5.8, "Inline"); axe knows the exception only of links within a sentence.
IN_LINES = "[aria-label='Log'] li :is(a, button)"

_RUN = """
async ([only, inLines]) => {
  const { violations } = await axe.run(document, { runOnly: only });
  const isFree = (id, node) =>
    id === "target-size" && document.querySelector(node.target[0])?.matches(inLines);
  return violations.map(({ id, help, impact, nodes }) => ({
    id, help, impact, html: nodes.filter((node) => !isFree(id, node)).map((node) => node.html),
  }));
}
"""


async def violations(page: Page, only: Sequence[str] = TAGS) -> list[str]:
    """What is serious or critical: the rule, and the first element that breaks it.

    `only`: tags or rules.
    """
    # By the debugger, which the page's Content-Security-Policy does not bind.
    await page.evaluate(_source())
    found = await page.evaluate(_RUN, [list(only), IN_LINES])
    return [
        f"{each['id']}: {each['help']}: {each['html'][0][:300]}"
        for each in found
        if each["impact"] in GRAVE and each["html"]
    ]


async def violations_in_both_themes(page: Page) -> list[str]:
    """The same in light, and of its colours in dark."""
    await page.emulate_media(color_scheme="light")
    light = await violations(page)
    await page.emulate_media(color_scheme="dark")
    dark = await violations(page, COLOURS)
    return [f"light: {each}" for each in light] + [f"dark: {each}" for each in dark]
