"""A command in a process group of its own, and what it writes."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import shutil
import signal
import struct
import termios
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Sequence
from typing import Self

#: Bytes asked for at once: what a Linux pipe holds.
READ_BYTES = 64 * 1024

#: Seconds. A process that the command leaves behind may hold its output open for ever; after the
#: command's end a silence of this length is taken for the end of the output.
LINGER_S = 1.0

#: Seconds between looks at whether a process group is empty, of which the system sends no word.
GROUP_POLL_S = 0.05

#: Columns and lines of a pseudo terminal where we have no terminal ourselves.
TERMINAL_SIZE = (120, 40)

#: What a shell answers for a command that is not there, or is none.
NOT_FOUND = 127
NOT_EXECUTABLE = 126


class CannotStart(Exception):
    """The command cannot be run at all; `status` is what a shell would exit with."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class Output:
    """One stream of the command's output, read only when asked: an unread pipe stops its writer."""

    def __init__(self, descriptor: int, stream: str) -> None:
        os.set_blocking(descriptor, False)
        self._descriptor = descriptor
        self.stream = stream
        self._lingering = False
        self._patience: asyncio.Timeout | None = None

    async def chunks(self) -> AsyncIterator[bytes]:
        """What comes, as it comes, up to the end of the output; closes it."""
        try:
            while chunk := await self._read():
                yield chunk
        finally:
            os.close(self._descriptor)

    def linger(self) -> None:
        """The command has ended: from now on a silence of LINGER_S is the end of its output."""
        self._lingering = True
        if self._patience is not None:
            self._patience.reschedule(asyncio.get_running_loop().time() + LINGER_S)

    async def _read(self) -> bytes:
        while True:
            try:
                return os.read(self._descriptor, READ_BYTES)
            except BlockingIOError:
                if not await self._readable():
                    return b""
            except OSError as error:
                # Linux answers so for a pseudo terminal whose other side nobody holds open.
                if error.errno == errno.EIO:
                    return b""
                raise

    async def _readable(self) -> bool:
        loop = asyncio.get_running_loop()
        readable = asyncio.Event()
        loop.add_reader(self._descriptor, readable.set)
        try:
            async with asyncio.timeout(LINGER_S if self._lingering else None) as self._patience:
                await readable.wait()
        except TimeoutError:
            return False
        finally:
            self._patience = None
            loop.remove_reader(self._descriptor)
        return True


class Command:
    """A running command. It leads a session and a process group, which get our signals."""

    def __init__(self, process: Process, outputs: Sequence[Output]) -> None:
        self._process = process
        self.outputs = outputs

    @classmethod
    async def start(cls, argv: Sequence[str], *, pty: bool = False) -> Self:
        """Starts `argv` with our stdin; on a pseudo terminal stdout and stderr are one stream.

        Raises CannotStart where there is no such program or it cannot be executed.
        """
        ours, theirs = _pseudo_terminal() if pty else _pipes()
        try:
            process = await asyncio.create_subprocess_exec(
                *argv, stdout=theirs[0], stderr=theirs[-1], start_new_session=True
            )
        except OSError as error:
            for output in ours:
                os.close(output)
            missing = isinstance(error, FileNotFoundError)
            raise CannotStart(
                f"cannot run {argv[0]}: {error.strerror}", NOT_FOUND if missing else NOT_EXECUTABLE
            ) from error
        finally:
            for descriptor in theirs:
                os.close(descriptor)
        streams = ("STDOUT", "STDERR")
        return cls(process, [Output(fd, stream) for fd, stream in zip(ours, streams, strict=False)])

    async def wait(self) -> int:
        """Its exit status, or minus the number of the signal that killed it."""
        status = await self._process.wait()
        for output in self.outputs:
            output.linger()
        return status

    def send_signal(self, number: int) -> bool:
        """Signals all processes of the command's group. False where there is none any more."""
        try:
            os.killpg(self._process.pid, number)
        except (ProcessLookupError, PermissionError):  # the latter is macOS's word for zombies
            return False
        return True

    async def end(self, grace_s: float) -> None:
        """Asks the process group to end (SIGTERM) and after `grace_s` seconds makes it (SIGKILL).

        Returns once no process is left in it, which may be later than the command's own end.
        """
        deadline = asyncio.get_running_loop().time() + grace_s
        self.send_signal(signal.SIGTERM)
        while self.send_signal(0):
            if asyncio.get_running_loop().time() >= deadline:
                self.send_signal(signal.SIGKILL)
                return
            await asyncio.sleep(GROUP_POLL_S)


def _pipes() -> tuple[list[int], list[int]]:
    """Our ends and the command's ends of two pipes."""
    (out, their_out), (err, their_err) = os.pipe(), os.pipe()
    return [out, err], [their_out, their_err]


def _pseudo_terminal() -> tuple[list[int], list[int]]:
    """Our side and the command's side of a pseudo terminal, of our own terminal's size."""
    ours, theirs = os.openpty()
    columns, lines = shutil.get_terminal_size(TERMINAL_SIZE)
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    attributes = termios.tcgetattr(theirs)
    attributes[1] &= ~termios.ONLCR  # a line feed stays one: no carriage return before it
    termios.tcsetattr(theirs, termios.TCSANOW, attributes)
    return [ours], [theirs]
