"""`agent-runs exec` against a service: real commands, real runs."""

import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from tests.server.cli.command_line import CommandLine
from tests.server.cli.waiting import until_now
from tests.support.service import Service, free_port

STEPS = """
echo starting
echo ::group::Build
echo ::group::Compile
echo compiling
echo ::endgroup::
echo ::endgroup::
echo ::group::Test
"""


def messages(run: dict) -> list[str]:
    return [line["message"] for line in run["logs"]["nodes"]]


def test_completing_command_is_a_completed_run_with_a_report(either_cli: CommandLine) -> None:
    ended = either_cli.call(
        "exec",
        *("--agent", "greeter", "--cluster", "prod-eu", "--label", "team=core"),
        *("--trigger-source", "schedule", "--trigger-name", "nightly", "--trigger-id", "42"),
        *("--input", "n=1.10", "--inputs", '{"z": 1, "a": null}'),
        *("--", "sh", "-c", "echo out; echo err >&2; printf 'größe\\r'"),
    )
    assert (ended.status, ended.out) == (0, "out\ngröße\r")
    assert ended.err.splitlines()[-1] == "err" or "err" in ended.err.splitlines()
    run = either_cli.find(ended.run_id)
    assert run["status"] == "COMPLETED"
    assert run["agent"] == {"name": "greeter", "kind": "TASK"}
    assert run["cluster"] == {"name": "prod-eu"}
    assert run["trigger"] == {
        "source": "SCHEDULE",
        "name": "nightly",
        "url": None,
        "externalId": "42",
    }
    assert run["labels"] == [{"name": "team", "value": "core"}]
    assert list(run["inputs"].items()) == [("z", 1), ("a", None), ("n", 1.1)]
    by_stream = {line["stream"]: line["message"] for line in reversed(run["logs"]["nodes"])}
    assert by_stream == {"STDOUT": "out", "STDERR": "err"}
    assert "größe\r" in messages(run)
    assert run["logs"]["isComplete"]
    assert run["report"] is not None


def test_failing_command_fails_in_the_step_that_was_open(either_cli: CommandLine) -> None:
    ended = either_cli.call("exec", "--steps", "--", "sh", "-c", f"{STEPS} echo broken >&2; exit 3")
    assert ended.status == 3
    run = either_cli.find(ended.run_id)
    assert run["status"] == "FAILED"
    assert run["agent"] == {"name": "sh", "kind": "WORKFLOW"}
    assert run["error"]["code"] == "AGENT_ERROR"
    assert run["error"]["message"] == "exit status 3"
    assert run["error"]["step"] == {"key": "test", "name": "Test"}
    assert "broken" in run["error"]["details"]
    steps = [(s["name"], s["status"], (s["parent"] or {}).get("key")) for s in run["steps"]]
    assert steps == [
        ("Build", "COMPLETED", None),
        ("Compile", "COMPLETED", "build"),
        ("Test", "FAILED", None),
    ]
    keys = {line["message"]: line["stepKey"] for line in run["logs"]["nodes"]}
    assert (keys["starting"], keys["compiling"], keys["::group::Test"]) == (None, "compile", "test")


def test_cancelled_run_ends_its_command(either_cli: CommandLine) -> None:
    script = "trap 'echo bye; exit 9' TERM; echo ready; while :; do sleep 0.05; done 2>&-"
    started = either_cli.start("exec", "--", "sh", "-c", script)
    run_id = started.run_id()
    assert started.read_line() == "ready\n"
    either_cli.cancel(run_id)
    ended = started.end()
    assert ended.status == 9
    assert "cancelled by" in ended.err
    run = either_cli.find(run_id)
    assert run["status"] == "CANCELLED"
    assert messages(run) == ["ready", "bye"]


def test_command_that_ignores_the_request_is_killed(cli: CommandLine) -> None:
    script = "trap '' TERM; echo ready; while :; do sleep 0.05; done"
    started = cli.start("exec", "--grace", "0.2", "--", "sh", "-c", script)
    run_id = started.run_id()
    assert started.read_line() == "ready\n"
    cli.cancel(run_id)
    assert started.end().status == 128 + signal.SIGKILL
    assert cli.find(run_id)["status"] == "CANCELLED"


def test_run_waits_as_retrying_until_its_cluster_answers(either_cli: CommandLine) -> None:
    port = free_port()
    started = either_cli.start("exec", "--cluster-address", f"127.0.0.1:{port}", "--", "echo", "hi")
    run_id = started.run_id()
    waiting = either_cli.find_when(run_id, lambda run: run["status"] == "RETRYING")
    assert waiting["nextAttemptAt"] is not None
    assert f"127.0.0.1:{port} does not answer" in waiting["attempts"][0]["failure"]
    with socket.create_server(("127.0.0.1", port)):
        ended = started.end()
    assert (ended.status, ended.out) == (0, "hi\n")
    run = either_cli.find(run_id)
    assert run["status"] == "COMPLETED"
    assert len(run["attempts"]) >= 2
    (line,) = run["logs"]["nodes"]
    assert line["attempt"] == len(run["attempts"])


