"""A page of a site that ALLOWED_ORIGINS does not name changes nothing and reads nothing.

tests/support/browser.py does what a browser does with a page: it asks first where it has to, adds
what it tells of the page, sends the cookies along and keeps answers back. There is no login, so
that whatever gets in may do everything.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlencode

import pytest

from models.database import migrate
from tests.end_to_end.client import Client, client_of
from tests.support.browser import OPAQUE, SIMPLE_TYPES, Blocked, Page
from tests.support.engines import Engines
from tests.support.service import Service

ALLOWED = "https://app.example.com"
#: A neighbour: of the same site, which knows no ports, but not of the same origin.
NEIGHBOUR = "http://127.0.0.1:1"
FOREIGN = ["https://evil.example", f"{ALLOWED}.evil.example", "http://app.example.com", NEIGHBOUR]

JSON = "application/json"
#: Content types that a page may send unasked, and some that look like one or the other.
UNASKED = ["", *SIMPLE_TYPES, "text/plain; charset=utf-8", "text/plain; application/json"]

START = (
    'mutation { startRun(input: {agent: {name: "csrf"}, cluster: "c", '
    'trigger: {source: MANUAL, name: "t"}}) { created } }'
)
BODY = json.dumps({"query": START}).encode()
TYPENAME = json.dumps({"query": "{ __typename }"}).encode()
MUTATE = f"/graphql?{urlencode({'query': START})}"
ASK = f"/graphql?{urlencode({'query': '{ __typename }'})}"


@pytest.fixture(scope="module")
def service(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    url = engines.sqlite_database(migrate, folder / "agent-runs.sqlite3")
    with Service(url, folder / "service.log", ALLOWED_ORIGINS=ALLOWED) as running:
        yield running


@pytest.fixture
async def client(service: Service) -> AsyncIterator[Client]:
    """At its end there must be no run."""
    async with client_of(service.url) as client:
        yield client
        assert await client.data("{ runs { totalCount } }") == {"runs": {"totalCount": 0}}


def page(client: Client, origin: str) -> Page:
    return Page(client.http, origin, cookies="agent_runs=of_a_victim")


# ---------------------------------------------------------------- foreign pages


@pytest.mark.parametrize("origin", [*FOREIGN, OPAQUE])
async def test_foreign_page_is_told_by_the_preflight_that_it_may_not(
    client: Client, origin: str
) -> None:
    foreign = page(client, origin)
    for method, headers in (
        ("POST", {"content_type": JSON}),
        ("POST", {"content_type": "application/graphql"}),
        ("POST", {"content_type": "text/plain", "authorization": "Bearer x"}),
        ("GET", {"last_event_id": "x"}),
        ("PUT", {}),
        ("DELETE", {}),
    ):
        with pytest.raises(Blocked):
            await foreign.fetch(method, "/graphql", BODY, **headers)


@pytest.mark.parametrize("content_type", UNASKED)
@pytest.mark.parametrize("origin", [*FOREIGN, OPAQUE])
async def test_foreign_page_that_sends_unasked_is_refused(
    client: Client, origin: str, content_type: str
) -> None:
    foreign = page(client, origin)
    await foreign.send_unread("/graphql", BODY, content_type)
    answer = await foreign.post_form("/graphql", BODY, content_type)
    assert answer.status_code == 403
    with pytest.raises(Blocked):
        await foreign.fetch("POST", "/graphql", BODY, content_type=content_type)


@pytest.mark.parametrize("origin", [*FOREIGN, OPAQUE])
@pytest.mark.parametrize("destination", ["image", "script", "style", "iframe", "object", "video"])
async def test_foreign_page_that_embeds_an_answer_has_nothing_executed(
    client: Client, origin: str, destination: str
) -> None:
    for path in (MUTATE, ASK):
        answer = await page(client, origin).embed(path, destination)
        assert answer.status_code == 403
        assert "Sec-Fetch-Site: expected same-origin" in answer.text


@pytest.mark.parametrize("origin", FOREIGN)
async def test_link_on_a_foreign_page_changes_nothing(client: Client, origin: str) -> None:
    answer = await page(client, origin).link(MUTATE)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_link_on_a_foreign_page_leads_here(client: Client) -> None:
    """What it shows is for whoever follows it; the page sees none of it."""
    foreign = page(client, FOREIGN[0])
    assert (await foreign.link(ASK)).status_code == 200
    assert (await foreign.link("/reports/shared/none")).status_code == 404


async def test_foreign_page_reads_nothing_by_get(client: Client) -> None:
    for origin in (*FOREIGN, OPAQUE):
        with pytest.raises(Blocked):
            await page(client, origin).fetch("GET", ASK)


@pytest.mark.parametrize("content_type", UNASKED)
async def test_content_type_alone_keeps_out_what_a_page_may_send_unasked(
    client: Client, content_type: str
) -> None:
    """Also where a browser, or a proxy, does not tell of the page."""
    headers = {"Content-Type": content_type} if content_type else {}
    answer = await client.http.post("/graphql", content=BODY, headers=headers)
    assert answer.status_code == 415


async def test_page_whose_own_name_leads_here_is_refused(client: Client) -> None:
    """DNS rebinding: for its browser the service is then of the page's own origin."""
    own = {"Host": "evil.example:8000", "Sec-Fetch-Site": "same-origin"}
    headers = own | {"Origin": "http://evil.example:8000", "Content-Type": JSON}
    for answer in (
        await client.http.post("/graphql", content=BODY, headers=headers),
        await client.http.get(ASK, headers=own),
        await client.http.get("/runs/run_x/logs.txt", headers=own),
    ):
        assert answer.status_code == 421


