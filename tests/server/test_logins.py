"""Browsers: a form for a token, a cookie, and what may be done with it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from models.api_token import BrowserLogin
from models.audit_entry import AuditEntry
from models.database import database
from models.ids import Kind, global_id
from resolvers.browser_logins import forget_expired_logins
from resolvers.tokens import list_tokens, revoke_token
from resolvers.viewer import LOCAL_VIEWER, Role
from server.authentication import KNOWN_SECONDS
from server.login_cookie import LoginCookie
from server.login_routes import MAX_FORM, our_path
from tests.graph.support import UNKNOWN
from tests.server.doors import House, log_in
from tests.support.reporting import begin, run_id

HOUR = 3_600
VIEWER = {"query": "{ viewer { name role } }"}
RUN = f"/runs/run_{UNKNOWN}"


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    async with database(database_url):
        yield House.on(database_url)


@pytest.fixture
async def browser(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with house.browser() as browser:
        yield browser


async def who(browser: httpx.AsyncClient, **headers: str) -> httpx.Response:
    return await browser.post("/graphql", json=VIEWER, headers=headers)


def forget_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """As KNOWN_SECONDS later."""
    monkeypatch.setattr("server.authentication.KNOWN_SECONDS", -KNOWN_SECONDS)


async def test_a_page_without_a_login_leads_a_browser_to_the_form_and_back(
    house: House, browser: httpx.AsyncClient
) -> None:
    path = f"/runs/{run_id(await begin(house.service))}/plain"
    sent = await browser.get(f"{path}?a=b&c=d")
    assert sent.status_code == 303
    form = await browser.get(sent.headers["location"])
    assert form.status_code == 200
    [then] = re.findall(r'name="next" value="([^"]*)"', form.text)
    logged_in = await log_in(browser, await house.token(), then.replace("&amp;", "&"))
    assert (logged_in.status_code, logged_in.headers["location"]) == (303, f"{path}?a=b&c=d")
    page = await browser.get(logged_in.headers["location"])
    assert page.status_code == 200
    assert "nightly-etl" in page.text


async def test_programs_get_401_and_what_to_show(browser: httpx.AsyncClient) -> None:
    for path in ("/runs", RUN, f"{RUN}/plain", f"{RUN}/logs.txt", f"/reports/report_{UNKNOWN}"):
        for headers in ({"Accept": "*/*"}, {"Authorization": "Bearer ar_unknown"}):
            answer = await browser.get(path, headers=headers)
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


async def test_the_form_runs_and_loads_nothing_and_is_sent_to_us_only(
    browser: httpx.AsyncClient,
) -> None:
    form = await browser.get("/login?next=/runs/a%22%3E%3Cscript%3E")
    assert not re.search(r"<(?:script|img|link|iframe|object)\b", form.text)
    assert not re.search(r"<[^>]*\s(?:on\w+|style|src)=", form.text)
    assert "form-action 'self'" in form.headers["content-security-policy"]
    assert form.headers["cache-control"] == "no-store"
    # With no-referrer browsers would say `Origin: null`, and the form would be refused.
    assert form.headers["referrer-policy"] == "same-origin"
    assert '<meta name="referrer" content="same-origin">' in form.text


async def test_the_audit_says_by_which_browser_and_token(
    house: House, browser: httpx.AsyncClient
) -> None:
    token = await house.token(Role.OPERATOR)
    await log_in(browser, token)
    run = run_id(await begin(house.service))
    query = """mutation ($ids: [ID!]!) {
        cancelRuns(input: {ids: $ids}) { userErrors { code } } }"""
    body = {"query": query, "variables": {"ids": [run]}}
    assert (await browser.post("/graphql", json=body)).json()["data"]["cancelRuns"] == {
        "userErrors": []
    }
    entry = await AuditEntry.filter(action="CANCEL_RUNS").get()
    assert (entry.principal, entry.via) == ("token:ci", f"browser, token {token[:9]}…")


async def test_a_cookie_is_kept_from_scripts_and_other_sites(
    house: House, browser: httpx.AsyncClient
) -> None:
    [cookie] = (await log_in(browser, await house.token())).headers.get_list("set-cookie")
    secret, *told = cookie.split("; ")
    assert secret.startswith("agent_runs=")
    assert {"HttpOnly", "SameSite=lax", "Path=/", f"Max-Age={12 * HOUR}"} <= set(told)
    assert not any(each.startswith(("Secure", "Domain")) for each in told)
    row = (await BrowserLogin.all().values())[0]
    assert secret.removeprefix("agent_runs=") not in str(row)


@pytest.mark.parametrize(
    ("url", "cookie"),
    [
        ("https://runs.example.com", LoginCookie("__Host-agent_runs", "/", True)),
        ("https://example.com/agent-runs", LoginCookie("__Host-agent_runs", "/", True)),
        ("http://127.0.0.1:8000", LoginCookie("agent_runs", "/", False)),
        ("http://127.0.0.1:8000/agent-runs", LoginCookie("agent_runs", "/agent-runs", False)),
    ],
)
def test_the_cookie_is_bound_to_the_public_url(url: str, cookie: LoginCookie) -> None:
    assert LoginCookie.of(url) == cookie


@pytest.mark.parametrize("url", ["https://example.com/agent-runs", "http://localhost/agent-runs"])
async def test_all_of_it_works_below_a_path(database_url: str, url: str) -> None:
    async with database(database_url):
        house = House.on(database_url, public_url=url)
        async with house.browser() as browser:
            sent = await browser.get(f"{url}{RUN}")
            address = f"/agent-runs/login?next={RUN.replace('/', '%2F')}"
            assert sent.headers["location"] == address
            answer = await log_in(browser, await house.token(), RUN)
            assert answer.headers["location"] == f"/agent-runs{RUN}"
            assert (await who(browser)).json()["data"]["viewer"]["role"] == "VIEWER"


@pytest.mark.parametrize(
    "then",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "runs/x",
        " /runs/x",
        "/runs/../../other",
        "/runs/%2e%2E/x",
        "/é",
        "/" + "x" * 3_000,
        "",
    ],
)
async def test_a_login_leads_to_no_address_that_is_not_ours(
    house: House, browser: httpx.AsyncClient, then: str
) -> None:
    assert our_path(then) is None
    answer = await log_in(browser, await house.token(), then)
    assert (answer.status_code, answer.headers["location"]) == (303, "/runs")


@pytest.mark.parametrize("token", ["", "ar_unknown", "x.y.z", "x" * 20_000])
async def test_a_token_that_is_none_logs_nobody_in(browser: httpx.AsyncClient, token: str) -> None:
    answer = await log_in(browser, token, RUN)
    assert answer.status_code == 401
    assert "the token is unknown, expired or revoked" in answer.text
    assert f'value="{RUN}"' in answer.text
    assert "set-cookie" not in answer.headers
    assert await BrowserLogin.all().count() == 0


FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:8001"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
async def test_a_post_that_may_be_another_sites_doing_changes_nothing(
    house: House, browser: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    token = await house.token(Role.ADMIN)
    await log_in(browser, token)
    del browser.headers["Origin"]
    assert (await who(browser, **headers)).status_code == 403
    for path in ("/login", "/logout"):
        refused = await browser.post(path, data={"token": token}, headers=headers)
        assert refused.status_code == 403
        assert "set-cookie" not in refused.headers
    assert await BrowserLogin.all().count() == 1


async def test_a_page_of_ours_that_names_no_origin_is_served(
    house: House, browser: httpx.AsyncClient
) -> None:
    await log_in(browser, await house.token())
    del browser.headers["Origin"]
    assert (await who(browser, **{"Sec-Fetch-Site": "same-origin"})).status_code == 200


async def test_a_page_of_an_allowed_origin_is_served(database_url: str) -> None:
    app = "https://app.example.com"
    async with database(database_url):
        house = House.on(database_url, allowed_origins=[app])
        async with house.browser() as browser:
            await log_in(browser, await house.token())
            answer = await who(browser, Origin=app)
            assert answer.status_code == 200
            assert answer.headers["access-control-allow-credentials"] == "true"


async def test_nothing_is_changed_by_get(house: House, browser: httpx.AsyncClient) -> None:
    await log_in(browser, await house.token(Role.OPERATOR))
    query = "mutation { cancelRuns(input: {ids: []}) { userErrors { code } } }"
    assert (await browser.get("/graphql", params={"query": query})).status_code == 405
    assert (await browser.get("/logout")).status_code == 405
    assert (await who(browser)).status_code == 200


async def test_a_logout_ends_the_login_at_once(house: House, browser: httpx.AsyncClient) -> None:
    await log_in(browser, await house.token())
    kept = dict(browser.cookies)
    assert "Log out" in (await browser.get("/login")).text
    out = await browser.post("/logout")
    assert (out.status_code, out.headers["location"]) == (303, "/login")
    assert not browser.cookies
    browser.cookies.update(kept)
    assert (await who(browser)).status_code == 401
    assert 'name="token"' in (await browser.get("/login")).text


async def test_a_login_ends_after_its_hours(database_url: str) -> None:
    async with database(database_url):
        house = House.on(database_url, login_lifetime=timedelta(hours=2))
        async with house.browser() as browser:
            await log_in(browser, await house.token())
            house.clock.advance(2 * HOUR - 1)
            assert (await who(browser)).status_code == 200
            house.clock.advance(1)
            assert (await who(browser)).status_code == 401
            assert await forget_expired_logins(house.service) == 1
            assert await forget_expired_logins(house.service) == 0


async def test_a_login_ends_with_its_token(
    house: House, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget_what_is_known(monkeypatch)
    await log_in(browser, await house.token())
    assert (await who(browser)).status_code == 200
    [token] = await list_tokens()
    await revoke_token(house.service, LOCAL_VIEWER, global_id(Kind.TOKEN, token.id))
    assert (await who(browser)).status_code == 401


async def test_a_cookie_is_no_token_and_a_token_no_cookie(
    house: House, browser: httpx.AsyncClient
) -> None:
    token = await house.token()
    await log_in(browser, token)
    [secret] = browser.cookies.values()
    browser.cookies.clear()
    assert (await who(browser, Authorization=f"Bearer {secret}")).status_code == 401
    assert (await who(browser, Authorization=f"Bearer {token}")).status_code == 200
    assert (await who(browser, Cookie=f"agent_runs={token}")).status_code == 401


async def test_a_token_counts_before_a_cookie(house: House, browser: httpx.AsyncClient) -> None:
    await log_in(browser, await house.token(Role.VIEWER))
    token = await house.token(Role.ADMIN)
    answer = await who(browser, Authorization=f"Bearer {token}")
    assert answer.json()["data"]["viewer"]["role"] == "ADMIN"


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/json", b"{}", 415),
        ("text/plain", b"token=x", 415),
        ("application/x-www-form-urlencoded", b"token=\xff", 400),
        ("application/x-www-form-urlencoded", b"a=b&" * 100, 400),
        ("application/x-www-form-urlencoded", b"x" * (MAX_FORM + 1), 413),
    ],
)
async def test_a_form_that_is_none_is_refused(
    browser: httpx.AsyncClient, content_type: str, body: bytes, status: int
) -> None:
    answer = await browser.post("/login", content=body, headers={"Content-Type": content_type})
    assert answer.status_code == status
    assert len(answer.text) < 200


async def test_without_a_login_asked_for_everybody_is_logged_in(database_url: str) -> None:
    async with database(database_url):
        house = House.on(database_url, require_login=False)
        async with house.browser() as browser:
            page = await browser.get("/login")
            assert "local" in page.text
            assert "<form" not in page.text
            answer = await log_in(browser, "anything", RUN)
            assert (answer.status_code, answer.headers["location"]) == (303, RUN)
            assert "set-cookie" not in answer.headers