def test_cluster_that_never_answers_fails_the_run_after_the_attempts_allowed(
    cli: CommandLine,
) -> None:
    address = f"127.0.0.1:{free_port()}"
    ended = cli.call("exec", "--cluster-address", address, "--max-attempts", "2", "--", "true")
    assert ended.status == 125
    run = cli.find(ended.run_id)
    assert (run["status"], run["error"]["code"]) == ("FAILED", "CLUSTER_UNREACHABLE")
    assert [attempt["number"] for attempt in run["attempts"]] == [1, 2]


def test_cancelling_a_retrying_run_ends_exec_without_starting_the_command(
    cli: CommandLine, tmp_path: Path
) -> None:
    address = f"127.0.0.1:{free_port()}"
    made = tmp_path / "made"
    started = cli.start("exec", "--cluster-address", address, "--", "touch", str(made))
    run_id = started.run_id()
    cli.find_when(run_id, lambda run: run["status"] == "RETRYING")
    cli.cancel(run_id)
    assert started.end().status == 125
    assert not made.exists()
    assert cli.find(run_id)["status"] == "CANCELLED"


def test_signal_to_exec_reaches_the_command_and_its_status_passes_on(cli: CommandLine) -> None:
    script = "trap 'echo caught; exit 42' TERM; echo ready; while :; do sleep 0.05; done 2>&-"
    started = cli.start("exec", "--", "sh", "-c", script)
    run_id = started.run_id()
    assert started.read_line() == "ready\n"
    started.process.send_signal(signal.SIGTERM)
    ended = started.end()
    assert (ended.status, ended.out) == (42, "caught\n")
    run = cli.find(run_id)
    assert (run["status"], run["error"]["message"]) == ("FAILED", "exit status 42")
    assert messages(run) == ["ready", "caught"]


def test_command_killed_by_the_signal_that_was_passed_on_says_so(cli: CommandLine) -> None:
    started = cli.start("exec", "--", "sh", "-c", "echo ready; exec sleep 100")
    run_id = started.run_id()
    assert started.read_line() == "ready\n"
    started.process.send_signal(signal.SIGHUP)
    assert started.end().status == 128 + signal.SIGHUP
    assert cli.find(run_id)["error"]["message"] == "killed by SIGHUP"


@pytest.mark.parametrize("way", ["stop", "kill"])
def test_restart_of_the_service_under_a_command_loses_nothing_and_doubles_nothing(
    way: str, own_service: Service, own_cli: CommandLine, tmp_path: Path
) -> None:
    """The command writes on, restart after restart, until the test says that it is enough."""
    enough = tmp_path / "enough"
    source = f"""
import os, sys, time
n = 0
while not os.path.exists({str(enough)!r}):
    print(n, flush=True)
    n += 1
    time.sleep(0.001)
"""
    started = own_cli.start("exec", "--quiet", "--", sys.executable, "-c", source)
    run_id = started.run_id()
    for _ in range(2):
        before = last_sequence(own_cli, run_id)
        getattr(own_service, way)()
        own_service.start()
        until_sequence(own_cli, run_id, before + 50)
    enough.touch()
    ended = started.end()
    assert ended.status == 0, ended.err
    assert "the service answers again" in ended.err
    told = [int(line) for line in all_messages(own_cli, run_id)]
    assert told == list(range(len(told)))
    assert len(told) > 100


def until_sequence(cli: CommandLine, run_id: str, number: int) -> None:
    until_now(lambda: last_sequence(cli, run_id) >= number)


def last_sequence(cli: CommandLine, run_id: str) -> int:
    document = "query($id: ID!) { run(id: $id) { lastSequence } }"
    number: int = cli.query(document, id=run_id)["run"]["lastSequence"]
    return number


