"""Apollo Client and urql, by the tests beside this file, on a real service: `make clients`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.node import installed, run_node
from tests.support.service import Service, environment

HERE = Path(__file__).parent


@pytest.fixture
def service(database_url: str, tmp_path: Path) -> Iterator[Service]:
    with Service(database_url, tmp_path / "service.log") as running:
        yield running


@pytest.mark.parametrize("client", ["apollo", "urql"])
def test_client_is_content(service: Service, client: str) -> None:
    run_tests(f"{client}.test.mjs", service)


def test_clients_log_in_and_are_told_that_their_token_is_over(
    database_url: str, tmp_path: Path
) -> None:
    with Service(database_url, tmp_path / "service.log", REQUIRE_LOGIN="1") as service:
        operator = environment(DATABASE_URL=database_url, PYTHON=sys.executable)
        run_tests("login.test.mjs", service, **operator)


def run_tests(file: str, service: Service, **settings: str) -> None:
    """Run the tests of a file; all must pass."""
    flags = ("--test", "--test-timeout=30000", "--test-reporter=tap")
    settings["SERVICE_URL"] = f"{service.url}/graphql"
    said = run_node(*flags, file, cwd=installed(HERE), **settings)
    counts = dict(re.findall(r"^# (tests|pass) (\d+)$", said, re.M))
    assert counts["tests"] == counts["pass"] != "0"
