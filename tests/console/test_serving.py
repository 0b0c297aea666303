"""The console as it is served: at whatever address, it reaches its own service and nothing else."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme
from playwright.async_api import Browser, Page, expect

from models.database import migrate
from tests.console.browser import Complaints, visiting
from tests.server.cli.waiting import until_now
from tests.support.engines import Engines
from tests.support.service import Guard, Service, free_port

CADDY = Path(sys.executable).parent / "caddy"

#: A socket of the page's own; what the service says first.
GREETED = """async (address) => {
  const socket = new WebSocket(address, "graphql-transport-ws");
  return await new Promise((resolve) => {
    socket.onopen = () => socket.send(JSON.stringify({ type: "connection_init" }));
    socket.onmessage = ({ data }) => resolve(JSON.parse(data).type);
    socket.onerror = () => resolve("refused");
  });
}"""

#: What somebody would try who got their text into the page. What Playwright calls itself may
#: evaluate; what a timer calls is the page's.
INTRUDED = """async (foreign) => {
  const script = document.createElement("script");
  script.textContent = "window.intruded = true";
  document.body.append(script);
  const evaluate = () => { try { return new Function("return true")(); } catch { return false; } };
  const evaluated = await new Promise((resolve) => setTimeout(() => resolve(evaluate())));
  const fetched = await fetch(foreign, { mode: "no-cors" }).then(() => true, () => false);
  return [window.intruded === true, evaluated, fetched];
}"""


def accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def proxied(folder: Path, url: str, port: int) -> Iterator[None]:
    """A proxy that brings TLS, at a port of localhost."""
    issued = trustme.CA().issue_cert("localhost")
    issued.private_key_and_cert_chain_pem.write_to_path(folder / "tls.pem")
    (folder / "Caddyfile").write_text(
        "{\n\tadmin off\n\tauto_https off\n}\n"
        f"https://localhost:{port} {{\n\ttls {folder}/tls.pem {folder}/tls.pem\n"
        f"\treverse_proxy {url.removeprefix('http://')}\n}}\n"
    )
    command = [str(CADDY), "run", "--adapter", "caddyfile", "--config", f"{folder}/Caddyfile"]
    with (folder / "caddy.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    guard = Guard(process.pid)
    try:
        until_now(lambda: accepts(port))
        yield
    finally:
        process.terminate()
        process.wait()
        guard.dismiss()


@pytest.fixture(scope="module", params=["on a port", "below a path, by TLS"])
def address(
    request: pytest.FixtureRequest, engines: Engines, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Where browsers find a service."""
    folder, log = tmp_path_factory.mktemp("serving"), "service.log"
    database = engines.sqlite_database(migrate, folder / "agent-runs.sqlite3")
    if request.param == "on a port":
        with Service(database, folder / log) as service:
            yield service.url
        return
    port = free_port()
    url = f"https://localhost:{port}/agent-runs"
    with (
        Service(database, folder / log, PUBLIC_URL=url) as service,
        proxied(folder, service.url, port),
    ):
        yield url


async def arrived(page: Page, address: str) -> None:
    """Go to the start, which leads to the runs."""
    await page.goto(f"{address}/")
    await expect(page).to_have_url(f"{address}/runs")
    await expect(page.locator("#app > *").first).to_be_visible()


async def test_the_app_comes_up_at_each_address_and_reaches_its_service(
    browser: Browser, address: str
) -> None:
    complaints = Complaints(address)
    async with visiting(browser, address, complaints, ignore_https_errors=True) as page:
        await arrived(page, address)
        socket = f"{address.replace('http', 'ws', 1)}/graphql"
        assert await page.evaluate(GREETED, socket) == "connection_ack"
        await page.goto(f"{address}/runs/run_x/logs")
        await expect(page.locator("#app > *").first).to_be_visible()


async def test_text_that_got_into_the_app_runs_nothing_and_tells_nobody(
    browser: Browser, address: str
) -> None:
    complaints = Complaints(address)
    complaints.expect("Content Security Policy", "example.com")
    async with visiting(browser, address, complaints, ignore_https_errors=True) as page:
        await arrived(page, address)
        assert await page.evaluate(INTRUDED, "https://example.com/") == [False, False, False]
        assert await page.evaluate(GREETED, "wss://example.com/") == "refused"
        assert sum("Content Security Policy" in each for each in complaints) >= 4


async def test_graphiql_and_its_workers_come_up_at_each_address(
    browser: Browser, address: str
) -> None:
    complaints = Complaints(address)
    async with visiting(browser, address, complaints, ignore_https_errors=True) as page:
        async with page.expect_worker():
            await page.goto(f"{address}/graphiql")
        await expect(page.locator(".monaco-editor").first).to_be_visible()
