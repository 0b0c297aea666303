"""What all processes of one test session share: a PostgreSQL, and migrated templates to copy.

The session's first process makes an empty folder and hands its path to the workers. The test that
asks first starts the server or migrates the template, under a lock; the others wait and use it.
"""

import fcntl
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from tests.support.postgres import PostgresServer, run_in_a_loop_of_its_own

Migrate = Callable[[str], Coroutine[Any, Any, object]]

TEMPLATE = "migrated"
#: Where it stands which migrations a database has.
MIGRATIONS = "tortoise_migrations"

#: A database is used again once it is empty, which takes a fifth of the time of making one and
#: dropping it. Not one of more bytes: what is left of a large table slows its readers, and the
#: planner remembers it. As many as the tests of one process use at a time are kept.
MAX_REUSED_BYTES = 4 * 1024 * 1024
MAX_KEPT = 4

# Ends what the session started and removes its folder ($1) once its standard input ends: closed by
# us, or by the kernel where the session was killed; for that it is a process of its own.
# The data is thrown away, so a server that does not end in order within 10 s is killed.
CLEANER = """
cat > /dev/null
for file in "$1"/*/data/postmaster.pid; do
  pid=$(head -n 1 "$file" 2> /dev/null) || continue
  kill -INT "$pid" && kill -CONT "$pid"
  tries=0
  while [ -e "$file" ] && kill -0 "$pid" 2> /dev/null; do
    tries=$((tries + 1))
    [ "$tries" -lt 200 ] || kill -KILL "$pid"
    [ "$tries" -lt 300 ] || break
    sleep 0.05
  done
done
rm -rf "$1"
"""
CLEANER_TIMEOUT_S = 60


class Engines:
    """The databases of one test session, in a folder that its processes share."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._cleaner: subprocess.Popen[bytes] | None = None
        self._kept: list[str] = []
        self._shapes: dict[str, str] = {}

    @classmethod
    def create(cls) -> Self:
        """For the session's first process, which has to `close` them."""
        engines = cls(Path(tempfile.mkdtemp(prefix="agent-runs-tests-")))
        # PostgreSQL may run as another user: it passes through, and cannot look.
        engines.folder.chmod(0o711)
        engines._cleaner = subprocess.Popen(
            ["sh", "-c", CLEANER, "cleaner", engines.folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )
        return engines

    def close(self) -> None:
        """Ends the server and removes the folder; in a worker, which did not make it, nothing."""
        if self._cleaner is not None and self._cleaner.stdin is not None:
            self._cleaner.stdin.close()
            self._cleaner.wait(CLEANER_TIMEOUT_S)
            self._cleaner = None

    def postgres(self) -> PostgresServer:
        """The session's server, running. Tests that stop or kill one make their `own_postgres`."""
        folder = self.folder / "postgres"
        with self._once("postgres") as ready:
            if ready.exists():
                return PostgresServer.attach(folder)
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            server = PostgresServer.create(folder)
            server.start()
            ready.touch()
            return server

    def own_postgres(self) -> PostgresServer:
        """Another server, running, for one test to ill-treat and then to `remove`."""
        server = PostgresServer.create(Path(tempfile.mkdtemp(prefix="own-", dir=self.folder)))
        server.start()
        return server

    @contextmanager
    def database(self, dialect: str, migrate: Migrate, folder: Path) -> Iterator[str]:
        """The URL of a migrated, empty database for the block, on `sqlite` or on `postgres`."""
        if dialect == "sqlite":
            yield self.sqlite_database(migrate, folder / "agent-runs.sqlite3")
            return
        with self.postgres_database(migrate) as url:
            yield url

    @contextmanager
    def postgres_database(self, migrate: Migrate) -> Iterator[str]:
        """The URL of a migrated, empty database on the session's server, for the block."""
        url = self._kept.pop() if self._kept else self._copy_of_template(migrate)
        try:
            yield url
        finally:
            self._take_back(url)

    def _copy_of_template(self, migrate: Migrate) -> str:
        server = self.postgres()
        with self._once("postgres-template") as ready:
            if not ready.exists():
                template = server.url(TEMPLATE)
                server.drop_database(template)
                server.create_database(name=TEMPLATE)
                run_in_a_loop_of_its_own(lambda: migrate(template))
                server.seal(template)
                ready.touch()
        url = server.create_database(TEMPLATE)
        self._shapes[url], _ = server.empty(url, MIGRATIONS)
        return url

    def _take_back(self, url: str) -> None:
        """Keeps the database for the next who asks, if it is as it was made."""
        server = self.postgres()
        shape, size = server.empty(url, MIGRATIONS)
        if shape == self._shapes[url] and size < MAX_REUSED_BYTES and len(self._kept) < MAX_KEPT:
            self._kept.append(url)
        else:
            server.drop_database(url)

    def sqlite_database(self, migrate: Migrate, file: Path) -> str:
        """Makes `file`, a new, migrated, empty database, and returns its URL."""
        template = self.folder / "sqlite" / f"{TEMPLATE}.sqlite3"
        with self._once("sqlite-template") as ready:
            if not ready.exists():
                shutil.rmtree(template.parent, ignore_errors=True)
                template.parent.mkdir()
                run_in_a_loop_of_its_own(lambda: migrate(sqlite_url(template)))
                with closing(sqlite3.connect(template)) as connection:
                    # What still stands in the write-ahead log would not be copied.
                    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                ready.touch()
        shutil.copyfile(template, file)
        return sqlite_url(file)

    @contextmanager
    def _once(self, name: str) -> Iterator[Path]:
        """Holds the lock of that name; the path given is to be touched when the work is done.

        Work that failed is tried again by the next who asks, and fails there with its own error.
        """
        with _locked(self.folder / f"{name}.lock"):
            yield self.folder / f"{name}.ready"


def sqlite_url(file: Path) -> str:
    """Such as `sqlite:////absolute/path`."""
    return f"sqlite:///{quote(str(file.absolute()))}"


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
