"""An issuer that runs, and who knows its tokens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.oidc.settings import OidcSettings
from tests.support.issuer import AUDIENCE, Issuer


@pytest.fixture
def issuer(tmp_path: Path) -> Iterator[Issuer]:
    with Issuer(tmp_path) as running:
        yield running


@pytest.fixture
def settings(issuer: Issuer) -> OidcSettings:
    return OidcSettings(issuer=issuer.url, audience=AUDIENCE)
