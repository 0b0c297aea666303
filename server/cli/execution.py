"""Runs one command as a run: starts it, tells what it writes, ends it when asked, tells its end."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from server.cli.client import Json, Refused, ServiceError
from server.cli.cluster_address import Address, ClusterUnreachable, reach
from server.cli.lines import LineSplitter
from server.cli.outbox import Limits, Outbox
from server.cli.process import CannotStart, Command, Output
from server.cli.report_file import UnreadableReport, read_report
from server.cli.reporter import Mutations, RunOver, RunReporter
from server.cli.step_marks import StepMarks
from server.cli.terminal import counted
from server.cli.transcript import Transcript

#: Exit status where the command was never started.
NOT_STARTED = 125

#: Passed on to the command.
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

#: Seconds that a service may take to answer at first: one that restarts is back by then, one that
#: is not there should not hold up the command's caller.
START_PATIENCE_S = 10.0
#: Seconds to go on telling after the command's end. After a longer silence the service takes the
#: run for lost, so that there is nobody left to tell.
END_PATIENCE_S = 600.0
HOW_LONG = f"for {END_PATIENCE_S / 60:.0f} minutes at most, or until a Ctrl-C"
#: Seconds to tell that we were ended ourselves: who sent the signal waits.
BREAK_OFF_PATIENCE_S = 5.0

DESCRIPTORS = {"STDOUT": 1, "STDERR": 2}


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run and how."""

    argv: tuple[str, ...]
    #: A StartRunInput.
    start: Json
    address: Address | None = None
    #: None: as many as it takes.
    max_attempts: int | None = None
    steps: bool = False
    pty: bool = False
    report: Path | None = None
    quiet: bool = False
    #: Seconds between SIGTERM and SIGKILL.
    grace_s: float = 10.0


