"""Recorded runs of a real agent are told to a real service and come back byte for byte."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from functools import partial
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.end_to_end.client import Client, Json, followed
from tests.end_to_end.replay import (
    AGENT,
    CLUSTER,
    LINE,
    LOG_LINES,
    STEP_TRANSITIONS,
    Replayed,
    replay,
    report_of,
)
from tests.end_to_end.trajectory import FOLDER, Line, Step, Trajectory
from tests.support.postgres import run_in_a_loop_of_its_own
from tests.support.service import Service

#: What recorded runs do not hold, and others will: each is a line, or several.
ODD_TEXTS = (
    "\x1b[1;31mred\x1b[0m and \x1b]8;;https://example.com\x07a link\x1b]8;;\x07",
    "10 %\r50 %\r100 %\r\n",
    "Grüße, Łódź, 你好, שלום, e\u0301, \u202eright to left\u202c",
    "👩‍👩‍👧‍👦 🏳️‍🌈 \U0010ffff \ufffe \ufeff",
    "no line\x85ends\u2028here\u2029nor\x0bhere\x0cor\x1chere",
    "\ttabs\t\tinside\t",
    "\n\n\nempty lines around\n\n",
    "\\n \\u0000 \\ud800 %s {0} ${HOME} \"quoted\" 'twice'",
    "   ",
    "\r",
    "\n",
    "x" * 65_536,
    "é" * 32_768,
)
ODD_INPUTS = {"b": [1.5, -0.0, 10**30], "a": {"": None, "ключ": "👍\n"}}


def _odd(name: str, exit_status: str) -> Trajectory:
    steps = [
        Step(
            key=f"step-{number}",
            thought=text,
            action=f"echo {number}\n{text[:1_000]}",
            observation=f"{text}\n{text}",
            took=timedelta(microseconds=number * 1_234),
        )
        for number, text in enumerate(ODD_TEXTS, 1)
    ]
    return Trajectory(
        name=name,
        environment="окружение 👍",
        steps=tuple(steps),
        exit_status=exit_status,
        submission="\n".join(text for text in ODD_TEXTS if len(text) < 100) + "\n```\n~~~\n",
        model_stats={"tiny": 5e-324, "huge": 1.7976931348623157e308, "third": 1 / 3, "none": 0.0},
        inputs=ODD_INPUTS,
    )


ODD = {
    "odd-completed": partial(_odd, "odd-completed", "submitted"),
    "odd-failed": partial(_odd, "odd-failed", "exit_cost (exit code 137)"),
}
FILES = sorted(FOLDER.glob("*.traj"))
ABSENT = pytest.param(
    None, id="real-runs", marks=pytest.mark.skip(reason="the folder ../shared/real-runs is absent")
)
RUNS = [
    *[pytest.param(partial(Trajectory.read, file), id=file.stem) for file in FILES],
    *([] if FILES else [ABSENT]),
    *[pytest.param(make, id=name) for name, make in ODD.items()],
]


@pytest.fixture(scope="module")
def replays(shared_service: Service) -> dict[str, Replayed]:
    """By name, what was replayed on this service already."""
    return {}


@pytest.fixture(scope="module", params=RUNS)
def run(
    shared_service: Service, replays: dict[str, Replayed], request: pytest.FixtureRequest
) -> Replayed:
    """A run that was replayed."""
    trajectory: Trajectory = request.param()
    if trajectory.name not in replays:
        replays[trajectory.name] = run_in_a_loop_of_its_own(
            lambda: replay(shared_service.url, trajectory)
        )
    return replays[trajectory.name]


# ---------------------------------------------------------------- the list and the detail


async def test_list_finds_the_run_by_each_filter(client: Client, run: Replayed) -> None:
    trajectory = run.trajectory
    label = {"name": "environment", "value": trajectory.environment}
    filters: list[Json] = [
        {"ids": [run.run_id]},
        {"statuses": [_status(trajectory)]},
        {"agentNames": ["another", AGENT]},
        {"clusterNames": [CLUSTER]},
        {"triggerSources": ["MANUAL", "WEBHOOK"]},
        {"triggeredBy": [f"replay of {trajectory.name}"]},
        {"labels": [label]},
        {"search": trajectory.name.upper()},
        {"search": run.run_id},
        {"exclude": [{"labels": [{"name": "environment", "value": "another"}]}]},
    ]
    together = {name: value for one in filters for name, value in one.items()}
    for run_filter in [*filters, together]:
        assert run.run_id in await _listed(client, run_filter), run_filter
    only_mine = {"triggeredBy": [f"replay of {trajectory.name}"]}
    assert await _listed(client, only_mine) == [run.run_id]
    assert await _listed(client, together) == [run.run_id]
    other_status = "FAILED" if trajectory.is_completed else "COMPLETED"
    for other in ({"statuses": [other_status]}, {"exclude": [{"labels": [label]}]}):
        assert await _listed(client, only_mine | other) == []


async def _listed(client: Client, run_filter: Json) -> list[str]:
    document = "query($f: RunFilter) { runs(filter: $f, first: 200) { nodes { id } totalCount } }"
    runs = (await client.data(document, f=run_filter))["runs"]
    ids = [node["id"] for node in runs["nodes"]]
    assert runs["totalCount"] == len(ids)
    return ids


DETAIL = """
query($id: ID!) {
  run(id: $id) {
    status agent { name kind } cluster { name } trigger { source name } inputs labels { name value }
    startedAt completedAt durationSeconds error { code message step { key } }
    steps { key name position status startedAt completedAt durationSeconds attempt parent { key } }
    stepCounts { status count } currentStep { key } lastSequence
    logSources { attempt name nextOffset }
  }
}"""


async def test_detail_is_what_stands_in_the_file(client: Client, run: Replayed) -> None:
    trajectory = run.trajectory
    detail = (await client.data(DETAIL, id=run.run_id))["run"]
    assert detail["status"] == _status(trajectory)
    assert detail["agent"] == {"name": AGENT, "kind": "WORKFLOW"}
    assert detail["cluster"] == {"name": CLUSTER}
    assert detail["trigger"] == {"source": "MANUAL", "name": f"replay of {trajectory.name}"}
    assert detail["labels"] == [{"name": "environment", "value": trajectory.environment}]
    assert detail["lastSequence"] == len(trajectory.lines)
    assert detail["logSources"] == [
        {"attempt": 1, "name": "main", "nextOffset": len(trajectory.lines)}
    ]
    steps = [
        {"key": step.key, "name": step.name, "position": number, "attempt": 1, "parent": None}
        for number, step in enumerate(trajectory.steps, 1)
    ]
    assert [{key: step[key] for key in steps[0]} for step in detail["steps"]] == steps
    failed = None if trajectory.is_completed else trajectory.steps[-1].key
    for step in detail["steps"]:
        assert step["status"] == ("FAILED" if step["key"] == failed else "COMPLETED")
    if failed is None:
        assert detail["error"] is None
    else:
        error = {"code": "AGENT_ERROR", "message": trajectory.exit_status, "step": {"key": failed}}
        assert detail["error"] == error
    assert sum(entry["count"] for entry in detail["stepCounts"]) == len(steps)
    assert detail["currentStep"] is None


async def test_inputs_keep_the_order_of_keys_and_every_digit(client: Client, run: Replayed) -> None:
    body = {"query": "query($id: ID!) { run(id: $id) { inputs } }", "variables": {"id": run.run_id}}
    response = await client.http.post("/graphql", json=body)
    told = json.dumps(run.trajectory.inputs, ensure_ascii=False, separators=(",", ":"))
    assert response.text.startswith(f'{{"data":{{"run":{{"inputs":{told}}}}}')


async def test_times_are_those_of_the_file(client: Client, run: Replayed) -> None:
    detail = (await client.data(DETAIL, id=run.run_id))["run"]
    for step in detail["steps"]:
        assert detail["startedAt"] <= step["startedAt"] <= step["completedAt"]
        assert step["completedAt"] <= detail["completedAt"]
        took = datetime.fromisoformat(step["completedAt"]) - datetime.fromisoformat(
            step["startedAt"]
        )
        assert step["durationSeconds"] == took.total_seconds()
    if run.started_at is None or run.trajectory.took is None:
        return
    now = run.started_at
    assert datetime.fromisoformat(detail["startedAt"]) == now
    for step, told in zip(detail["steps"], run.trajectory.steps, strict=True):
        assert datetime.fromisoformat(step["startedAt"]) == now
        assert told.took is not None
        now += told.took
        assert datetime.fromisoformat(step["completedAt"]) == now
        assert step["durationSeconds"] == told.took.total_seconds()
    assert datetime.fromisoformat(detail["completedAt"]) == now
    assert detail["durationSeconds"] == run.trajectory.took.total_seconds()


def _status(trajectory: Trajectory) -> str:
    return "COMPLETED" if trajectory.is_completed else "FAILED"


# ---------------------------------------------------------------- the log

PAGE = f"""
query($id: ID!, $first: Int, $after: String, $last: Int, $before: String, $filter: LogFilter) {{
  run(id: $id) {{
    logs(first: $first, after: $after, last: $last, before: $before, filter: $filter) {{
      nodes {{ {LINE} }} edges {{ cursor }} endCursor isComplete
      pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}
    }}
  }}
}}"""


@pytest.mark.parametrize("size", [37, 1000])
async def test_pages_of_any_size_hold_the_log_byte_for_byte(
    client: Client, run: Replayed, size: int
) -> None:
    forwards = [page async for page in _forwards(client, run.run_id, size)]
    backwards = [page async for page in _backwards(client, run.run_id, size)]
    for pages in (forwards, backwards[::-1]):
        _check_lines(run, [line for page in pages for line in page["nodes"]])
    # A page is as full as was asked for, or as its bound on bytes lets it be.
    if max(len(line.message) for line in run.trajectory.lines) < 10_000:
        for pages in (forwards, backwards):
            assert {len(page["nodes"]) for page in pages[:-1]} <= {size}
    assert all(page["isComplete"] for page in [*forwards, *backwards])


async def _forwards(client: Client, run_id: str, size: int, **more: Any) -> Any:
    after, is_more = None, True
    while is_more:
        data = await client.data(PAGE, id=run_id, first=size, after=after, **more)
        page = data["run"]["logs"]
        assert len(page["nodes"]) <= size
        assert page["pageInfo"]["hasPreviousPage"] == (after is not None)
        assert page["endCursor"] == page["pageInfo"]["endCursor"] != after
        yield page
        after, is_more = page["endCursor"], page["pageInfo"]["hasNextPage"]


async def _backwards(client: Client, run_id: str, size: int) -> Any:
    before, is_more = None, True
    while is_more:
        data = await client.data(PAGE, id=run_id, last=size, before=before)
        page = data["run"]["logs"]
        assert page["pageInfo"]["hasNextPage"] == (before is not None)
        yield page
        before, is_more = page["pageInfo"]["startCursor"], page["pageInfo"]["hasPreviousPage"]


async def test_cursor_of_every_line_leads_to_what_lies_around_it(
    client: Client, run: Replayed
) -> None:
    page = (await client.data(PAGE, id=run.run_id, first=1000))["run"]["logs"]
    middle = len(page["nodes"]) // 2
    cursor = page["edges"][middle]["cursor"]
    after = (await client.data(PAGE, id=run.run_id, first=1, after=cursor))["run"]["logs"]
    assert after["nodes"] == page["nodes"][middle + 1 : middle + 2]
    before = (await client.data(PAGE, id=run.run_id, last=1, before=cursor))["run"]["logs"]
    assert before["nodes"] == page["nodes"][middle - 1 : middle]


@pytest.mark.parametrize("when", ["before", "in the middle", "after"])
async def test_follower_sees_each_line_once_whenever_it_joined(run: Replayed, when: str) -> None:
    batches = run.followed.lines[when]
    _check_lines(run, [line for batch in batches for line in batch["lines"]])
    assert [batch["end"] for batch in batches] == [None] * (len(batches) - 1) + ["RUN_ENDED"]


async def test_follower_resumes_behind_any_cursor(
    shared_service: Service, client: Client, run: Replayed
) -> None:
    batches = run.followed.lines["before"]
    for batch in batches[:: max(1, len(batches) // 5)]:
        rest = await followed(
            shared_service.url, LOG_LINES, run=run.run_id, after=batch["endCursor"]
        )
        seen = batch["lines"][-1]["sequence"] if batch["lines"] else len(run.trajectory.lines)
        lines = [line["sequence"] for more in rest for line in more["lines"]]
        assert lines == list(range(seen + 1, len(run.trajectory.lines) + 1))
        # The same cursors hold in pages.
        page = await client.data(PAGE, id=run.run_id, first=1, after=batch["endCursor"])
        sequences = [line["sequence"] for line in page["run"]["logs"]["nodes"]]
        assert sequences == lines[:1]


async def test_log_as_plain_text_is_all_messages_with_a_line_feed_behind_each(
    client: Client, run: Replayed
) -> None:
    text = b"".join(f"{line.message}\n".encode() for line in run.trajectory.lines)
    for query in ("", "?follow=1"):
        response = await client.http.get(f"/runs/{run.run_id}/logs.txt{query}")
        assert response.headers["content-type"] == "text/plain; charset=utf-8"
        assert response.content == text


STEP_LOGS = f"""
query($id: ID!, $filter: LogFilter) {{
  run(id: $id) {{
    steps {{ key logs(first: 1000, filter: $filter) {{
      nodes {{ {LINE} }} pageInfo {{ hasNextPage }}
    }} }}
  }}
}}"""


async def test_log_of_each_step_gives_thought_action_and_observation(
    client: Client, run: Replayed
) -> None:
    parts = {
        "thought": {"minLevel": "DEBUG", "streams": ["SYSTEM"]},
        "action": {"minLevel": "INFO", "streams": ["SYSTEM"]},
        "observation": {"streams": ["STDOUT"]},
    }
    for part, log_filter in parts.items():
        steps = (await client.data(STEP_LOGS, id=run.run_id, filter=log_filter))["run"]["steps"]
        for step, told in zip(steps, run.trajectory.steps, strict=True):
            lines = step["logs"]["nodes"]
            assert not step["logs"]["pageInfo"]["hasNextPage"]
            if part == "thought":
                assert lines.pop()["message"] == told.action
            assert "\n".join(line["message"] for line in lines) == getattr(told, part)


async def test_search_in_the_log_finds_what_the_text_holds(client: Client, run: Replayed) -> None:
    needle = "e" if run.trajectory.name in ODD else "python"
    found = [
        line["sequence"]
        async for page in _forwards(client, run.run_id, 50, filter={"contains": needle.upper()})
        for line in page["nodes"]
    ]
    expected = [
        number
        for number, line in enumerate(run.trajectory.lines, 1)
        if needle in line.message.lower()
    ]
    assert found == expected


def _check_lines(run: Replayed, lines: list[Json]) -> None:
    """Every line, once, in order, and as it was told."""
    told = run.trajectory.lines
    assert [line["sequence"] for line in lines] == list(range(1, len(told) + 1))
    for line, expected in zip(lines, told, strict=True):
        assert _told(line) == expected
        assert (line["attempt"], line["source"], line["truncatedBytes"]) == (1, "main", None)
    times = [line["at"] for line in lines]
    assert times == sorted(times)


def _told(line: Json) -> Line:
    return Line(line["message"], line["level"], line["stream"], line["stepKey"])


# ---------------------------------------------------------------- what is pushed besides


@pytest.mark.parametrize("when", ["before", "in the middle", "after"])
async def test_transitions_tell_the_history_of_the_steps(run: Replayed, when: str) -> None:
    batches = run.followed.transitions[when]
    told = [
        (entry["step"]["key"], entry["from"], entry["to"])
        for batch in batches
        for entry in batch["transitions"]
    ]
    keys = [step.key for step in run.trajectory.steps]
    last = "COMPLETED" if run.trajectory.is_completed else "FAILED"
    assert told == [
        transition
        for key in keys
        for transition in (
            (key, None, "PENDING"),
            (key, "PENDING", "RUNNING"),
            (key, "RUNNING", last if key == keys[-1] else "COMPLETED"),
        )
    ]
    assert [batch["end"] for batch in batches] == [None] * (len(batches) - 1) + ["RUN_ENDED"]
    assert batches[-1]["run"] == {"status": _status(run.trajectory)}


async def test_transitions_resume_behind_a_cursor(shared_service: Service, run: Replayed) -> None:
    batches = run.followed.transitions["before"]
    for number in range(0, len(batches), max(1, len(batches) // 4)):
        rest = await followed(
            shared_service.url,
            STEP_TRANSITIONS,
            run=run.run_id,
            after=batches[number]["endCursor"],
        )
        later = [entry for batch in batches[number + 1 :] for entry in batch["transitions"]]
        # `step` is as it is now; what is told of the past stays the same.
        assert [_past(entry) for batch in rest for entry in batch["transitions"]] == [
            _past(entry) for entry in later
        ]


def _past(transition: Json) -> tuple[Any, ...]:
    return tuple(transition[name] for name in ("from", "to", "at", "attempt"))


async def test_list_is_told_of_the_run_from_its_beginning_to_its_end(run: Replayed) -> None:
    kinds = [event["kind"] for event in run.updates]
    assert kinds == ["ENTERED"] + ["CHANGED"] * (len(kinds) - 1)
    assert {event["run"]["id"] for event in run.updates} == {run.run_id}
    assert run.updates[-1]["run"]["status"] == _status(run.trajectory)


# ---------------------------------------------------------------- the report

SECTIONS = """
sections {
  __typename heading markdown
  ... on MetricsSection { metrics { name value unit } }
}"""
REPORT = f"""
query($id: ID!) {{
  run(id: $id) {{
    completedAt
    report {{ id url title summary html markdown downloads {{ format url }} {SECTIONS} }}
  }}
}}"""


@pytest.fixture
async def report(client: Client, run: Replayed) -> Json:
    """The run's report; a run without one is passed over."""
    found = (await client.data(REPORT, id=run.run_id))["run"]
    if not run.trajectory.is_completed:
        assert found["report"] is None
        pytest.skip("a failed run has no report")
    return dict(found["report"], completedAt=found["completedAt"])


