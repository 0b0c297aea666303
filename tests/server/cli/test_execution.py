"""`exec` on real commands, with the service in memory: what it tells of them, and when."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from server.cli import backoff as pauses
from server.cli import execution, process
from server.cli.execution import Execution, Plan
from server.cli.outbox import Limits
from tests.server.cli.fake_service import FakeService
from tests.server.cli.waiting import until


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pauses.backoff, "__defaults__", (0.001, 0.001, lambda low, high: high))
    monkeypatch.setattr(process, "LINGER_S", 0.1)


class Executed:
    """One execution, and what it said."""

    def __init__(self, service: FakeService, *argv: str, limits: Limits | None = None, **plan: Any):
        self.said: list[str] = []
        self._execution = Execution(
            Plan(argv, {"agent": {"name": "a"}}, quiet=True, **plan),
            service,
            self.said.append,
            limits,
        )

    @property
    def ended(self) -> bool:
        """Whether the command has ended, whatever is still to be told."""
        return self._execution.ended

    async def run(self) -> int:
        return await self._execution.run()


async def execute(service: FakeService, *argv: str, **plan: Any) -> tuple[int, list[str]]:
    executed = Executed(service, *argv, **plan)
    return await executed.run(), executed.said


def told(service: FakeService, stream: str = "STDOUT") -> list[str]:
    return [line["message"] for line in service.lines if line.get("stream", "STDOUT") == stream]


async def test_command_that_exits_with_0_completes_its_run() -> None:
    service = FakeService()
    status, said = await execute(service, "sh", "-c", "echo out; echo err >&2; printf 'no end'")
    assert (status, said) == (0, ["run http://service/runs/run_1"])
    assert (told(service), told(service, "STDERR")) == (["out", "no end"], ["err"])
    assert service.end is not None
    assert service.end == (
        "COMPLETED",
        {"runId": "run_1", "attempt": 1, "logEnds": [{"source": "main", "nextOffset": 3}]},
    )


async def test_command_that_fails_tells_its_status_and_last_lines() -> None:
    service = FakeService()
    status, _ = await execute(service, "sh", "-c", "seq 100; exit 3")
    assert status == 3
    assert service.end is not None
    ended, given = service.end
    assert ended == "FAILED"
    details = "\n".join(str(n) for n in range(81, 101))
    assert given["error"] == {"message": "exit status 3", "details": details}


async def test_command_that_a_signal_kills_has_its_name_and_a_shells_status() -> None:
    service = FakeService()
    status, _ = await execute(service, "sh", "-c", "kill -KILL $$")
    assert status == 128 + 9
    assert service.end is not None
    assert service.end[1]["error"]["message"] == "killed by SIGKILL"


async def test_step_that_is_open_when_the_command_fails_is_the_one_that_failed() -> None:
    service = FakeService()
    script = "echo ::group::One; echo ::endgroup::; echo ::group::Two; exit 1"
    await execute(service, "sh", "-c", script, steps=True)
    assert {key: step["status"] for key, step in service.steps.items()} == {
        "one": "COMPLETED",
        "two": "RUNNING",
    }
    assert service.end is not None
    assert service.end[1]["error"]["stepKey"] == "two"
    assert [line["stepKey"] for line in service.lines] == ["one", "one", "two"]


async def test_step_with_an_error_fails_also_where_the_command_does_not() -> None:
    service = FakeService()
    await execute(service, "sh", "-c", "echo ::group::One; echo ::error::bad", steps=True)
    assert service.steps["one"]["status"] == "FAILED"
    assert service.end is not None
    assert service.end[0] == "COMPLETED"


async def test_cancelled_run_ends_its_command_and_confirms_with_the_last_lines() -> None:
    service = FakeService()
    script = "trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.01; echo .; done"
    execution_ = asyncio.create_task(execute(service, "sh", "-c", script))
    await service.heard("appendLogs")
    service.cancellation = {"by": "mia"}
    status, said = await execution_
    assert status == 0
    assert said[1] == "cancelled by mia. Ending the command"
    assert told(service)[-1] == "bye"
    assert service.end is not None
    assert service.end[0] == "CANCELLED"
    assert service.end[1]["logEnds"] == [{"source": "main", "nextOffset": len(service.lines)}]


async def test_command_ends_when_its_run_was_ended_by_others() -> None:
    service = FakeService()
    script = "while :; do echo .; sleep 0.01; done"
    execution_ = asyncio.create_task(execute(service, "sh", "-c", script))
    await service.heard("appendLogs")
    service.status = "FAILED"
    status, said = await execution_
    assert status == 128 + signal.SIGTERM
    assert "Ending the command" in said[-1]
    assert service.end is None


async def test_full_memory_stops_the_command_and_nothing_is_lost(tmp_path: Path) -> None:
    """The command writes until nothing goes in for a second, says how much did, and writes on."""
    stuck = tmp_path / "stuck"
    source = f"""
