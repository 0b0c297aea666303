"""`agent-runs list`, `show` and `delete`."""

import orjson
import pytest

from server.cli.client import Json
from tests.server.cli.command_line import CommandLine
from tests.server.cli.on_terminal import on_terminal


@pytest.fixture
def runs(cli: CommandLine) -> dict[str, str]:
    """Three runs that have ended, by the names of their agents."""
    fails = ("sh", "-c", "echo ::group::Build; echo ::group::Link; exit 3")
    return {
        "one": cli.call("exec", "--agent", "one", "--label", "team=core", "--", "true").run_id,
        "two": cli.call("exec", "--agent", "two", "--steps", "--", *fails).run_id,
        "three": cli.call(
            *("exec", "--agent", "three", "--cluster", "prod-eu"),
            *("--trigger-source", "schedule", "--trigger-name", "nightly", "--", "true"),
        ).run_id,
    }


def listed(cli: CommandLine, *options: str) -> list[str]:
    """The agents of the runs in the list."""
    ended = cli.call("list", "--json", *options)
    assert ended.status == 0, ended.err
    return [orjson.loads(line)["agent"]["name"] for line in ended.out.splitlines()]


def test_list_has_the_latest_run_first_unless_told(cli: CommandLine, runs: dict[str, str]) -> None:
    assert listed(cli) == ["three", "two", "one"]
    assert listed(cli, "--ascending") == ["one", "two", "three"]
    assert listed(cli, "-n", "1", "--order", "completed") == ["three"]


@pytest.mark.parametrize(
    ("options", "agents"),
    [
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
def test_list_filters(
    cli: CommandLine, runs: dict[str, str], options: list[str], agents: list[str]
) -> None:
    assert listed(cli, *options) == agents


def test_list_for_programs_is_fields_between_tabs(cli: CommandLine, runs: dict[str, str]) -> None:
    (line,) = cli.call("list", "--agent", "two").out.splitlines()
    status, agent, cluster, source, _by, started, duration, run_id, error = line.split("\t")
    assert (status, agent, cluster, source) == ("FAILED", "two", "local", "MANUAL")
    assert started.endswith("Z")
    assert float(duration) >= 0
    assert (run_id, error) == (runs["two"], "Link: exit status 3")


def test_list_on_a_terminal_is_a_table(cli: CommandLine, runs: dict[str, str]) -> None:
    table = on_terminal(cli, "list", columns=200)
    assert table.splitlines()[0].split() == [
        *("status", "agent", "cluster", "trigger", "started", "duration", "id", "error")
    ]
    assert all(run_id in table for run_id in runs.values())
    assert "\x1b[1;31mFAILED" in table
    assert runs["two"] in on_terminal(cli, "list", columns=80)


def test_list_says_where_there_is_nothing(cli: CommandLine) -> None:
    assert on_terminal(cli, "list", columns=80).strip() == "no runs"
    assert cli.call("list").out == ""


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (["--since", "yesterday"], "expected a time such as"),
        (["--label", "team"], "--label: expected NAME=VALUE"),
        (["--exclude-label", "team"], "--exclude-label: expected NAME=VALUE"),
        (["--limit", "0"], "--limit"),
        (["--status", "broken"], "--status"),
    ],
)
def test_list_refuses_what_it_does_not_understand(
    cli: CommandLine, options: list[str], part: str
) -> None:
    ended = cli.call("list", *options)
    assert ended.status == 2
    assert part in ended.err


def test_show_has_everything_in_words(cli: CommandLine, runs: dict[str, str]) -> None:
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
    assert "Report" in cli.call("show", runs["one"]).out


def test_show_as_json_is_the_apis_answer(cli: CommandLine, runs: dict[str, str]) -> None:
    shown: Json = orjson.loads(cli.call("show", "--json", runs["three"]).out)
    assert (shown["id"], shown["status"]) == (runs["three"], "COMPLETED")
    assert shown["trigger"]["name"] == "nightly"


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


def test_delete_says_what_is_gone_and_how_to_bring_it_back(
    cli: CommandLine, runs: dict[str, str]
) -> None:
    ended = cli.call("delete", "--yes", runs["one"], runs["two"])
    assert ended.status == 0
    lines = ended.out.splitlines()
    assert lines[:2] == [f"{runs['one']} deleted", f"{runs['two']} deleted"]
    assert listed(cli) == ["three"]
    restore = lines[2].partition(": ")[2]
    assert cli.query(restore) == {"restoreRuns": {"restoredCount": 2}}
    assert listed(cli) == ["three", "two", "one"]


def test_delete_goes_on_where_one_cannot_be_deleted(cli: CommandLine, runs: dict[str, str]) -> None:
    unknown = "run_0199f0a4-7c1e-7a51-9d0c-5b8f0e6a1b2c"
    ended = cli.call("delete", "--yes", unknown, runs["one"], "nonsense", runs["one"])
    assert ended.status == 1
    assert ended.out.splitlines()[0] == f"{runs['one']} deleted"
    assert len(ended.err.splitlines()) == 2
    assert unknown in ended.err
    assert listed(cli) == ["three", "two"]


def test_delete_spares_an_active_run_unless_forced(cli: CommandLine) -> None:
    writer = cli.start("exec", "--", "sh", "-c", "echo ready; exec sleep 100")
    run_id = writer.run_id()
    refused = cli.call("delete", "--yes", run_id)
    assert (refused.status, refused.out) == (1, "")
    assert cli.call("delete", "--yes", "--force", run_id).status == 0
    writer.end()


def test_delete_asks_first(cli: CommandLine, runs: dict[str, str]) -> None:
    refused = cli.call("delete", runs["one"])
    assert refused.status == 2
    assert "--yes" in refused.err
    shown = on_terminal(cli, "delete", runs["one"], columns=80, answer="n\n")
    assert "Delete this run" in shown
    assert "one" in listed(cli)
    on_terminal(cli, "delete", runs["one"], columns=80, answer="y\n")
    assert "one" not in listed(cli)
