"""`agent-runs tail`: the last lines, and those to come, each once."""

import signal
import sys
from pathlib import Path

import orjson
import pytest

from server.cli.client import Json
from tests.server.cli.command_line import CommandLine
from tests.server.cli.waiting import until_now
from tests.support.service import Service


@pytest.fixture(scope="module")
def numbers(service: Service) -> str:
    """A completed run of 2500 lines."""
    with CommandLine(service.url) as cli:
        return cli.call("exec", "--quiet", "--", "seq", "2500").run_id


def test_last_lines_are_shown_as_they_were_told(cli: CommandLine, numbers: str) -> None:
    ended = cli.call("tail", "-n", "3", numbers)
    assert (ended.status, ended.out, ended.err) == (0, "2498\n2499\n2500\n", "")


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001, 2500, 9999])
def test_any_number_of_lines_comes_in_order(cli: CommandLine, numbers: str, count: int) -> None:
    ended = cli.call("tail", "-n", str(count), numbers)
    first = max(1, 2501 - count)
    assert ended.out == "".join(f"{n}\n" for n in range(first, 2501))


def test_following_an_ended_run_shows_its_end(cli: CommandLine, numbers: str) -> None:
    ended = cli.call("tail", "-f", "-n", "1", numbers)
    assert (ended.status, ended.out) == (0, "2500\n")
    assert "end of the log: COMPLETED after" in ended.err


def test_follower_sees_each_line_once_until_the_run_ends(cli: CommandLine, tmp_path: Path) -> None:
    """They join while lines are written, in bursts, a thousand a second."""
    enough = tmp_path / "enough"
    source = f"""
import os, time
n = 0
while not os.path.exists({str(enough)!r}):
    for n in range(n, n + 20):
        print(n)
    n += 1
    print(end="", flush=True)
    time.sleep(0.02)
"""
    writer = cli.start("exec", "--quiet", "--", sys.executable, "-c", source)
    run_id = writer.run_id()
    followers = [cli.start("tail", "-f", "-n", "100000", run_id) for _ in range(3)]
    for follower in followers:
        assert follower.read_line() == "0\n"
    enough.touch()
    assert writer.end().status == 0
    wanted = cli.call("tail", "-n", "100000", run_id).out
    for follower in followers:
        ended = follower.end()
        assert (ended.status, "0\n" + ended.out) == (0, wanted)


def test_follower_goes_on_over_restarts_of_the_service(
    own_service: Service, own_cli: CommandLine, tmp_path: Path
) -> None:
    enough = tmp_path / "enough"
    source = f"""
import os, time
n = 0
while not os.path.exists({str(enough)!r}):
    print(n, flush=True)
    n += 1
    time.sleep(0.001)
"""
    writer = own_cli.start("exec", "--quiet", "--", sys.executable, "-c", source)
    run_id = writer.run_id()
    follower = own_cli.start("tail", "-f", "-n", "100000", run_id)
    seen = [follower.read_line()]
    own_service.restart()
    follower.read_error("connected again")
    own_service.kill()
    own_service.start()
    follower.read_error("connected again")
    enough.touch()
    assert writer.end().status == 0
    ended = follower.end()
    assert ended.status == 0
    told = ("".join(seen) + ended.out).splitlines()
    assert told == [str(n) for n in range(len(told))]
    assert told == own_cli.call("tail", "-n", "100000", run_id).out.splitlines()


def test_follower_of_a_failing_run_exits_with_1_and_says_why(cli: CommandLine) -> None:
    script = "echo ::group::Build; echo broken; exit 3"
    run_id = cli.call("exec", "--steps", "--", "sh", "-c", script).run_id
    ended = cli.call("tail", "-f", run_id)
    assert ended.status == 1
    assert "FAILED after" in ended.err
    assert "in step Build: exit status 3" in ended.err


def test_deleting_a_run_ends_its_followers(cli: CommandLine) -> None:
    writer = cli.start("exec", "--", "sh", "-c", "echo ready; exec sleep 100")
    run_id = writer.run_id()
    follower = cli.start("tail", "-f", run_id)
    assert follower.read_line() == "ready\n"
    assert cli.call("delete", "--yes", "--force", run_id).status == 0
    ended = follower.end()
    assert ended.status == 1
    assert "the run was deleted" in ended.err
    writer.end()


def test_filters_choose_lines(cli: CommandLine) -> None:
    script = """
    echo ::group::Build; echo ::warning::careful; echo fine; echo ::endgroup::
    echo after; echo wrong >&2
    """
    run_id = cli.call("exec", "--steps", "--", "sh", "-c", script).run_id
    assert cli.call("tail", "--level", "warning", run_id).out == "::warning::careful\n"
    assert cli.call("tail", "--stream", "stderr", run_id).out == "wrong\n"
    assert cli.call("tail", "--step", "build", "-n", "2", run_id).out == "fine\n::endgroup::\n"


def test_json_has_each_line_with_all_its_fields(cli: CommandLine, numbers: str) -> None:
    line: Json = orjson.loads(cli.call("tail", "--json", "-n", "1", numbers).out)
    assert line.pop("at").endswith("Z")
    assert line == {
        "sequence": 2500,
        "level": "INFO",
        "stream": "STDOUT",
        "stepKey": None,
        "attempt": 1,
        "source": "main",
        "message": "2500",
        "truncatedBytes": None,
    }


def test_timestamps_stand_before_the_lines(cli: CommandLine, numbers: str) -> None:
    out = cli.call("tail", "-t", "-n", "1", numbers).out
    assert out.endswith("Z 2500\n")


@pytest.mark.parametrize("run_id", ["run_0199f0a4-7c1e-7a51-9d0c-5b8f0e6a1b2c", "nonsense"])
def test_run_that_is_not_there_is_a_sentence(cli: CommandLine, run_id: str) -> None:
    ended = cli.call("tail", "-f", run_id)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith("agent-runs: ")
    assert "Traceback" not in ended.err


def test_reader_that_has_seen_enough_ends_it_quietly(cli: CommandLine, numbers: str) -> None:
    tail = cli.start("tail", "-n", "2500", numbers)
    assert tail.read_line() == "1\n"
    assert tail.process.stdout is not None
    tail.process.stdout.close()
    until_now(lambda: tail.process.poll() is not None)
    assert tail.process.stderr is not None
    assert tail.process.stderr.read() == b""


def test_ctrl_c_ends_it_quietly(cli: CommandLine) -> None:
    writer = cli.start("exec", "--", "sh", "-c", "echo ready; exec sleep 100")
    follower = cli.start("tail", "-f", writer.run_id())
    assert follower.read_line() == "ready\n"
    follower.process.send_signal(signal.SIGINT)
    ended = follower.end()
    assert (ended.status, ended.err) == (130, "")
    writer.process.terminate()
    writer.end()
