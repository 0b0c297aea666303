"""Apollo Client and urql, by the tests beside this file, on a real service: `make clients`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.node import installed, run_node
from tests.support.service import Service

HERE = Path(__file__).parent


@pytest.fixture
def service(database_url: str, tmp_path: Path) -> Iterator[Service]:
    with Service(database_url, tmp_path / "service.log") as running:
        yield running


@pytest.mark.parametrize("client", ["apollo", "urql"])
def test_client_is_content(service: Service, client: str) -> None:
    flags = ("--test", "--test-timeout=30000", "--test-reporter=tap")
    url = f"{service.url}/graphql"
    said = run_node(*flags, f"{client}.test.mjs", cwd=installed(HERE), SERVICE_URL=url)
    counts = dict(re.findall(r"^# (tests|pass) (\d+)$", said, re.M))
    assert counts["tests"] == counts["pass"] != "0"