import os, select
os.set_blocking(1, False)
written = 0
while select.select([], [1], [], 1.0)[1]:
    written += os.write(1, b"%09d\\n" % (written // 10))
open({str(stuck)!r}, "w").write(str(written))
os.set_blocking(1, True)
for n in range(written // 10, written // 10 + 10_000):
    os.write(1, b"%09d\\n" % n)
"""
    service = FakeService()
    executed = Executed(service, sys.executable, "-c", source, limits=Limits(items=5_000))
    task = asyncio.create_task(executed.run())
    await service.heard("heartbeat")
    service.open.clear()
    written = int(await until(lambda: stuck.exists() and stuck.read_text()))
    pipe_and_chunks = 3 * 65536
    assert written <= 10 * 5_500 + pipe_and_chunks
    service.open.set()
    assert await task == 0
    assert told(service) == [f"{n:09}" for n in range(written // 10 + 10_000)]


async def test_signal_goes_to_the_command_and_its_status_comes_back() -> None:
    service = FakeService()
    script = "trap 'echo caught; exit 42' INT; echo ready; while :; do sleep 0.01; done"
    execution_ = asyncio.create_task(execute(service, "sh", "-c", script))
    await until(lambda: told(service) == ["ready"])
    os.kill(os.getpid(), signal.SIGINT)
    status, _ = await execution_
    assert (status, told(service)) == (42, ["ready", "caught"])


async def test_second_signal_ends_the_telling_once_the_command_has_ended() -> None:
    service = FakeService(lambda name: "lost" if name == "appendLogs" else None)
    executed = Executed(service, "sh", "-c", "echo one; echo two; exit 5")
    task = asyncio.create_task(executed.run())
    await until(lambda: executed.ended)
    os.kill(os.getpid(), signal.SIGTERM)
    assert await task == 5
    assert executed.said[-1] == "broken off: 2 lines of the log and the run's end are not told"


async def test_command_that_is_not_there_fails_its_run() -> None:
    service = FakeService()
    status, said = await execute(service, "no-such-command-anywhere")
    assert status == 127
    assert said[-1] == "cannot run no-such-command-anywhere: No such file or directory"
    assert service.end is not None
    assert service.end[1]["error"]["message"] == said[-1]


async def test_service_that_is_not_there_is_no_reason_to_wait_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(execution, "START_PATIENCE_S", 0.05)
    status, said = await execute(FakeService(lambda name: "lost"), "true")
    assert status == 125
    assert said[-1] == "the run could not be started: lost on the way there"


async def test_report_goes_with_the_end(tmp_path: Path) -> None:
    report = tmp_path / "report.md"
    service = FakeService()
    await execute(service, "sh", "-c", f"echo '# Done' > {report}", report=report)
    assert service.end is not None
    assert service.end[1]["report"]["title"] == "Done"


async def test_report_that_is_missing_does_not_fail_the_run(tmp_path: Path) -> None:
    service = FakeService()
    status, said = await execute(service, "true", report=tmp_path / "report.md")
    assert status == 0
    assert "No such file" in said[-1]
    assert service.end is not None
    assert "report" not in service.end[1]


async def test_on_a_pseudo_terminal_lines_have_no_carriage_return() -> None:
    service = FakeService()
    await execute(service, "sh", "-c", "test -t 1 && echo terminal; echo err >&2", pty=True)
    assert told(service) == ["terminal", "err"]
