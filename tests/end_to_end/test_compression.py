"""Messages are compressed for clients that ask for it, where the operator wants that."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.client import client_of, following
from tests.support.service import Service

LOG = """subscription ($run: ID!) { logLines(runId: $run) { lines { message } } }"""


@pytest.mark.parametrize("setting", ["", "1"])
async def test_messages_are_compressed_only_where_that_is_set(
    sqlite_url: str, tmp_path: Path, setting: str
) -> None:
    settings = {"WS_COMPRESSION": setting} if setting else {}
    with Service(sqlite_url, tmp_path / "service.log", **settings) as service:
        async with client_of(service.url) as client:
            run_id = await client.begin()
            async with following(service.url, LOG, run=run_id) as stream:
                extensions = stream.socket.connection.protocol.extensions
                assert [one.name for one in extensions] == ["permessage-deflate"] * bool(setting)
                await client.append(run_id, 0, "line")
                assert (await anext(stream))["lines"] == [{"message": "line"}]