class Execution:
    """One run of one command, from the first call to the last."""

    def __init__(
        self,
        plan: Plan,
        client: Mutations,
        say: Callable[[str], None],
        limits: Limits | None = None,
    ) -> None:
        self._plan = plan
        self._say = say
        self._reporter = RunReporter(client, say)
        self._transcript = Transcript(StepMarks() if plan.steps else None)
        self._outbox = Outbox(limits)
        self._command: Command | None = None
        self._status: int | None = None  # the command's, once its output is read as well
        self._cancelled = False  # the command was ended because the run is to be cancelled
        self._over = False  # the run is not ours to end any more
        self._interrupted: int | None = None

    async def run(self) -> int:
        """Returns the status to exit with."""
        task = asyncio.current_task()
        assert task is not None
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            if signal.getsignal(number) != signal.SIG_IGN:  # nohup means what it says
                loop.add_signal_handler(number, self._on_signal, number, task)
        try:
            return await self._run()
        except asyncio.CancelledError:
            if self._interrupted is None:
                raise
            task.uncancel()
            return await self._break_off(self._interrupted)

    async def _run(self) -> int:
        try:
            await self._start()
        except (ServiceError, RunOver) as error:
            self._say(f"the run could not be started: {error}")
            return NOT_STARTED
        self._say(f"run {self._reporter.url}")
        try:
            if self._plan.address is not None:
                await reach(self._plan.address, self._reporter, self._plan.max_attempts)
            if self._reporter.cancel_asked.is_set():
                return await self._cancelled_before_the_start()
            self._command = await Command.start(self._plan.argv, pty=self._plan.pty)
        except ClusterUnreachable as error:
            return await self._fail_before_the_start(str(error), NOT_STARTED, "CLUSTER_UNREACHABLE")
        except CannotStart as error:
            return await self._fail_before_the_start(str(error), error.status)
        except (RunOver, ServiceError) as error:
            self._say(f"the command is not started: {error}")
            return NOT_STARTED
        status = await self._attend(self._command)
        await self._finish(status)
        return exit_status(status)

    async def _start(self) -> None:
        self._give_up_in(START_PATIENCE_S)
        await self._reporter.start(self._plan.start)
        self._reporter.give_up_at = None

    # ------------------------------------------------------------ while the command runs

    async def _attend(self, command: Command) -> int:
        """Reads, tells and watches until the command has ended and all is told."""
        async with asyncio.TaskGroup() as tasks:
            delivery = tasks.create_task(self._deliver(command))
            watch = tasks.create_task(self._end_when_cancelled(command))
            readers = [tasks.create_task(self._read(output)) for output in command.outputs]
            status = await command.wait()
            await asyncio.wait(readers)
            self._status = status
            if not self._cancelled:
                watch.cancel()
            self._give_up_in(END_PATIENCE_S)
            await self._outbox.put(self._transcript.closing_items())
            self._outbox.close()
            if self._reporter.lost:
                self._say(
                    f"the command has ended, its run is told as soon as it can be ({HOW_LONG})"
                )
            await asyncio.wait([delivery, watch])
        return status

    async def _read(self, output: Output) -> None:
        """Passes one stream through and on; the outbox's bound is what slows the command down."""
        splitter = LineSplitter()
        echo = not self._plan.quiet
        async for chunk in output.chunks():
            # In a thread: whoever reads us may stop to, and the run must not fall silent for it.
            echo = echo and await asyncio.to_thread(_write, DESCRIPTORS[output.stream], chunk)
            await self._outbox.put(self._transcript.items(splitter.feed(chunk), output.stream))
        await self._outbox.put(self._transcript.items(splitter.finish(), output.stream))

    async def _deliver(self, command: Command) -> None:
        try:
            await self._reporter.deliver(self._outbox)
        except RunOver as error:
            self._over = True
            self._outbox.discard()
            self._say(f"{error}" if self.ended else f"{error}. Ending the command")
            await command.end(self._plan.grace_s)
        except ServiceError as error:
            count = counted(self._outbox.discard(), "line")
            self._say(f"the rest of the log is not told, {count} so far: {error}")

    async def _end_when_cancelled(self, command: Command) -> None:
        await self._reporter.cancel_asked.wait()
        self._cancelled = True
        self._say(f"cancelled by {self._reporter.cancelled_by}. Ending the command")
        await command.end(self._plan.grace_s)

    # ------------------------------------------------------------------------ the run's end

    async def _finish(self, status: int) -> None:
        if self._over:
            return
        try:
            if self._cancelled:
                await self._reporter.confirm_cancel()
            elif status == 0:
                await self._complete()
            else:
                await self._reporter.fail(self._transcript.error(status))
        except (RunOver, ServiceError) as error:
            self._say(f"the end of the command could not be told: {error}")

    async def _complete(self) -> None:
        report = self._read_report()
        try:
            await self._reporter.complete(report)
        except Refused as error:
            if report is None:
                raise
            self._say(f"the report is not taken: {error}. The service draws one up")
            await self._reporter.complete(None)

    def _read_report(self) -> Json | None:
        try:
            return read_report(self._plan.report) if self._plan.report else None
        except UnreadableReport as error:
            self._say(f"{error}. The service draws one up")
            return None

    async def _fail_before_the_start(
        self,
        message: str,
        status: int,
        code: str = "AGENT_ERROR",
        patience_s: float = END_PATIENCE_S,
    ) -> int:
        self._say(message)
        self._give_up_in(patience_s)
        try:
            await self._reporter.fail({"code": code, "message": message})
        except (RunOver, ServiceError) as error:
            self._say(f"the failure could not be told: {error}")
        return status

    async def _cancelled_before_the_start(self) -> int:
        self._say(f"cancelled by {self._reporter.cancelled_by}. The command is not started")
        self._cancelled = True
        await self._finish(0)
        return NOT_STARTED

    # ---------------------------------------------------------------------------- signals

    @property
    def ended(self) -> bool:
        """The command has ended and all that it wrote is read, though perhaps not told."""
        return self._status is not None

    def _on_signal(self, number: int, task: asyncio.Task[int]) -> None:
        """The command gets it; before its start and after its end it is for us."""
        if self._command is not None and not self.ended:
            self._command.send_signal(number)
        else:
            self._interrupted = number
            task.cancel()

    async def _break_off(self, number: int) -> int:
        if self._status is not None:
            count = counted(len(self._outbox), "line")
            self._say(f"broken off: {count} of the log and the run's end are not told")
            return exit_status(self._status)
        if self._reporter.run_id:
            message = f"{signal.Signals(number).name} came before the command was started"
            await self._fail_before_the_start(message, 0, patience_s=BREAK_OFF_PATIENCE_S)
        return exit_status(-number)

    def _give_up_in(self, seconds: float) -> None:
        self._reporter.give_up_at = asyncio.get_running_loop().time() + seconds


def exit_status(status: int) -> int:
    """What a shell makes of it: N, or 128 + N where signal N killed the command."""
    return status if status >= 0 else 128 - status


def _write(descriptor: int, data: bytes) -> bool:
    """Writes all of `data`. False where nobody reads it any more."""
    view = memoryview(data)
    try:
        while view:
            view = view[os.write(descriptor, view) :]
    except OSError:
        return False
    return True