def all_messages(cli: CommandLine, run_id: str) -> list[str]:
    """Of a log of any length, page by page."""
    document = """
    query($id: ID!, $after: String) {
      run(id: $id) {
        logs(first: 1000, after: $after) { nodes { message } pageInfo { hasNextPage endCursor } }
      }
    }"""
    found: list[str] = []
    after = None
    while True:
        page = cli.query(document, id=run_id, after=after)["run"]["logs"]
        found += [line["message"] for line in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


def test_long_line_is_sent_up_to_its_bound_with_a_note(cli: CommandLine) -> None:
    source = "print('x' * 1_000_000); print('next')"
    ended = cli.call("exec", "--quiet", "--", sys.executable, "-c", source)
    cut, note, following = cli.find(ended.run_id)["logs"]["nodes"]
    assert cut["message"] == "x" * 65_536
    assert cut["truncatedBytes"] == 262_144 - 65_536
    assert (note["stream"], note["level"]) == ("SYSTEM", "WARNING")
    assert f"{1_000_000 - 262_144} more bytes" in note["message"]
    assert following["message"] == "next"


def test_bytes_that_are_no_text_arrive_as_replacement_characters(cli: CommandLine) -> None:
    run = cli.exec("--quiet", "--", "printf", r"a\377b\n\000\033[31mred\n")
    assert messages(run) == ["a\ufffdb", "\u2400\x1b[31mred"]


def test_pty_makes_a_program_write_as_on_a_terminal(cli: CommandLine) -> None:
    source = "import sys; print(sys.stdout.isatty()); print('err', file=sys.stderr)"
    run = cli.exec("--pty", "--", sys.executable, "-c", source)
    assert messages(run) == ["True", "err"]
    assert {line["stream"] for line in run["logs"]["nodes"]} == {"STDOUT"}


def test_report_file_becomes_the_runs_report(cli: CommandLine, tmp_path: Path) -> None:
    report = tmp_path / "report.md"
    script = f"printf '# All done\\n\\nIt **works**.\\n' > {report}"
    run = cli.exec("--report", str(report), "--", "sh", "-c", script)
    assert run["report"]["title"] == "All done"
    assert run["report"]["sections"] == [{"heading": "report.md"}]
    assert "It **works**." in run["report"]["markdown"]


def test_report_that_the_service_refuses_gives_way_to_one_that_it_draws_up(
    cli: CommandLine, tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    report.write_text('{"headline": "no such field"}')
    ended = cli.call("exec", "--report", str(report), "--", "true")
    assert ended.status == 0
    assert "the report is not taken" in ended.err
    run = cli.find(ended.run_id)
    assert (run["status"], run["report"] is None) == ("COMPLETED", False)


def test_deleting_a_run_by_force_ends_its_command(cli: CommandLine) -> None:
    started = cli.start("exec", "--", "sh", "-c", "echo ready; exec sleep 100")
    run_id = started.run_id()
    assert started.read_line() == "ready\n"
    assert cli.call("delete", "--yes", "--force", run_id).status == 0
    assert started.end().status == 128 + signal.SIGTERM


def test_lost_run_whose_reporter_comes_back_is_told_so(sqlite_url: str, tmp_path: Path) -> None:
    """A reporter that was stopped for longer than the service waits."""
    settings = {"HEARTBEAT_SECONDS": "0.2", "SILENCE_SECONDS": "1"}
    with (
        Service(sqlite_url, tmp_path / "service.log", **settings) as service,
        CommandLine(service.url) as cli,
    ):
        started = cli.start("exec", "--", "sh", "-c", "echo ready; exec sleep 100")
        run_id = started.run_id()
        assert started.read_line() == "ready\n"
        os.kill(started.process.pid, signal.SIGSTOP)
        cli.find_when(run_id, lambda run: run["status"] == "FAILED")
        os.kill(started.process.pid, signal.SIGCONT)
        ended = started.end()
        assert ended.status == 128 + signal.SIGTERM
        assert "LOST" in ended.err


def test_commands_work_below_a_path(sqlite_url: str, tmp_path: Path) -> None:
    service = Service(sqlite_url, tmp_path / "service.log")
    below = f"{service.url}/agents/runs"
    service.settings["PUBLIC_URL"] = below
    with service, CommandLine(f"{below}/") as cli:
        ended = cli.call("exec", "--", "echo", "hi")
        assert f"run {below}/runs/{ended.run_id}\n" in ended.err
        assert cli.call("tail", "-f", ended.run_id).out == "hi\n"


def test_without_a_service_the_command_is_not_started(tmp_path: Path) -> None:
    made = tmp_path / "made"
    with CommandLine(f"http://127.0.0.1:{free_port()}") as cli:
        ended = cli.call("exec", "--", "touch", str(made))
    assert ended.status == 125
    assert "agent-runs serve" in ended.err
    assert not made.exists()


def test_closed_output_does_not_stop_the_telling(cli: CommandLine) -> None:
    started = cli.start("exec", "--", "sh", "-c", "echo first; sleep 0.3; seq 1000")
    run_id = started.run_id()
    assert started.read_line() == "first\n"
    assert started.process.stdout is not None
    started.process.stdout.close()
    until_now(lambda: cli.find(run_id)["status"] == "COMPLETED")
    assert len(all_messages(cli, run_id)) == 1001