async def test_report_is_what_was_told(run: Replayed, report: Json) -> None:
    told = report_of(run.trajectory)
    assert report["title"] == told["title"]
    assert report["summary"] == told["summary"]
    _check_sections(run.trajectory, report["sections"])


def _check_sections(trajectory: Trajectory, sections: list[Json]) -> None:
    text, metrics = sections
    assert (text["__typename"], text["heading"]) == ("TextSection", "Submission")
    before, after = f"{trajectory.fence}diff\n", f"\n{trajectory.fence}"
    assert text["markdown"] == before + trajectory.submission + after
    assert (metrics["__typename"], metrics["heading"]) == ("MetricsSection", "Model")
    assert metrics["metrics"] == [
        {"name": name, "value": value, "unit": None}
        for name, value in trajectory.model_stats.items()
    ]


async def test_report_as_html_and_markdown_holds_the_submission(
    run: Replayed, report: Json
) -> None:
    assert run.trajectory.submission in report["markdown"]
    assert "| Name | Value | Unit |" in report["markdown"]
    _check_html(run.trajectory, report["html"])


async def test_downloads_hold_the_report_in_three_formats_with_a_name_each(
    client: Client, run: Replayed, report: Json
) -> None:
    assert [entry["format"] for entry in report["downloads"]] == ["MARKDOWN", "HTML", "JSON"]
    urls = [entry["url"] for entry in report["downloads"]]
    await _check_downloads(client, run.trajectory, report, urls)


