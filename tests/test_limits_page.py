"""docs/limits.md: its tables say what the code has, and `serve --help` shows the same."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from typing import Any

import pytest

from graph.limits import DocumentLimits, bound_of, setting_name
from live.hub import Hub
from models.database import database
from resolvers.service import Service
from server.cli import application
from server.limits import DoorLimits
from tests.graph.support import connected
from tests.support.service import ROOT

PAGE = ROOT / "docs" / "limits.md"
GROUPS = (DocumentLimits, DoorLimits)
HEAD = "| setting | default | what, and why | beyond it |\n|---|---|---|---|"


def table(group: type[Any]) -> str:
    return "\n".join([HEAD, *(_row(limit) for limit in fields(group))])


def _row(limit: Any) -> str:
    bound = bound_of(limit)
    default = f"{limit.default:,}" if isinstance(limit.default, int) else f"{limit.default}"
    shown = default.removesuffix(".0").replace(",", ", ") if limit.type == "str" else default
    return f"| `{setting_name(limit)}` | {shown} | {bound.why} | {bound.beyond} |"


@pytest.mark.parametrize("group", GROUPS)
def test_page_has_every_limit_with_its_default_and_its_reason(group: type[Any]) -> None:
    assert table(group) in PAGE.read_text()


async def test_examples_of_errors_and_costs_are_what_comes(sqlite_url: str) -> None:
    page = PAGE.read_text()
    refused, counted = map(json.loads, re.findall(r"^```json\n(.*?)^```", page, re.M | re.S))
    [query] = re.findall(r"^So `(.*?)` costs", page, re.M)
    async with database(sqlite_url), connected(Service(hub=Hub())) as api:
        assert await api.ask("{a" * 26 + "}" * 26) == refused
        assert (await api.ask(query))["extensions"] == counted["extensions"]


def test_help_shows_every_limit_with_its_variable(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        application(["serve"])(["serve", "--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    for group in GROUPS:
        for limit in fields(group):
            assert f"--{limit.name.replace('_', '-')}" in shown
            assert setting_name(limit) in shown


def test_limits_of_the_command_line_and_the_environment_reach_the_service(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from server.cli import serve

    served: list[Any] = []
    monkeypatch.setattr(serve, "serve", served.append)
    monkeypatch.setenv("MAX_SOCKETS", "7")
    monkeypatch.setenv("ALLOWED_HOSTS", "a.example, b.example")
    with pytest.raises(SystemExit):
        application(["serve"])(["serve", "--max-depth", "9", "--rate-limit", "5/minute"])
    [settings] = served
    assert settings.documents == DocumentLimits(max_depth=9)
    assert settings.doors == DoorLimits(max_sockets=7, rate_limit="5/minute")
    assert settings.allowed_hosts == ["a.example", "b.example"]


def test_limit_that_cannot_be_is_refused_at_the_start(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        application(["serve"])(["serve", "--rate-limit", "often"])
    assert ended.value.code not in (0, None)
    assert "RATE_LIMIT: expected such as 1000/second" in capsys.readouterr().err
