"""A real Chromium, and visits of it that remember whatever their page complained about."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import (
    Browser,
    ConsoleMessage,
    Page,
    Request,
    ViewportSize,
    async_playwright,
    expect,
)

from tests.support.node import CLIENTS, installed, run_node

#: Debian's, or the npm package's, which is for Linux on x86-64 only.
CAN_RUN = shutil.which("chromium") is not None or (
    (sys.platform, platform.machine()) == ("linux", "x86_64")
)
BUILT = Path(__file__).parents[2] / "server" / "static" / "console" / "index.html"

#: Nothing of its own accord: a test's machine may have no network.
ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: Milliseconds that a page may take for what it is to show, on a busy machine.
PATIENCE_MS = 20_000

DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}

expect.set_options(timeout=PATIENCE_MS)


def chromium_path() -> str:
    """Debian's Chromium where it is installed, else the one of an npm package."""
    return run_node("chromium_path.mjs", cwd=installed(CLIENTS))


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser without a window, for the length of the block."""
    assert BUILT.exists(), "the console is not built: `make console`"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium_path(), args=ARGUMENTS, chromium_sandbox=False
        )
        yield browser
        await browser.close()


class Complaints(list[str]):
    """What a page said that no page of ours should: errors, refused loads, other origins.

    Chromium reports each breach of the Content-Security-Policy as an error of the console.
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self._expected: list[str] = []

    def watch(self, page: Page) -> None:
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.append(f"exception: {error}"))
        page.on("request", self._asked)

    def expect(self, *parts: str) -> None:
        """What holds one of these is what the test brings about, and no complaint."""
        self._expected += parts

    def unexpected(self) -> list[str]:
        return [each for each in self if not any(part in each for part in self._expected)]

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def _asked(self, request: Request) -> None:
        own = (self._url, self._url.replace("http", "ws", 1), "data:", "blob:")
        if not request.url.startswith(own):
            self.append(f"request to another origin: {request.url}")


@asynccontextmanager
async def visiting(
    browser: Browser, url: str, complaints: Complaints, script: str = "", **context: Any
) -> AsyncIterator[Page]:
    """A page in a browser profile of its own, which complained of nothing in the end.

    `script` runs in it before anything else does.
    """
    options: dict[str, Any] = {
        "viewport": DESKTOP,
        "locale": "en-GB",
        "timezone_id": "Europe/Berlin",
    }
    visit = await browser.new_context(base_url=url, **(options | context))
    visit.set_default_timeout(PATIENCE_MS)
    if script:
        await visit.add_init_script(script)
    page = await visit.new_page()
    complaints.watch(page)
    yield page
    await visit.close()
    if found := complaints.unexpected():
        pytest.fail("the page complained:\n" + "\n".join(found))
