"""A real PostgreSQL for tests: its server process and its databases."""

import asyncio
import json
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import asyncpg
import psutil

from tests.support.postgres_binaries import Account, PostgresBinaries, PostgresUnavailableError

T = TypeVar("T")

# initdb takes 0.6 s and a start 0.05 s on a quiet machine: this bounds a hang, not a slow one.
COMMAND_TIMEOUT_S = 60
# Between looks at a process that says nothing of its own accord.
POLL_S = 0.005

# Nobody else's connection, no row but those that say which migrations there are. Triggers and
# foreign keys sleep, so that the order of the tables does not matter.
EMPTY = """
SET session_replication_role = replica;
SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid();
DO $$ DECLARE one regclass; BEGIN
  FOR one IN SELECT oid FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> '{kept}'
  LOOP EXECUTE format('DELETE FROM %s', one); END LOOP;
END $$
"""
# Tables and indexes by name and file, of which a copy has its template's, and whatever is made anew
# others; and the rows of the table that is kept.
SHAPE = """
SELECT string_agg(format('%s %s', relname, relfilenode), ',' ORDER BY relname)
           || (SELECT coalesce(string_agg(one::text, ',' ORDER BY one::text), '') FROM {kept} one),
       sum(pg_relation_size(oid))
FROM pg_class WHERE relnamespace = 'public'::regnamespace
"""

# fsync guards against a machine that loses power, which no test does. A commit still reaches the
# operating system before it is acknowledged (synchronous_commit stays on): what a killed server
# had accepted must be there when it is back.
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "unix_socket_directories": "",
}


