"""SECURITY.md: what holds each promise is there."""

from __future__ import annotations

import re

import pytest

from tests.support.service import ROOT

PAGE = (ROOT / "SECURITY.md").read_text()
ROWS = re.findall(r"^\| (.+) \| (`tests/.+`) \|$", PAGE, re.M)


def test_each_promise_has_its_row() -> None:
    [promised] = re.findall(r"## What is promised\n(.*?)\n## ", PAGE, re.S)
    rows = [line for line in promised.splitlines() if line.startswith("|")]
    assert len(rows) - 2 == len(ROWS) > 10


@pytest.mark.parametrize("tests", [tests for _, tests in ROWS])
def test_what_holds_a_promise_is_there(tests: str) -> None:
    for name in re.findall(r"`([^`]+)`", tests):
        assert "\ndef test_" in (text := (ROOT / name).read_text()) or "async def test_" in text


def test_pages_that_it_refers_to_are_there() -> None:
    for name in re.findall(r"\]\(([\w/.-]+)\)", PAGE):
        assert (ROOT / name).is_file(), name
