"""A command on a pseudo terminal, as people see it."""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
import sys
import termios

from tests.server.cli.command_line import CommandLine
from tests.support.service import environment


def on_terminal(cli: CommandLine, *arguments: str, columns: int, answer: str = "") -> str:
    """All that the command writes there, in order; `answer` is typed in before it starts."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "server.cli", *arguments],
        env=environment(AGENT_RUNS_URL=cli.url, TERM="xterm-256color"),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    os.write(ours, answer.encode())
    written = b""
    try:
        while chunk := os.read(ours, 65536):
            written += chunk
    except OSError:
        pass  # Linux says so at the end of a pseudo terminal
    os.close(ours)
    process.wait()
    return written.decode().replace("\r\n", "\n")