class PostgresServer:
    """One PostgreSQL in a folder of its own, on a free port of 127.0.0.1.

    All state is in the folder (`server.json`, `data/`, `server.log`), so that a second process
    may `attach` to a server that another one started, make databases on it, and end it. The methods
    block and may be called from anywhere, also from a running event loop's thread.

    `stop`, `kill` and `pause` address the server by the process id in its own `postmaster.pid`.
    """

    def __init__(
        self, folder: Path, binaries: PostgresBinaries, account: Account, port: int, password: str
    ) -> None:
        self.folder = folder
        self.binaries = binaries
        self.account = account
        self.port = port
        self.password = password

    @classmethod
    def create(cls, folder: Path, binaries: PostgresBinaries | None = None) -> Self:
        """A new server, not yet started, in `folder`, which must be ours and empty."""
        account = Account.unprivileged()
        # The account passes through to its data; server.json inside has a mode of its own.
        folder.chmod(0o711)
        binaries = (binaries or PostgresBinaries.find()).reachable_by(account, folder)
        server = cls(folder, binaries, account, 0, secrets.token_urlsafe(16))
        server._initialise()
        return server

    @classmethod
    def attach(cls, folder: Path) -> Self:
        """The server that `create` made in `folder`, in this process or in another one."""
        state = json.loads((folder / "server.json").read_text())
        return cls(
            folder,
            PostgresBinaries(Path(state["binaries"]), state["origin"]),
            Account(**state["account"]),
            state["port"],
            state["password"],
        )

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.data / "server.log"

    @property
    def pid(self) -> int | None:
        """The server's process id, None where none runs."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None
        return pid if _runs(pid) else None

    def url(self, database: str = "postgres") -> str:
        return f"postgres://postgres:{self.password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Starts the server and returns once it takes connections; it keeps its port for life."""
        self._pg_ctl("start", "--log", str(self.log))

    def stop(self) -> None:
        """Ends the server: open connections are closed, what was committed is written."""
        if self.pid is not None:
            self.resume()
            self._pg_ctl("stop", "--mode", "fast")

    def restart(self) -> None:
        """As after an upgrade of the server: every connection is closed, no data is lost."""
        self.stop()
        self.start()

    def kill(self) -> None:
        """Ends all its processes at once, as a crash of the machine would; `start` recovers."""
        processes = self._processes()
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        _wait_while(lambda: any(_runs(process.pid) for process in processes), "gone")
        # A killed server may stay behind as a zombie, which its successor would take for alive.
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def pause(self) -> None:
        """Freezes all its processes: connections stay open and nothing answers, until `resume`."""
        # The parent first, so that it starts no child that would be missed.
        for process in self._processes():
            with suppress(psutil.NoSuchProcess):
                process.suspend()
                # The signal is only sent by now: it may answer yet.
                _wait_while(partial(_moves, process), "still")

    def resume(self) -> None:
        for process in self._processes():
            with suppress(psutil.NoSuchProcess):
                process.resume()

    def remove(self) -> None:
        """Ends the server, whatever state it is in, and removes its folder."""
        self.kill()
        shutil.rmtree(self.folder)

    def create_database(self, template: str | None = None, name: str | None = None) -> str:
        """Makes a database, a copy of `template` (its name or URL), and returns its URL."""
        name = name or f"test_{secrets.token_hex(8)}"
        source = _database_name(template) if template else "template0"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Drops the database, also where connections to it are still open."""
        self.execute(f'DROP DATABASE IF EXISTS "{_database_name(url)}" WITH (FORCE)')

    def empty(self, url: str, kept: str) -> tuple[str, int]:
        """Deletes all rows but those of the table `kept`, and ends all connections.

        Returns what is in it, as text to compare, and the bytes that this takes.
        """

        async def run() -> tuple[str, int]:
            connection = await asyncpg.connect(url, timeout=COMMAND_TIMEOUT_S)
            try:
                await connection.execute(EMPTY.format(kept=kept), timeout=COMMAND_TIMEOUT_S)
                shape, size = await connection.fetchrow(SHAPE.format(kept=kept))
                return shape, int(size)
            finally:
                await connection.close()

        return run_in_a_loop_of_its_own(run)

    def seal(self, url: str) -> None:
        """Closes a finished template: while a connection to it is open, no copy is made."""
        self.execute(
            f'ALTER DATABASE "{_database_name(url)}" WITH ALLOW_CONNECTIONS false IS_TEMPLATE true'
        )

    def execute(self, sql: str, url: str | None = None) -> list[Any]:
        """Runs one statement on a connection of its own and returns its rows."""

        async def run() -> list[Any]:
            connection = await asyncpg.connect(url or self.url(), timeout=COMMAND_TIMEOUT_S)
            try:
                return await connection.fetch(sql, timeout=COMMAND_TIMEOUT_S)
            finally:
                await connection.close()

        return run_in_a_loop_of_its_own(run)

    def log_tail(self, characters: int = 2000) -> str:
        with suppress(FileNotFoundError):
            return self.log.read_text(errors="replace")[-characters:]
        return ""

    def _initialise(self) -> None:
        self.data.mkdir(mode=0o700)
        self.account.own(self.data)
        # initdb wants an empty folder, so the password stands beside it while it is read.
        password_file = self.folder / "password"
        password_file.touch(mode=0o600)
        password_file.write_text(self.password)
        self.account.own(password_file)
        self._run(
            "initdb",
            "--username=postgres",
            f"--pwfile={password_file}",
            "--auth=password",
            "--encoding=UTF8",
            *self._locale(),
            "--no-instructions",
            "--no-sync",
        )
        password_file.unlink()
        # As late as may be: until the server binds it, another process may take the port.
        self.port = _free_port()
        settings = {**SETTINGS, "port": self.port}
        with (self.data / "postgresql.conf").open("a") as configuration:
            configuration.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        self._save()

    def _locale(self) -> list[str]:
        """Unicode's letters with the order of code points, the same on every machine."""
        if int(self.binaries.version().split(".")[0]) < 17:
            return ["--locale=C"]
        return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]

    def _save(self) -> None:
        state = {
            "binaries": str(self.binaries.folder),
            "origin": self.binaries.origin,
            "account": asdict(self.account),
            "port": self.port,
            "password": self.password,
        }
        file = self.folder / "server.json"
        file.touch(mode=0o600)
        file.write_text(json.dumps(state))

    def _processes(self) -> list[psutil.Process]:
        """The server and its children, the server first."""
        if self.pid is None:
            return []
        with suppress(psutil.NoSuchProcess):
            server = psutil.Process(self.pid)
            return [server, *server.children(recursive=True)]
        return []

    def _pg_ctl(self, *arguments: str) -> None:
        self._run("pg_ctl", *arguments, "--wait", "--silent", f"--timeout={COMMAND_TIMEOUT_S}")

    def _run(self, program: str, *arguments: str) -> None:
        """Runs one of PostgreSQL's programs on our data folder, as the account.

        A session of its own keeps a Ctrl-C at the tests' terminal from the server, which is
        ended in order then. PG… variables of the caller would redirect the programs.
        """
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        with tempfile.TemporaryFile() as output:
            # Not a pipe: the server inherits it and would hold it open.
            done = subprocess.run(
                [self.binaries.folder / program, "--pgdata", self.data, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
                cwd="/",
                env={**environment, "LC_ALL": "C"},
                start_new_session=True,
                **self.account.popen_arguments(),
            )
            output.seek(0)
            said = output.read().decode(errors="replace")
        if done.returncode != 0:
            raise PostgresUnavailableError(
                f"{program} ended with {done.returncode}: {said}\n{self.log_tail()}"
            )


def run_in_a_loop_of_its_own(make: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Runs a coroutine to its end in a thread, so that it also works below a running loop."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(lambda: asyncio.run(make())).result()


def _database_name(url_or_name: str) -> str:
    return urlsplit(url_or_name).path.removeprefix("/") if "://" in url_or_name else url_or_name


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_while(condition: Callable[[], bool], expected: str) -> None:
    deadline = time.monotonic() + COMMAND_TIMEOUT_S
    while condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not {expected} within {COMMAND_TIMEOUT_S} s")
        time.sleep(POLL_S)


def _moves(process: psutil.Process) -> bool:
    return process.status() not in (psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE)


def _runs(pid: int) -> bool:
    """A zombie has ended, whoever is late to hear of it."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
