"""Relay on a real service: pages are cut as its specification says, and its compiler is content."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse

from tests.end_to_end.client import Client, Json, client_of, socket_of
from tests.end_to_end.conftest import UNHURRIED
from tests.end_to_end.scene import Scene
from tests.support.node import CLIENTS, installed, run_node
from tests.support.postgres import run_in_a_loop_of_its_own
from tests.support.service import ROOT, Service

# ---------------------------------------------------------------- pages

#: Rows of each list, or more.
COUNT = 7
#: Rows of pages: the last page is full, and it is not.
SIZES = (1, 3)


@dataclass(frozen=True)
class Connection:
    """A list, and how to ask for it."""

    field: str
    #: The type that it hangs on.
    of: str = "Query"
    #: A field by which its rows are told apart.
    key: str = "id"
    #: Whether it is paged from its end as well.
    both_ways: bool = False

    def __str__(self) -> str:
        return f"{self.of}.{self.field}"

    async def page(self, client: Client, owner: str, **arguments: Any) -> tuple[list[Any], Json]:
        """The rows of a page, and its pageInfo."""
        told = ", ".join(f"{name}: {json.dumps(value)}" for name, value in arguments.items())
        asked = (
            f"{self.field}({told}) {{ edges {{ cursor node {{ {self.key} }} }} "
            "pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }"
        )
        data = await client.data(owner % asked)
        page: Json = (data.get("node") or data)[self.field]
        cursors = [edge["cursor"] for edge in page["edges"]]
        info = page["pageInfo"]
        assert [info["startCursor"], info["endCursor"]] == [cursors[0], cursors[-1]]
        return [edge["node"][self.key] for edge in page["edges"]], info


CONNECTIONS = [
    Connection("runs", both_ways=True),
    Connection("agents", both_ways=True),
    Connection("clusters", both_ways=True),
    Connection("deletions"),
    Connection("auditEntries"),
    Connection("runs", of="Agent"),
    Connection("runs", of="Cluster"),
    Connection("logs", of="Run", key="sequence", both_ways=True),
    Connection("logs", of="Step", key="sequence", both_ways=True),
]


@pytest.fixture(scope="module")
def owners(shared_service: Service) -> dict[str, str]:
    """How to ask for what lists hang on, by its type; each list has COUNT rows or more."""

    async def make() -> dict[str, str]:
        async with client_of(shared_service.url) as client:
            for number in range(COUNT):
                told = {"agent": {"name": f"agent {number}"}, "cluster": f"cluster {number}"}
                await client.tell("deleteRuns", ids=[await client.begin(**told)], force=True)
                run_id = await client.begin(steps=[{"key": "extract"}])
            lines = [{"message": str(number), "stepKey": "extract"} for number in range(COUNT)]
            await client.tell("appendLogs", runId=run_id, offset=0, lines=lines)
            document = (
                "query ($i: ID!) { run(id: $i) { agent { id } cluster { id } steps { id } } }"
            )
            run = (await client.data(document, i=run_id))["run"]
        ids = {"Agent": run["agent"]["id"], "Cluster": run["cluster"]["id"], "Run": run_id}
        ids["Step"] = run["steps"][0]["id"]
        return {"Query": "{ %s }"} | {
            type_: f'{{ node(id: "{id_}") {{ ... on {type_} {{ %s }} }} }}'
            for type_, id_ in ids.items()
        }

    return run_in_a_loop_of_its_own(make)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("connection", CONNECTIONS, ids=str)
async def test_pages_make_up_the_list_and_know_when_it_ends(
    client: Client, owners: dict[str, str], connection: Connection, size: int
) -> None:
    """Connections, sections 4.4 and 5.1."""
    owner = owners[connection.of]
    whole, _ = await connection.page(client, owner, first=200)
    assert len(whole) >= COUNT
    assert len(set(whole)) == len(whole)
    found: list[Any] = []
    after: Json = {}
    while len(found) < len(whole):
        rows, info = await connection.page(client, owner, first=size, **after)
        found += rows
        after = {"after": info["endCursor"]}
        assert info["hasNextPage"] is (len(found) < len(whole))
    assert found == whole


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("connection", [one for one in CONNECTIONS if one.both_ways], ids=str)
async def test_pages_from_the_end_make_up_the_same_list_in_the_same_order(
    client: Client, owners: dict[str, str], connection: Connection, size: int
) -> None:
    owner = owners[connection.of]
    whole, _ = await connection.page(client, owner, first=200)
    found: list[Any] = []
    before: Json = {}
    while len(found) < len(whole):
        rows, info = await connection.page(client, owner, last=size, **before)
        found = rows + found
        before = {"before": info["startCursor"]}
        assert info["hasPreviousPage"] is (len(found) < len(whole))
    assert found == whole


# ---------------------------------------------------------------- its compiler

SOURCES = CLIENTS / "relay"
CONFIG = {
    "src": "./src",
    "schema": "./schema.graphql",
    "language": "typescript",
    "customScalarTypes": {"DateTime": "string", "JSON": "unknown"},
    "requireCustomScalarTypes": True,
}


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The documents that Relay's compiler makes of the sources, by their hashes."""
    folder = tmp_path_factory.mktemp("relay")
    shutil.copytree(SOURCES, folder / "src")
    shutil.copy(ROOT / "schema.graphql", folder)
    persisted, config = folder / "persisted.json", folder / "relay.config.json"
    persisted.write_text("{}")
    persist = {"file": str(persisted), "algorithm": "SHA256"}
    config.write_text(json.dumps(CONFIG | {"persistConfig": persist}))
    compiler = installed(CLIENTS) / "node_modules/relay-compiler/cli.js"
    run_node(compiler, config, cwd=folder)
    documents: dict[str, str] = json.loads(persisted.read_text())
    return documents


