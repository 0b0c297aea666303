"""`agent-runs show`, and what a run's texts may do to a terminal."""

import orjson
import pytest

from server.cli.client import Json
from tests.server.cli.command_line import CommandLine
from tests.server.cli.on_terminal import on_terminal
from tests.server.cli.three_runs import Runs, three_runs
from tests.support.service import Service


@pytest.fixture(scope="module")
def runs(service: Service) -> Runs:
    with CommandLine(service.url) as cli:
        return three_runs(cli)


def test_everything_is_there_in_words(cli: CommandLine, runs: Runs) -> None:
    page = cli.call("show", runs["two"]).out
    for part in (
        runs["two"],
        "FAILED",
        "two (workflow)",
        "AGENT_ERROR in step Link: exit status 3",
        "CANCELLED  Build",
        "FAILED       Link",
    ):
        assert part in page, page
    assert "\x1b" not in page
    assert all(line == line.rstrip() for line in page.splitlines())
    assert "Report" in cli.call("show", runs["one"]).out


def test_json_is_the_apis_answer(cli: CommandLine, runs: Runs) -> None:
    shown: Json = orjson.loads(cli.call("show", "--json", runs["three"]).out)
    assert (shown["id"], shown["status"]) == (runs["three"], "COMPLETED")
    assert shown["trigger"]["name"] == "nightly"


@pytest.mark.parametrize("run_id", ["run_0199f0a4-7c1e-7a51-9d0c-5b8f0e6a1b2c", "nonsense"])
def test_run_that_is_not_there_is_a_sentence(cli: CommandLine, run_id: str) -> None:
    ended = cli.call("show", run_id)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith("agent-runs: ")
    assert "Traceback" not in ended.err


def test_text_of_a_run_cannot_take_over_the_terminal(cli: CommandLine) -> None:
    evil = "a\x1b]0;title\x07\x9b2J\u202eb"
    run_id = cli.call(
        "exec", "--agent", evil, "--cluster", evil, "--input", f"k={evil}", "--", "printf", evil
    ).run_id
    for arguments in (("list",), ("show", run_id), ("tail", run_id)):
        shown = on_terminal(cli, *arguments, columns=300)
        for character in ("\x1b]", "\x07", "\x9b", "\u202e"):
            assert character not in shown, arguments
        assert "a^[]0;title^G" in shown