async def test_header_that_names_another_method_makes_no_other_of_a_get(
    client: Client,
) -> None:
    for header in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        answer = await client.http.get(MUTATE, headers={header: "POST"})
        assert answer.status_code == 405


# ---------------------------------------------------------------- pages that may


async def test_allowed_page_asks_first_and_reads_the_answer(client: Client) -> None:
    allowed = page(client, ALLOWED)
    for headers in (
        {"content_type": JSON},
        {"content_type": JSON, "accept": "application/graphql-response+json"},
        {"content_type": JSON, "authorization": "Bearer x"},
        {"content_type": JSON, "copilot_session": "chat-7f3a"},
    ):
        answer = await allowed.fetch("POST", "/graphql", TYPENAME, **headers)
        assert answer.json()["data"] == {"__typename": "Query"}
    answer = await allowed.fetch("GET", ASK, accept="text/event-stream", last_event_id="x")
    assert "event: complete" in answer.text


async def test_allowed_page_reads_errors_too_and_when_to_come_back(client: Client) -> None:
    answer = await page(client, ALLOWED).fetch("POST", "/graphql", b"{", content_type=JSON)
    assert answer.status_code == 400
    exposed = answer.headers["access-control-expose-headers"].lower()
    assert {"retry-after", "www-authenticate"} <= {name.strip() for name in exposed.split(",")}


async def test_allowed_page_may_neither_put_nor_send_what_is_not_read(client: Client) -> None:
    allowed = page(client, ALLOWED)
    for method, headers in (
        ("PUT", {"content_type": JSON}),
        ("POST", {"content_type": JSON, "x_whatever": "1"}),
    ):
        with pytest.raises(Blocked):
            await allowed.fetch(method, "/graphql", BODY, **headers)
    answer = await allowed.fetch("POST", "/graphql", BODY, content_type="text/plain")
    assert answer.status_code == 415


async def test_own_page_is_served_whatever_its_browser_tells(
    client: Client, service: Service
) -> None:
    own = page(client, service.url)
    assert (await own.embed(ASK, "image")).status_code == 200
    answer = await client.http.post(
        "/graphql",
        content=TYPENAME,
        headers={"Content-Type": JSON, "Origin": service.url, "Sec-Fetch-Site": "same-origin"},
    )
    assert answer.status_code == 200
