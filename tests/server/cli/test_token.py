"""`agent-runs token`, and every other command with a token and without, for a service that asks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from server.access_watch import RECHECK_SECONDS
from server.authentication import KNOWN_SECONDS
from tests.conftest import DATABASES
from tests.server.cli.command_line import CommandLine, Ended
from tests.server.cli.waiting import until_now
from tests.support.engines import Engines
from tests.support.service import Service

#: In which all commands are run.
SESSION = {"AGENT_RUNS_COPILOT_SESSION": "chat-7f3a"}


@dataclass(frozen=True)
class Guarded:
    """A service that asks for a login, and the command line on its machine."""

    service: Service
    operator: CommandLine

    def token(self, role: str, name: str, *options: str) -> str:
        """A fresh one."""
        made = self.operator.call(*("token", "create", "--role", role, "--name", name), *options)
        assert made.status == 0, made.err
        return made.out.strip()

    def revoke(self, name: str) -> Ended:
        [line] = [row for row in self.rows() if row[2] == name]
        return self.operator.call("token", "revoke", line[0])

    def rows(self) -> list[list[str]]:
        """What `token list` shows."""
        listed = self.operator.call("token", "list")
        assert listed.status == 0, listed.err
        return [line.split("\t") for line in listed.out.splitlines()]

    def commands(self, token: str) -> CommandLine:
        """For whoever holds this token; empty: none."""
        return CommandLine(self.service.url, AGENT_RUNS_TOKEN=token, **SESSION)

    def audit(self, token: str) -> list[dict[str, str]]:
        """The newest entries."""
        query = "{ auditEntries(first: 50) { nodes { action by copilotSession } } }"
        body, headers = {"query": query}, {"Authorization": f"Bearer {token}"}
        answer = httpx.post(f"{self.service.url}/graphql", json=body, headers=headers)
        entries: list[dict[str, str]] = answer.json()["data"]["auditEntries"]["nodes"]
        return entries


async def _migrate(url: str) -> None:
    from models.database import migrate

    await migrate(url)


@pytest.fixture(scope="module", params=DATABASES)
def guarded(
    request: pytest.FixtureRequest, engines: Engines, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("guarded")
    with (
        engines.database(request.param, _migrate, folder) as url,
        Service(url, folder / "service.log", REQUIRE_LOGIN="1", HEARTBEAT_SECONDS="0.2") as service,
        CommandLine(service.url, DATABASE_URL=url, **SESSION) as operator,
    ):
        yield Guarded(service, operator)


def test_a_token_is_shown_once_and_listed_by_its_beginning(guarded: Guarded) -> None:
    made = guarded.operator.call(
        *("token", "create", "--role", "viewer", "--name", "shown", "--expires", "12h"),
        *("--agent", "etl", "--cluster", "eu-1"),
    )
    assert re.fullmatch(r"ar_[\w-]{43}\n", made.out)
    assert re.search(r"^token_\S+ expires \S+Z$", made.err.strip())
    [row] = [row for row in guarded.rows() if row[2] == "shown"]
    assert made.out.strip() not in "\t".join(row)
    assert row[1] == made.out[:9] + "…"
    assert (row[3], row[5]) == ("viewer", "never used")
    assert row[6] == 'agents ["etl"] clusters ["eu-1"]'


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--role", "root", "--name", "x"), "root"),
        (("--role", "viewer", "--name", ""), "name: expected 1 to 200 characters"),
        (("--role", "admin", "--name", "x", "--agent", "a"), "role: expected another than admin"),
        (("--role", "viewer", "--name", "x", "--expires", "soon"), "expected 30m, 12h"),
        (("--role", "viewer", "--name", "x", "--expires", "0d"), "expires: expected a time"),
    ],
)
def test_a_token_that_cannot_be_is_not_made(
    guarded: Guarded, options: tuple[str, ...], expected: str
) -> None:
    ended = guarded.operator.call("token", "create", *options)
    assert ended.status in {1, 2}
    assert ended.out == ""
    assert expected in " ".join(ended.err.split())


def test_every_command_works_with_a_token_and_tells_of_its_session(guarded: Guarded) -> None:
    token = guarded.token("admin", "all")
    with guarded.commands(token) as cli:
        run_id = cli.call("exec", "--agent", "hello", "--", "echo", "hi").run_id
        assert run_id in cli.call("list").out
        assert "hello" in cli.call("show", run_id).out
        followed = cli.call("tail", "-f", run_id)
        assert (followed.status, followed.out) == (0, "hi\n")
        assert cli.call("delete", "--yes", run_id).status == 0
    session = SESSION["AGENT_RUNS_COPILOT_SESSION"]
    told = [(entry["action"], entry["copilotSession"]) for entry in guarded.audit(token)]
    assert told[:2] == [("DELETE_RUNS", session), ("CREATE_TOKEN", session)]


def test_without_a_token_every_command_says_what_is_missing(guarded: Guarded) -> None:
    with guarded.commands(guarded.token("admin", "first")) as cli:
        run_id = cli.call("exec", "--", "echo", "hi").run_id
    commands = {
        "list": ("list",),
        "show": ("show", run_id),
        "tail": ("tail", "-f", run_id),
        "delete": ("delete", "--yes", run_id),
    }
    with guarded.commands("") as nobody, guarded.commands("ar_unknown") as stranger:
        unknown = stranger.start("list")
        for name, started in {name: nobody.start(*told) for name, told in commands.items()}.items():
            ended = started.end()
            assert (ended.status, ended.out) == (2, ""), name
            assert "expected a login" in ended.err or "4403" in ended.err, (name, ended.err)
        assert "the token is unknown, expired or revoked" in unknown.end().err


def test_exec_without_a_token_runs_nothing(guarded: Guarded) -> None:
    with guarded.commands("") as cli:
        ended = cli.call("exec", "--", "echo", "hi")
        assert (ended.status, ended.out) == (125, "")
        assert "the run could not be started: Mutation.startRun: expected a login" in ended.err


def test_a_role_that_may_not_is_told_which_may(guarded: Guarded) -> None:
    with guarded.commands(guarded.token("viewer", "reading")) as cli:
        ended = cli.call("delete", "--yes", "run_0199f0a4-7c1e-7a51-9d0c-5b8f0e6a1b2c")
        assert ended.status == 2
        assert "this takes the role admin or operator, got viewer" in ended.err


def test_a_revoked_token_ends_what_it_follows_and_opens_nothing(guarded: Guarded) -> None:
    """Made and revoked beside the service, on its own SQLite file too."""
    reporting = guarded.commands(guarded.token("reporter", "reporting"))
    following = guarded.commands(guarded.token("viewer", "following"))
    with reporting, following:
        writer = reporting.start("exec", "--", "sh", "-c", "echo begun; sleep 60")
        run_id = writer.run_id()
        follower = following.start("tail", "-f", run_id)
        assert follower.read_line() == "begun\n"
        revoked = guarded.revoke("following")
        assert re.fullmatch(r"token_\S+ revoked \S+Z\n", revoked.out)
        ended = follower.end()
        assert ended.status == 2
        assert "4403 the login is over" in ended.err
        # Who asked a moment ago is known for KNOWN_SECONDS.
        refused = "the token is unknown, expired or revoked"
        assert until_now(lambda: refused in following.call("list").err)
        # The reporter's own token holds.
        assert writer.process.poll() is None


def test_a_new_token_of_the_same_name_goes_on(guarded: Guarded) -> None:
    first = guarded.token("reporter", "rotated")
    second = guarded.token("reporter", "rotated")
    for token in (first, second):
        with guarded.commands(token) as cli:
            assert cli.call("exec", "--", "true").status == 0


def test_the_service_tells_that_nobody_can_log_in_until_somebody_can(
    sqlite_url: str, tmp_path: Path
) -> None:
    log = tmp_path / "service.log"
    with (
        Service(sqlite_url, log, REQUIRE_LOGIN="1") as service,
        CommandLine(service.url, DATABASE_URL=sqlite_url) as operator,
    ):
        told = until_now(
            lambda: [line for line in log.read_text().splitlines() if "nobody" in line]
        )
        assert "agent-runs token create" in told[0]
        assert operator.call("token", "create", "--role", "admin", "--name", "me").status == 0
        log.write_text("")
        service.restart()
        assert "nobody" not in log.read_text()


def test_what_revoke_promises_is_what_the_service_keeps() -> None:
    assert KNOWN_SECONDS + RECHECK_SECONDS <= 10
