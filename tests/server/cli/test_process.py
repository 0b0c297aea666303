"""Commands in a process group of their own, on real processes."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from server.cli import process
from server.cli.process import CannotStart, Command
from tests.server.cli.waiting import until


async def read_all(command: Command) -> dict[str, bytes]:
    async def read(output: process.Output) -> tuple[str, bytes]:
        return output.stream, b"".join([chunk async for chunk in output.chunks()])

    reading = asyncio.gather(*map(read, command.outputs))
    await command.wait()
    return dict(await reading)


async def python(source: str, *, pty: bool = False) -> Command:
    return await Command.start([sys.executable, "-c", source], pty=pty)


async def test_streams_come_apart_and_the_status_is_the_commands() -> None:
    command = await Command.start(["sh", "-c", "echo out; echo err >&2; exit 7"])
    assert await read_all(command) == {"STDOUT": b"out\n", "STDERR": b"err\n"}
    assert await command.wait() == 7


async def test_on_a_pseudo_terminal_a_program_believes_in_a_terminal() -> None:
    source = "import sys; print(sys.stdout.isatty(), flush=True); print('err', file=sys.stderr)"
    assert await read_all(await python(source, pty=True)) == {"STDOUT": b"True\nerr\n"}


async def test_all_that_a_pseudo_terminal_holds_is_read_after_the_end() -> None:
    output = await read_all(await python("print('x' * 200_000)", pty=True))
    assert output == {"STDOUT": b"x" * 200_000 + b"\n"}


async def test_command_that_is_not_there_has_the_status_of_a_shell() -> None:
    with pytest.raises(CannotStart) as refused:
        await Command.start(["no-such-command-anywhere"])
    assert refused.value.status == 127


async def test_file_that_is_no_program_has_the_status_of_a_shell(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("not a program")
    with pytest.raises(CannotStart) as refused:
        await Command.start([str(file)])
    assert refused.value.status == 126


async def test_failed_start_leaves_no_descriptor_open() -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        with pytest.raises(CannotStart):
            await Command.start(["no-such-command-anywhere"])
    assert len(os.listdir("/proc/self/fd")) == before


async def test_signal_reaches_every_process_of_the_group() -> None:
    command = await Command.start(["sh", "-c", "sleep 100 & sleep 100 & echo ready; wait"])
    chunks = command.outputs[0].chunks()
    assert await anext(chunks) == b"ready\n"
    command.send_signal(signal.SIGTERM)
    # Both pipes end only once the last process that holds them is gone.
    assert [chunk async for chunk in chunks] == []
    assert [chunk async for chunk in command.outputs[1].chunks()] == []
    assert await command.wait() == -signal.SIGTERM


async def test_command_that_ignores_the_request_is_killed_after_the_grace() -> None:
    command = await Command.start(["sh", "-c", "trap '' TERM; echo ready; sleep 100"])
    chunks = command.outputs[0].chunks()
    assert await anext(chunks) == b"ready\n"
    await command.end(grace_s=0.1)
    assert await command.wait() == -signal.SIGKILL
    assert await read_all(command) == {"STDOUT": b"", "STDERR": b""}


async def test_end_waits_for_a_child_that_cleans_up_after_its_parent_has_gone() -> None:
    child = "trap 'sleep 0.3; echo cleaned up; exit' TERM; echo ready; while :; do sleep 0.01; done"
    command = await Command.start(["sh", "-c", f'sh -c "{child}" & exec sleep 100'])
    chunks = command.outputs[0].chunks()
    assert await anext(chunks) == b"ready\n"
    await command.end(grace_s=10)
    assert await anext(chunks) == b"cleaned up\n"


async def test_process_left_behind_does_not_hold_up_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(process, "LINGER_S", 0.1)
    command = await Command.start(["sh", "-c", "echo started; sleep 100 & exit 3"])
    assert await read_all(command) == {"STDOUT": b"started\n", "STDERR": b""}
    assert await command.wait() == 3
    command.send_signal(signal.SIGKILL)


async def test_unread_output_stops_the_command(tmp_path: Path) -> None:
    """The command fills the pipe without waiting and tells how much went in; then it does wait."""
    full = tmp_path / "full"
    source = f"""
import os
os.set_blocking(1, False)
written = 0
try:
    while True:
        written += os.write(1, b"x" * 4096)
except BlockingIOError:
    open({str(full)!r}, "w").write(str(written))
os.set_blocking(1, True)
os.write(1, b"y" * 10_000_000)
"""
    command = await python(source)
    written = int(await until(lambda: full.exists() and full.read_text()))
    assert written < 2_000_000
    output = await read_all(command)
    assert output["STDOUT"] == b"x" * written + b"y" * 10_000_000
