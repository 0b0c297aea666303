"""`agent-runs delete`."""

import pytest

from tests.server.cli.command_line import CommandLine
from tests.server.cli.on_terminal import on_terminal


@pytest.fixture
def run_id(cli: CommandLine) -> str:
    """A run that has ended."""
    return cli.call("exec", "--", "true").run_id


def test_delete_says_what_is_gone_and_how_to_bring_it_back(cli: CommandLine, run_id: str) -> None:
    other = cli.call("exec", "--", "true").run_id
    ended = cli.call("delete", "--yes", run_id, other)
    assert (ended.status, ended.err) == (0, "")
    *deleted, hint = ended.out.splitlines()
    assert deleted == [f"{run_id} deleted", f"{other} deleted"]
    assert cli.find(run_id) is cli.find(other) is None
    restore = hint.partition("mutation")[2]
    assert cli.query(f"mutation{restore}") == {"restoreRuns": {"restoredCount": 2}}
    assert cli.find(run_id)["status"] == "COMPLETED"


def test_delete_goes_on_where_one_cannot_be_deleted(cli: CommandLine, run_id: str) -> None:
    unknown = "run_0199f0a4-7c1e-7a51-9d0c-5b8f0e6a1b2c"
    ended = cli.call("delete", "--yes", unknown, run_id, "nonsense", run_id)
    assert ended.status == 1
    assert ended.out.splitlines()[0] == f"{run_id} deleted"
    assert len(ended.err.splitlines()) == 2
    assert unknown in ended.err
    assert "nonsense" in ended.err


def test_delete_spares_an_active_run_unless_forced(cli: CommandLine) -> None:
    writer = cli.start("exec", "--", "sh", "-c", "echo ready; exec sleep 100")
    run_id = writer.run_id()
    refused = cli.call("delete", "--yes", run_id)
    assert (refused.status, refused.out) == (1, "")
    assert run_id in refused.err
    assert cli.call("delete", "--yes", "--force", run_id).status == 0
    writer.end()


def test_delete_asks_first(cli: CommandLine, run_id: str) -> None:
    shown = on_terminal(cli, "delete", run_id, columns=80, answer="n\n")
    assert "Delete this run" in shown
    assert cli.find(run_id) is not None
    on_terminal(cli, "delete", run_id, columns=80, answer="y\n")
    assert cli.find(run_id) is None


def test_where_nobody_can_be_asked_yes_is_expected(cli: CommandLine, run_id: str) -> None:
    refused = cli.call("delete", run_id)
    assert refused.status == 2
    assert "expected --yes" in refused.err
    assert cli.find(run_id) is not None
