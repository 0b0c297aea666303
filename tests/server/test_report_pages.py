"""The pages of reports and runs: nothing runs or loads on them, nothing given breaks out."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.states import LogLevel, RunErrorCode, RunStatus, StepStatus, TriggerSource
from resolvers.report_document import ReportDocument, TextSection
from resolvers.report_rendering import report_html
from server.pages import page_headers, render_not_found_page
from server.report_pages import content_disposition, render_report_page, report_page_headers
from server.run_pages import RunFacts, render_run_page

NOW = datetime(2026, 11, 24, 1, 47, 19, tzinfo=UTC)
REPORT = ReportDocument(
    "Title <b>", "*Summary*", (TextSection("Notes", "text"),), "nightly-etl", NOW
)
HOSTILE = "</style></pre>\"'><script>alert(1)</script>"


def run(**changes: object) -> RunFacts:
    facts: RunFacts = {
        "id": "run_0193b2f0-aaaa-7bbb-8ccc-1234567890ab",
        "status": RunStatus.COMPLETED,
        "agent": "nightly-etl",
        "cluster": "prod-eu",
        "trigger": {"source": TriggerSource.MANUAL, "name": "ada", "url": None},
        "started_at": NOW - timedelta(seconds=133),
        "completed_at": NOW,
        "duration_seconds": 133.0,
        "next_attempt_at": None,
        "cancellation": None,
        "error": None,
        "inputs": "",
        "labels": [],
        "attempts": [],
        "steps": [],
        "log_lines": [],
        "last_sequence": 0,
        "log_url": "https://runs.example/runs/run_1/logs.txt",
        "report_url": None,
    }
    return {**facts, **changes}  # type: ignore[typeddict-item]


def failed_run(text: str) -> RunFacts:
    return run(
        status=RunStatus.FAILED,
        agent=text,
        cluster=text,
        trigger={"source": TriggerSource.SCHEDULE, "name": text, "url": text},
        next_attempt_at=NOW,
        cancellation={"by": text, "at": NOW, "reason": text},
        error={"code": RunErrorCode.AGENT_ERROR, "message": text, "step": text, "details": text},
        inputs=text,
        labels=[(text, text)],
        attempts=[
            {"number": 1, "started_at": NOW, "ended_at": NOW, "failure": text},
            {"number": 2, "started_at": NOW, "ended_at": None, "failure": None},
        ],
        steps=[
            {
                "name": text,
                "status": StepStatus.FAILED,
                "duration_seconds": 1.5,
                "error_message": text,
            },
            {
                "name": "next",
                "status": StepStatus.SKIPPED,
                "duration_seconds": None,
                "error_message": None,
            },
        ],
        log_lines=[{"level": LogLevel.ERROR, "message": text}],
        last_sequence=12_345,
    )


PAGES = {
    "report": render_report_page(REPORT, report_html(REPORT)),
    "shared": render_report_page(REPORT, report_html(REPORT), shared=True, expires_at=NOW),
    "not found": render_not_found_page(),
    "run": render_run_page(run()),
    "failed run": render_run_page(failed_run(HOSTILE)),
}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_the_policy_lets_in_the_stylesheet_of_the_page_and_nothing_else(page: str) -> None:
    [style] = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert page_headers()["Content-Security-Policy"] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_a_page_has_no_script_and_loads_nothing(page: str) -> None:
    assert not re.search(r"<(?:script|img|link|iframe|form|object)\b", page)
    assert not re.search(r"<[^>]*\s(?:on\w+|style|src)=", page)
    assert "url(" not in page


def test_a_page_is_not_stored_indexed_or_told_to_other_sites() -> None:
    headers = report_page_headers()
    headers.pop("Content-Security-Policy")
    assert headers == {
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex, nofollow, noarchive",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }


def test_a_report_page_shows_the_report_with_its_title_as_text() -> None:
    page = PAGES["report"]
    assert "<title>Title &lt;b&gt;</title>" in page
    assert f"<article>\n{report_html(REPORT)}\n</article>" in page
    assert "<footer>" not in page


def test_downloads_are_linked_by_label() -> None:
    page = render_report_page(REPORT, "", [("Markdown", "https://x/r.md?a=1&b=2"), ("JSON", "/j")])
    assert '<a href="https://x/r.md?a=1&amp;b=2">Markdown</a>, ' in page
    assert '<a href="/j">JSON</a>' in page


def test_a_shared_page_says_until_when_it_can_be_read() -> None:
    assert "until <time datetime=" in PAGES["shared"]
    assert "2026-11-24 01:47:19 UTC</time>." in PAGES["shared"]
    for_good = render_report_page(REPORT, "", shared=True)
    assert "can read this report." in for_good


def test_what_is_not_found_is_always_the_same_page() -> None:
    assert render_not_found_page() == PAGES["not found"]
    assert "<h1>Not found</h1>" in PAGES["not found"]


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("etl-2026.md", 'attachment; filename="etl-2026.md"'),
        (
            'a"b\r\nX: y.md',
            "attachment; filename=\"a_b__X_ y.md\"; filename*=UTF-8''a%22b%0D%0AX%3A%20y.md",
        ),
        ("é.md", "attachment; filename=\"_.md\"; filename*=UTF-8''%C3%A9.md"),
    ],
)
def test_a_file_name_is_sent_so_that_every_browser_reads_it(name: str, header: str) -> None:
    assert content_disposition(name) == header


# ---------------------------------------------------------------- runs


def test_a_completed_run_leads_to_its_report_and_log() -> None:
    page = render_run_page(run(report_url="https://runs.example/reports/report_1"))
    assert "<title>nightly-etl: Completed</title>" in page
    assert '<a class="main-link" href="https://runs.example/reports/report_1">' in page
    assert '<a href="https://runs.example/runs/run_1/logs.txt">' in page
    assert "follow=1" not in page
    assert "<dt>Duration</dt><dd>2 min 13 s</dd>" in page


def test_an_active_run_can_be_followed() -> None:
    page = render_run_page(run(status=RunStatus.RUNNING, completed_at=None, duration_seconds=None))
    assert 'href="https://runs.example/runs/run_1/logs.txt?follow=1"' in page
    assert "No line has been written yet." in page
    assert "<dt>Ended</dt>" not in page
    assert "<dt>Duration</dt>" not in page


def test_a_failed_run_names_its_error_and_step() -> None:
    page = render_run_page(failed_run("word"))
    assert "<h2>Failed in word</h2>" in page
    assert '<p class="text">word</p>' in page
    assert "The last 1 of 12,345 lines" in page
    assert '<span class="error">word</span>' in page
    assert '<span class="status skipped">Skipped</span>' in page


def test_what_a_reporter_tells_is_text_on_the_page() -> None:
    assert "<script" not in PAGES["failed run"]
    assert PAGES["failed run"].count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 10


@pytest.mark.parametrize("url", ["javascript:alert(1)", "JAVASCRIPT:x", "data:text/html,x", "/x"])
def test_a_trigger_links_to_web_pages_only(url: str) -> None:
    trigger = {"source": TriggerSource.WEBHOOK, "name": "push", "url": url}
    page = render_run_page(run(trigger=trigger))
    assert url not in page
    assert "started by the webhook" in page
    linked = render_run_page(run(trigger={**trigger, "url": "https://ci.example/1"}))
    assert '<a href="https://ci.example/1" rel="noopener noreferrer nofollow">push</a>' in linked


def test_colours_of_a_terminal_are_left_out_of_the_log() -> None:
    line = {"level": LogLevel.INFO, "message": "\x1b[1;31mred\x1b[0m \x1b]0;title\x07text"}
    page = render_run_page(run(log_lines=[line], last_sequence=1))
    assert '<span class="info">red text</span>' in page
    assert "1 line</p>" in page


@given(st.text(max_size=50))
def test_no_text_breaks_a_run_page(text: str) -> None:
    page = render_run_page(failed_run(text))
    assert page.count("<script") == 0
    assert page.rstrip().endswith("</html>")
