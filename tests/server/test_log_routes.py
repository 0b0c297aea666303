"""logs.txt: which lines, as the API's filter has it, how they come, and what cannot be asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from models.database import database
from models.run import Run
from models.states import LogLevel, LogStream
from resolvers.append_logs import append_logs
from resolvers.attempts import start_attempt
from resolvers.commands import AppendLogs, ToldLine
from resolvers.viewer import LOCAL_VIEWER
from server.log_routes import TEXT_LINES
from tests.server.doors import House
from tests.support.reporting import append, begin, complete, retry, run_id

LOGS = """query ($id: ID!, $filter: LogFilter) {
  run(id: $id) { logs(first: 1000, filter: $filter) { nodes { message } } }
}"""

LINES = (
    ToldLine("one", level=LogLevel.DEBUG),
    ToldLine("Two\nand more", step_key="load"),
    ToldLine("three", level=LogLevel.WARNING, stream=LogStream.STDERR, step_key="load"),
    ToldLine("four TWO", level=LogLevel.ERROR, stream=LogStream.SYSTEM, step_key="a b&c"),
)


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    async with database(database_url):
        yield House.on(database_url, require_login=False)


@pytest.fixture
async def browser(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with house.browser() as browser:
        yield browser


async def told(house: House) -> Run:
    """A run that ended, with LINES in its first attempt and a line in its second."""
    run = await begin(house.service)
    await append_logs(house.service, LOCAL_VIEWER, AppendLogs(run_id(run), 0, LINES))
    await retry(house.service, run)
    await start_attempt(house.service, LOCAL_VIEWER, run_id(run), 2)
    await append(house.service, run, 0, "five", attempt=2)
    await complete(house.service, run, attempt=2)
    return run


ALL = ["one", "Two\nand more", "three", "four TWO", "five"]


@pytest.mark.parametrize(
    ("query", "same", "lines"),
    [
        ({}, {}, ALL),
        ({"level": "DEBUG"}, {"minLevel": "DEBUG"}, ALL),
        ({"level": "warning"}, {"minLevel": "WARNING"}, ["three", "four TWO"]),
        ({"stream": "stderr"}, {"streams": ["STDERR"]}, ["three"]),
        (
            {"stream": ["STDERR", "System"]},
            {"streams": ["STDERR", "SYSTEM"]},
            ["three", "four TWO"],
        ),
        ({"step": "load"}, {"stepKeys": ["load"]}, ["Two\nand more", "three"]),
        ({"step": ["a b&c", "x"]}, {"stepKeys": ["a b&c", "x"]}, ["four TWO"]),
        ({"attempt": "2"}, {"attempts": [2]}, ["five"]),
        ({"attempt": ["1", "2"]}, {"attempts": [1, 2]}, ALL),
        ({"contains": "tWo"}, {"contains": "tWo"}, ["Two\nand more", "four TWO"]),
        ({"contains": ""}, {"contains": ""}, ALL),
        ({"from": "4"}, {"fromSequence": 4}, ["four TWO", "five"]),
        ({"from": "99"}, {"fromSequence": 99}, []),
        (
            {"contains": "two", "level": "INFO", "step": "load"},
            {"contains": "two", "minLevel": "INFO", "stepKeys": ["load"]},
            ["Two\nand more"],
        ),
    ],
)
async def test_the_text_is_what_the_apis_filter_leaves(
    house: House,
    browser: httpx.AsyncClient,
    query: dict[str, Any],
    same: dict[str, Any],
    lines: list[str],
) -> None:
    run = run_id(await told(house))
    body = {"query": LOGS, "variables": {"id": run, "filter": same}}
    answer = (await browser.post("/graphql", json=body)).json()
    messages = [line["message"] for line in answer["data"]["run"]["logs"]["nodes"]]
    assert messages == lines
    for follow in ({}, {"follow": "0"}, {"follow": "1"}):
        asked = urlencode({**query, **follow}, doseq=True)
        text = await browser.get(f"/runs/{run}/logs.txt?{asked}")
        assert text.status_code == 200
        assert text.text == "".join(f"{message}\n" for message in messages)


async def test_a_log_of_many_pages_comes_whole_however_few_lines_match(
    house: House, browser: httpx.AsyncClient
) -> None:
    run = await begin(house.service)
    for first in range(0, 3 * TEXT_LINES, 1_000):
        await append(house.service, run, first, *(str(first + each) for each in range(1_000)))
    address = f"/runs/{run_id(run)}/logs.txt"
    assert (await browser.get(address)).text.splitlines() == [
        str(each) for each in range(3 * TEXT_LINES)
    ]
    found = await browser.get(address, params={"contains": "99", "from": str(2 * TEXT_LINES)})
    assert found.text.splitlines() == [
        str(each) for each in range(2 * TEXT_LINES - 1, 3 * TEXT_LINES) if "99" in str(each)
    ]


async def test_who_follows_with_a_filter_is_sent_what_matches_as_it_is_written(
    house: House, browser: httpx.AsyncClient
) -> None:
    run = await begin(house.service)
    await append(house.service, run, 0, "kept 1", "other")
    address = f"/runs/{run_id(run)}/logs.txt?follow=1&contains=kept"
    following = asyncio.create_task(browser.get(address))
    await append(house.service, run, 2, "other", "kept 2")
    await complete(house.service, run)
    assert (await following).text == "kept 1\nkept 2\n"


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("level=loud", "level: expected one of DEBUG, INFO, WARNING, ERROR, got 'loud'"),
        ("level=", "level: expected one of DEBUG, INFO, WARNING, ERROR, got ''"),
        ("level=INFO&level=ERROR", "level: expected one value, got 2 values"),
        ("stream=STDOUT&stream=x", "stream: expected one of STDOUT, STDERR, SYSTEM, got 'x'"),
        ("attempt=0", "attempt: expected a number from 1 to 2147483647, got '0'"),
        ("attempt=1.5", "attempt: expected a number from 1 to 2147483647, got '1.5'"),
        ("attempt=%C2%B2", "attempt: expected a number from 1 to 2147483647, got '²'"),
        ("from=2147483648", "from: expected a number from 1 to 2147483647, got '2147483648'"),
        ("from=-1", "from: expected a number from 1 to 2147483647, got '-1'"),
        ("contains=%00", "contains: expected text without NUL and lone surrogates, got U+0000"),
        ("contains=" + "x" * 1_001, "contains: expected at most 1000 characters"),
        ("step=" + "x" * 201, "step: expected at most 200 characters, got 201 characters"),
        ("&".join(f"attempt={each}" for each in range(1, 1_002)), "attempt: expected at most 1000"),
        ("follow=yes", "follow: expected 0 or 1, got 'yes'"),
        ("download=1&download=1", "download: expected one value, got 2 values"),
        (
            "minLevel=ERROR",
            "parameter: expected one of level, contains, from, follow, download, stream, step, "
            "attempt, got 'minLevel'",
        ),
    ],
)
async def test_what_cannot_be_asked_is_told_by_its_name(
    house: House, browser: httpx.AsyncClient, query: str, sentence: str
) -> None:
    run = await begin(house.service)
    answer = await browser.get(f"/runs/{run_id(run)}/logs.txt?{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (
        400,
        "text/plain; charset=utf-8",
    )
    assert answer.text.startswith(sentence)


async def test_a_download_is_named_for_its_run(house: House, browser: httpx.AsyncClient) -> None:
    for agent, name in (("Nightly ETL / Zürich", "nightly-etl-zurich"), ("夜", "run")):
        run = await begin(house.service, agent_name=agent)
        address = f"/runs/{run_id(run)}/logs.txt"
        answer = await browser.get(f"{address}?download=1&level=ERROR")
        file_name = f"{name}-{run_id(run)[-12:]}.log"
        assert answer.headers["content-disposition"] == f'attachment; filename="{file_name}"'
        assert "content-disposition" not in (await browser.get(f"{address}?download=0")).headers
