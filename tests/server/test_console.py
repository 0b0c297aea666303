"""The console over HTTP: its shells, its files, and what stands there where it was not built."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from models.database import database
from server.console import BUILT, read_console
from server.console_routes import TABS
from server.limits import DoorLimits
from tests.graph.logins import client_of, headers_of
from tests.server.doors import PAGE, House, log_in
from tests.support.console import APP, STYLE, build_console
from tests.support.reporting import begin, run_id

PAGES = [
    "/runs",
    "/agents",
    "/clusters",
    "/runs/run_x",
    *(f"/runs/run_x/{tab}" for tab in TABS),
]


@pytest.fixture
def built(tmp_path: Path) -> Path:
    return build_console(tmp_path / "console")


@pytest.fixture
async def house(sqlite_url: str, built: Path) -> AsyncIterator[House]:
    async with database(sqlite_url):
        yield House.on(sqlite_url, console=built, require_login=False)


@pytest.fixture
async def browser(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with house.browser() as browser:
        yield browser


# ---------------------------------------------------------------- shells


async def test_each_page_is_the_shell_of_the_app(browser: httpx.AsyncClient) -> None:
    for path in PAGES:
        page = await browser.get(path)
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert '<div id="app">' in page.text
        assert f'src="/assets/{APP}"' in page.text
        assert '<meta name="prefix" content="">' in page.text
    assert '<div id="graphiql">' in (await browser.get("/graphiql")).text


async def test_the_root_leads_to_the_runs(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/runs")


async def test_head_tells_what_get_would(browser: httpx.AsyncClient) -> None:
    for path in ("/runs", "/graphiql", f"/assets/{APP}"):
        head, get = await browser.head(path), await browser.get(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers == get.headers


@pytest.mark.parametrize(
    "path",
    [
        "/runs/",
        "/runs/run_x/nothing",
        "/runs/run_x/logs/more",
        "/nothing",
        "/favicon.ico",
        "/index.html",
        "/assets",
        "/assets/",
        "/assets/nothing.js",
        f"/assets/{APP}.br",
        "/assets/..%2findex.html",
        "/assets/%00",
    ],
)
async def test_what_is_not_there_is_not_found(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(path)
    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"


async def test_the_app_runs_and_asks_only_what_is_ours(browser: httpx.AsyncClient) -> None:
    headers = (await browser.get("/runs")).headers
    assert headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    )
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"


async def test_graphiql_may_write_styles_and_no_more(browser: httpx.AsyncClient) -> None:
    app, graphiql = (
        dict(part.split(" ", 1) for part in page.headers["content-security-policy"].split("; "))
        for page in (await browser.get("/runs"), await browser.get("/graphiql"))
    )
    assert dict(graphiql.items() - app.items()) == {
        "style-src": "'self' 'unsafe-inline'",
        "font-src": "'self' data:",
    }
    assert app.keys() == graphiql.keys()


@pytest.mark.parametrize(
    ("path", "written"), [("/agent-runs", "/agent-runs"), ("/a&b/c", "/a&amp;b/c")]
)
async def test_all_of_it_is_below_the_prefix(
    sqlite_url: str, built: Path, path: str, written: str
) -> None:
    async with database(sqlite_url):
        house = House.on(
            sqlite_url, console=built, require_login=False, public_url=f"https://example.com{path}"
        )
        async with client_of(house.app, None) as client:
            client.headers["Host"] = "example.com"
            for told in (path, ""):  # a proxy may have taken it off
                for page in (*PAGES, "/graphiql"):
                    shell = (await client.get(f"{told}{page}")).text
                    assert f'<meta name="prefix" content="{written}">' in shell
                    assert f'src="{written}/assets/{APP}"' in shell
                    assert f'href="{written}/assets/{STYLE}"' in shell
                    assert "./assets" not in shell
                assert (await client.get(f"{told}/assets/{APP}")).is_success
            for start in (path, f"{path}/"):
                answer = await client.get(start)
                assert (answer.status_code, answer.headers["location"]) == (307, f"{path}/runs")


# ---------------------------------------------------------------- who may


async def test_a_browser_is_led_to_the_login_and_back(sqlite_url: str, built: Path) -> None:
    async with database(sqlite_url):
        house = House.on(sqlite_url, console=built)
        async with house.browser() as browser:
            sent = await browser.get("/runs?status=FAILED&q=a%20b")
            assert sent.status_code == 303
            form = await browser.get(sent.headers["location"])
            [then] = re.findall(r'name="next" value="([^"]*)"', form.text)
            answer = await log_in(browser, await house.token(), then.replace("&amp;", "&"))
            assert answer.headers["location"] == "/runs?status=FAILED&q=a%20b"
            assert '<div id="app">' in (await browser.get(answer.headers["location"])).text


async def test_a_login_of_its_own_leads_to_the_runs(sqlite_url: str, built: Path) -> None:
    async with database(sqlite_url):
        house = House.on(sqlite_url, console=built)
        async with house.browser() as browser:
            answer = await log_in(browser, await house.token())
            assert (answer.status_code, answer.headers["location"]) == (303, "/runs")


async def test_graphiql_and_the_files_take_no_login(sqlite_url: str, built: Path) -> None:
    async with database(sqlite_url):
        house = House.on(sqlite_url, console=built)
        async with client_of(house.app, None) as client:
            for path in ("/graphiql", f"/assets/{APP}"):
                assert (await client.get(path)).status_code == 200
            for path in PAGES:
                assert (await client.get(path)).status_code == 401


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://example.com"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, 403),
    ],
)
@pytest.mark.parametrize("below", ["/agent-runs", ""])
async def test_scripts_are_loaded_by_our_pages_only(
    sqlite_url: str, built: Path, below: str, told: dict[str, str], status: int
) -> None:
    async with database(sqlite_url):
        house = House.on(sqlite_url, console=built, public_url="https://example.com/agent-runs")
        async with client_of(house.app, None) as client:
            headers = {"Host": "example.com", "Sec-Fetch-Dest": "script", **told}
            answer = await client.get(f"{below}/assets/{APP}", headers=headers)
            assert answer.status_code == status


# ---------------------------------------------------------------- files


async def test_files_come_as_they_were_built_and_are_kept(browser: httpx.AsyncClient) -> None:
    for accepted, coding in (("gzip", "gzip"), ("identity", None)):
        answer = await browser.get(f"/assets/{APP}", headers={"Accept-Encoding": accepted})
        assert answer.text.startswith("console.log(1);")
        assert answer.headers.get("content-encoding") == coding
        assert "Accept-Encoding" in answer.headers["vary"]
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_files_use_up_none_of_what_a_client_may_ask(sqlite_url: str, built: Path) -> None:
    doors = DoorLimits(rate_limit="1/minute")
    url = "https://example.com/agent-runs"
    async with database(sqlite_url):
        house = House.on(sqlite_url, console=built, doors=doors, public_url=url)
        async with client_of(house.app, None) as client:
            client.headers["Host"] = "example.com"
            for below in ("/agent-runs", "") * 3:
                assert (await client.get(f"{below}/assets/{APP}")).status_code == 200
            found = [(await client.get("/assets/nothing.js")).status_code for _ in range(2)]
            assert found == [404, 429]


# ---------------------------------------------------------------- not built


async def test_where_nothing_was_built_a_sentence_says_how(sqlite_url: str) -> None:
    async with database(sqlite_url):
        house = House.on(sqlite_url)
        token = headers_of(await house.token())
        async with client_of(house.app, None) as client:
            for path in ("/runs", "/agents", "/clusters", "/graphiql"):
                answer = await client.get(path, headers=PAGE | token)
                assert answer.status_code == 503
                assert "make console" in answer.text
            assert (await client.get(f"/assets/{APP}")).status_code == 404


async def test_where_nothing_was_built_a_runs_links_show_its_plain_page(
    database_url: str,
) -> None:
    async with database(database_url):
        house = House.on(database_url)
        token = headers_of(await house.token())
        run = f"/runs/{run_id(await begin(house.service))}"
        async with client_of(house.app, None) as client:
            plain = await client.get(f"{run}/plain", headers=token)
            assert "nightly-etl" in plain.text
            for path in (run, *(f"{run}/{tab}" for tab in TABS)):
                assert (await client.get(path, headers=token)).text == plain.text
            assert (await client.get("/runs/run_x", headers=token)).status_code == 404


def test_half_a_build_is_none(built: Path) -> None:
    assert read_console(built, "") is not None
    (built / "graphiql.html").unlink()
    assert read_console(built, "") is None


@pytest.mark.skipif(not BUILT.is_dir(), reason="the console is not built: make console")
def test_what_make_console_builds_can_be_served_below_a_prefix() -> None:
    console = read_console(BUILT, "/agent-runs")
    assert console is not None
    for shell in (console.app, console.graphiql):
        assert '<meta name="prefix" content="/agent-runs">' in shell
        loaded = re.findall(r'(?:src|href)="([^"]+)"', shell)
        assert loaded
        assert {address.removeprefix("/agent-runs/assets/") for address in loaded} <= set(
            console.assets
        )
        assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=", shell)
