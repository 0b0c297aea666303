"""`agent-runs list`: filters, orders and forms."""

import re

import orjson
import pytest

from tests.server.cli.command_line import CommandLine
from tests.server.cli.on_terminal import on_terminal
from tests.server.cli.three_runs import Runs, three_runs
from tests.support.service import Service


@pytest.fixture(scope="module")
def runs(service: Service) -> Runs:
    """All that there are: no test here makes or deletes any."""
    with CommandLine(service.url) as cli:
        return three_runs(cli)


def listed(cli: CommandLine, *options: str) -> list[str]:
    """The agents of the runs in the list."""
    ended = cli.call("list", "--json", *options)
    assert ended.status == 0, ended.err
    return [orjson.loads(line)["agent"]["name"] for line in ended.out.splitlines()]


@pytest.mark.parametrize(
    ("options", "agents"),
    [
        ([], ["three", "two", "one"]),
        (["--ascending"], ["one", "two", "three"]),
        (["-n", "1", "--order", "completed"], ["three"]),
        (["--status", "completed"], ["three", "one"]),
        (["--status", "failed", "--status", "cancelled"], ["two"]),
        (["--agent", "one", "--agent", "two"], ["two", "one"]),
        (["--cluster", "prod-eu"], ["three"]),
        (["--source", "SCHEDULE"], ["three"]),
        (["--by", "nightly"], ["three"]),
        (["--label", "team=core"], ["one"]),
        (["--search", "STATUS 3"], ["two"]),
        (["--since", "1h"], ["three", "two", "one"]),
        (["--until", "1h"], []),
        (["--status", "completed", "--agent", "two"], []),
        (["--exclude-source", "schedule", "--exclude-agent", "one"], ["two"]),
        (["--exclude-label", "team=core", "--exclude-status", "failed"], ["three"]),
        (["--exclude-cluster", "prod-eu", "--exclude-by", "nobody"], ["two", "one"]),
    ],
)
def test_options_choose_and_sort_runs(
    cli: CommandLine, runs: Runs, options: list[str], agents: list[str]
) -> None:
    assert listed(cli, *options) == agents


def test_list_for_programs_is_fields_between_tabs(cli: CommandLine, runs: Runs) -> None:
    (line,) = cli.call("list", "--agent", "two").out.splitlines()
    status, agent, cluster, source, _by, started, duration, run_id, error = line.split("\t")
    assert (status, agent, cluster, source) == ("FAILED", "two", "local", "MANUAL")
    assert started.endswith("Z")
    assert float(duration) >= 0
    assert (run_id, error) == (runs["two"], "Link: exit status 3")


def test_list_on_a_terminal_is_a_table_in_colours(cli: CommandLine, runs: Runs) -> None:
    table = on_terminal(cli, "list", columns=200)
    assert "\x1b[1;31mFAILED" in table
    heading, *rows = re.sub(r"\x1b\[[0-9;]*m", "", table).splitlines()
    assert heading.split() == [
        *("status", "agent", "cluster", "trigger", "started", "duration", "id", "error")
    ]
    assert [run_id for row in rows for run_id in row.split() if run_id.startswith("run_")] == [
        runs["three"],
        runs["two"],
        runs["one"],
    ]


def test_id_is_whole_also_on_a_narrow_terminal(cli: CommandLine, runs: Runs) -> None:
    assert runs["two"] in on_terminal(cli, "list", columns=80)


def test_empty_list_says_so_to_people_and_nothing_to_programs(cli: CommandLine) -> None:
    assert on_terminal(cli, "list", "--agent", "none", columns=80).strip() == "no runs"
    assert cli.call("list", "--agent", "none").out == ""


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (["--since", "yesterday"], "expected a time such as"),
        (["--label", "team"], "--label: expected NAME=VALUE"),
        (["--exclude-label", "team"], "--exclude-label: expected NAME=VALUE"),
        (["--limit", "0"], "--limit"),
        (["--status", "broken"], "--status"),
        (["--url", "localhost:8000"], "expected an address such as http://"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(
    cli: CommandLine, options: list[str], part: str
) -> None:
    ended = cli.call("list", *options)
    assert ended.status == 2
    assert part in " ".join(ended.err.split())


def test_service_that_is_not_there_is_a_sentence(cli: CommandLine) -> None:
    ended = cli.call("list", "--url", "http://127.0.0.1:9")
    assert ended.status == 2
    assert ended.err.startswith("agent-runs: no answer from http://127.0.0.1:9: ")