async def _check_downloads(
    client: Client, trajectory: Trajectory, report: Json, urls: list[str]
) -> None:
    second = re.sub(r"[:]|\.\d+Z", "", report["completedAt"])
    contents = []
    for url, extension, media_type in zip(
        urls,
        ("md", "html", "json"),
        ("text/markdown", "text/html", "application/json"),
        strict=True,
    ):
        response = await client.http.get(url)
        assert response.status_code == 200
        assert response.headers["content-type"].partition(";")[0] == media_type
        disposition = f'attachment; filename="{AGENT}-{second}Z.{extension}"'
        assert response.headers["content-disposition"] == disposition
        assert response.headers["cache-control"] == "no-store"
        contents.append(response.content.decode())
    markdown, html, data = contents
    assert markdown == report["markdown"]
    _check_html(trajectory, html)
    text, metrics = json.loads(data)["sections"]
    assert text["markdown"] == trajectory.body
    assert {m["name"]: m["value"] for m in metrics["metrics"]} == trajectory.model_stats


async def test_shared_link_shows_the_report_and_no_way_to_the_run(
    client: Client, run: Replayed, report: Json
) -> None:
    share = await client.tell("shareReport", "url", reportId=report["id"])
    page = await client.http.get(share["url"])
    assert page.status_code == 200
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "noindex" in page.headers["x-robots-tag"]
    assert run.run_id not in page.text
    assert report["id"] not in page.text
    _check_html(run.trajectory, page.text)
    token = urlsplit(share["url"]).path.rpartition("/")[2]
    document = f"""query($t: String!) {{ sharedReport(token: $t) {{
        title agentName summary html markdown downloads {{ url }} {SECTIONS}
    }} }}"""
    shared = (await client.data(document, t=token))["sharedReport"]
    assert (shared["title"], shared["agentName"]) == (report["title"], AGENT)
    assert (shared["html"], shared["markdown"]) == (report["html"], report["markdown"])
    _check_sections(run.trajectory, shared["sections"])
    urls = [entry["url"] for entry in shared["downloads"]]
    await _check_downloads(client, run.trajectory, report, urls)


def _check_html(trajectory: Trajectory, html: str) -> None:
    """Its text holds the submission; HTML knows no CR, so that line ends are LF."""
    text = _Text()
    text.feed(html)
    text.close()
    assert _visible(trajectory.submission) in _visible("".join(text.parts))


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def _visible(text: str) -> str:
    return re.sub(r"\r\n?", "\n", text)
