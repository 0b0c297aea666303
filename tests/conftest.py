"""What every test may ask for: a database, a PostgreSQL, and an environment without settings."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import engines as shared
from tests.support.engines import Engines
from tests.support.postgres import PostgresServer
from tests.support.postgres_binaries import Account, PostgresBinaries, PostgresUnavailableError

ENGINES = pytest.StashKey[Engines]()
HANDED_OVER = "engines_folder"

DATABASES = ("sqlite", "postgres")
LONGEST = "test_benchmarks.py::test_quick_run"

# A developer's settings, database, proxy or terminal must not change what a test sees.
FOREIGN_NAMES = {
    "ALLOWED_HOSTS",
    "ALLOWED_ORIGINS",
    "ALL_PROXY",
    "COLUMNS",
    "DATABASE_URL",
    "FORCE_COLOR",
    "FORWARDED_ALLOW_IPS",
    "HOST",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "LOG_LEVEL",
    "NO_COLOR",
    "PORT",
    "PUBLIC_URL",
    # Each process would compile all of the project as it starts, a sixth of its time.
    "PYTHONDONTWRITEBYTECODE",
    "REQUIRE_LOGIN",
    "WAKEUP_URL",
    "WEB_CONCURRENCY",
    "WORKERS",
}
FOREIGN_PREFIXES = (
    *("AGENT_RUNS_", "CONNECTION_INIT_", "INTROSPECTION_", "MAX_", "PERSISTED_", "PG"),
    *("LOGIN_", "OIDC_", "RATE_LIMIT", "UVICORN_"),
)


def forget_settings() -> None:
    """Begin with an environment without settings."""
    for name in list(os.environ):
        if name.upper() in FOREIGN_NAMES or name.startswith(FOREIGN_PREFIXES):
            del os.environ[name]


def pytest_configure(config: pytest.Config) -> None:
    forget_settings()
    # Started in the background of a shell, or by nohup, which is inherited: no test could send one.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    handed_over = getattr(config, "workerinput", {}).get(HANDED_OVER)
    config.stash[ENGINES] = Engines(Path(handed_over)) if handed_over else Engines.create()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """xdist asks for each worker, in the process that starts them, what to hand over."""
    node.workerinput[HANDED_OVER] = str(node.config.stash[ENGINES].folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    if ENGINES in config.stash:
        config.stash[ENGINES].close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # By far the longest comes first, so that no worker is left alone with it in the end.
    items.sort(key=lambda item: LONGEST not in item.nodeid)


def pytest_report_header() -> str:
    try:
        binaries, account = PostgresBinaries.find(), Account.unprivileged()
        return f"postgresql: {binaries.version()} ({binaries.origin}), run as {account.name}"
    except PostgresUnavailableError as error:
        return f"postgresql: tests that need it will fail: {error}"


@pytest.fixture(scope="session")
def engines(pytestconfig: pytest.Config) -> Engines:
    """The session's databases; most tests ask for one of the URLs below."""
    return pytestconfig.stash[ENGINES]


@pytest.fixture(scope="session")
def postgres(engines: Engines) -> PostgresServer:
    """The session's PostgreSQL, shared by all tests: neither stop, kill nor pause it."""
    return engines.postgres()


@pytest.fixture
def own_postgres(engines: Engines) -> Iterator[PostgresServer]:
    """A PostgreSQL that the test may stop, kill and pause."""
    server = engines.own_postgres()
    yield server
    server.remove()


async def _migrate(url: str) -> None:
    from models.database import migrate

    await migrate(url)


@pytest.fixture
def sqlite_url(engines: Engines, tmp_path: Path) -> str:
    """A migrated, empty SQLite database."""
    return engines.sqlite_database(_migrate, tmp_path / "agent-runs.sqlite3")


@pytest.fixture
def postgres_url(engines: Engines) -> Iterator[str]:
    """A migrated, empty PostgreSQL database."""
    with engines.postgres_database(_migrate) as url:
        yield url


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated, empty database; the test runs once on SQLite and once on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def bare_sqlite_url(tmp_path: Path) -> str:
    return shared.sqlite_url(tmp_path / "bare.sqlite3")


@pytest.fixture
def bare_postgres_url(postgres: PostgresServer) -> Iterator[str]:
    url = postgres.create_database()
    yield url
    postgres.drop_database(url)


@pytest.fixture(params=DATABASES)
def bare_database_url(request: pytest.FixtureRequest) -> str:
    """A database without a single table, for the tests of migrations; on both as above."""
    url: str = request.getfixturevalue(f"bare_{request.param}_url")
    return url