def variables(scene: Scene) -> dict[str, Json]:
    """What each operation of the sources, and each that the compiler adds, is asked with."""
    running = {"id": scene.running}
    return {
        "RunListQuery": {"filter": {"statuses": ["RUNNING"]}},
        "RunListPageQuery": {"first": 1, "after": scene.run_cursor},
        "RunListDeleteMutation": {"input": {"ids": [scene.failed]}},
        "RunListSubscription": {},
        "RunPageQuery": running,
        "RunPageLogQuery": running | {"last": 1},
        "RunPageSubscription": running,
    }


def name_of(document: str) -> str:
    """Of the operation that a document has."""
    [operation] = [
        each for each in parse(document).definitions if isinstance(each, OperationDefinitionNode)
    ]
    assert operation.name is not None
    return operation.name.value


async def test_compiled_operations_are_served_by_their_hashes_alone(
    sqlite_url: str, tmp_path: Path, compiled: dict[str, str]
) -> None:
    with Service(sqlite_url, tmp_path / "service.log", **UNHURRIED) as service:
        async with client_of(service.url) as client:
            asked = variables(await Scene.make(client))
        assert sorted(map(name_of, compiled.values())) == sorted(asked)
        _allow_only(compiled.values(), service, tmp_path / "documents")
        for hash_, text in compiled.items():
            request = {"documentId": f"sha256:{hash_}", "variables": asked[name_of(text)]}
            answer = await answer_to(service, request)
            assert "errors" not in answer, (text, answer)


def _allow_only(documents: Iterable[str], service: Service, folder: Path) -> None:
    folder.mkdir()
    for text in documents:
        (folder / f"{name_of(text)}.graphql").write_text(text)
    service.settings |= {"PERSISTED_DOCUMENTS": str(folder), "PERSISTED_ONLY": "1"}
    service.restart()


async def answer_to(service: Service, request: Json) -> Json:
    """The first answer to any operation, over a WebSocket, which takes them all."""
    async with socket_of(service.url) as socket:
        await socket.init()
        await socket.send({"id": "1", "type": "subscribe", "payload": request})
        frame = await socket.receive()
    assert frame["type"] == "next", frame
    answer: Json = frame["payload"]
    return answer
