"""Documents by their hash, over each door: the operator's, and those that clients register."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from graph.limits import DOCUMENT_LIMITS
from graph.schema import looked_through, prepared
from live.hub import Hub
from resolvers.service import Service
from server.persisted import BadFolder, PersistedDocuments, hash_of, read_folder
from server.settings import BadSetting, Settings, check_settings
from tests.graph.sockets import serving, socket_to
from tests.graph.support import PATH, answer_of, app_of

PREPARE = partial(prepared, limits=DOCUMENT_LIMITS)
LOOK_THROUGH = partial(looked_through, limits=DOCUMENT_LIMITS)
QUERY = "{ __typename }"
ANSWER = answer_of({"__typename": "Query"})
GRAPHQL_RESPONSE = "application/graphql-response+json"
FILE = """
query Who { viewer { ...Name } }
query What { __typename }
fragment Name on Viewer { name }
"""
WHO = "query Who {\n  viewer {\n    ...Name\n  }\n}\n\nfragment Name on Viewer {\n  name\n}"


def apollo(text: str, version: int = 1) -> dict[str, Any]:
    return {"persistedQuery": {"version": version, "sha256Hash": hash_of(text)}}


def app(folder: Path | None = None, **told: Any) -> ASGIApp:
    texts = read_folder(folder, PREPARE) if folder else {}
    return app_of(Service(hub=Hub()), documents=PersistedDocuments(LOOK_THROUGH, texts, **told))


@asynccontextmanager
async def http_to(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        yield http


def only_error(response: httpx.Response) -> dict[str, Any]:
    [error] = response.json()["errors"]
    return error


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "console").mkdir()
    (tmp_path / "console" / "all.graphql").write_text(FILE)
    return tmp_path


async def test_apollos_client_registers_a_document_and_asks_by_its_hash() -> None:
    async with http_to(app(registered=10)) as http:
        unknown = await http.post(PATH, json={"extensions": apollo(QUERY)})
        assert unknown.status_code == 200
        assert unknown.headers["cache-control"] == "no-store"
        assert only_error(unknown) == {
            "message": "PersistedQueryNotFound",
            "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"},
        }
        told = {"query": QUERY, "extensions": apollo(QUERY)}
        assert (await http.post(PATH, json=told)).json() == ANSWER
        assert (await http.post(PATH, json={"extensions": apollo(QUERY)})).json() == ANSWER


async def test_unknown_hash_gets_400_where_the_status_tells_of_errors() -> None:
    async with http_to(app(registered=10)) as http:
        headers = {"Accept": GRAPHQL_RESPONSE}
        unknown = await http.post(PATH, json={"extensions": apollo(QUERY)}, headers=headers)
    assert unknown.status_code == 400
    assert only_error(unknown)["message"] == "PersistedQueryNotFound"


async def test_get_registers_and_asks_as_well() -> None:
    import json

    async with http_to(app(registered=10)) as http:
        by_hash = {"extensions": json.dumps(apollo(QUERY))}
        assert only_error(await http.get(PATH, params=by_hash))["message"] == (
            "PersistedQueryNotFound"
        )
        assert (await http.get(PATH, params={"query": QUERY, **by_hash})).json() == ANSWER
        assert (await http.get(PATH, params=by_hash)).json() == ANSWER
        by_id = {"documentId": f"sha256:{hash_of(QUERY)}"}
        assert (await http.get(PATH, params=by_id)).json() == ANSWER


async def test_sockets_register_and_ask_as_well_and_live_on() -> None:
    async with serving(app(registered=10)) as address, socket_to(address) as socket:
        await socket.init()
        by_hash = {"id": "1", "type": "subscribe", "payload": {"extensions": apollo(QUERY)}}
        await socket.send(by_hash)
        error = {
            "message": "PersistedQueryNotFound",
            "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"},
        }
        assert await socket.receive() == {"id": "1", "type": "error", "payload": [error]}
        payload = {"query": QUERY, "extensions": apollo(QUERY)}
        for message in ({**by_hash, "payload": payload}, by_hash):
            await socket.send(message)
            assert await socket.receive() == {"id": "1", "type": "next", "payload": ANSWER}
            assert await socket.receive() == {"id": "1", "type": "complete"}


async def test_events_are_asked_for_by_a_hash_as_well() -> None:
    async with http_to(app(registered=10)) as http:
        headers = {"Accept": "text/event-stream"}
        told = {"query": QUERY, "extensions": apollo(QUERY)}
        first = await http.post(PATH, json=told, headers=headers)
        again = await http.post(PATH, json={"extensions": apollo(QUERY)}, headers=headers)
    assert first.text.startswith('event: next\ndata: {"data":{"__typename":"Query"}')
    assert again.text == first.text


async def test_where_nothing_can_be_registered_apollos_client_is_told() -> None:
    async with http_to(app()) as http:
        refused = await http.post(PATH, json={"extensions": apollo(QUERY)})
        assert refused.status_code == 200
        assert only_error(refused) == {
            "message": "PersistedQueryNotSupported",
            "extensions": {"code": "PERSISTED_QUERY_NOT_SUPPORTED"},
        }
        told = {"query": QUERY, "extensions": apollo(QUERY)}
        assert (await http.post(PATH, json=told)).json() == ANSWER


async def test_document_that_was_not_asked_for_longest_makes_room() -> None:
    texts = [f"query Q{number} {{ __typename }}" for number in range(3)]
    async with http_to(app(registered=2)) as http:
        for text in (texts[0], texts[1], texts[0], texts[2]):
            await http.post(PATH, json={"query": text, "extensions": apollo(text)})
        found = [
            "data" in (await http.post(PATH, json={"extensions": apollo(text)})).json()
            for text in texts
        ]
    assert found == [True, False, True]


@pytest.mark.parametrize("wrong", ["{ nothing }", "{", "{ " + "a " * 600 + "}"])
async def test_document_that_cannot_be_executed_is_not_registered(wrong: str) -> None:
    async with http_to(app(registered=10)) as http:
        await http.post(PATH, json={"query": wrong, "extensions": apollo(wrong)})
        again = await http.post(PATH, json={"extensions": apollo(wrong)})
    assert only_error(again)["message"] == "PersistedQueryNotFound"


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"query": QUERY, "extensions": apollo("other")}, "provided sha does not match query"),
        ({"extensions": apollo(QUERY, version=2)}, "Unsupported persisted query version"),
        ({"extensions": {"persistedQuery": 1}}, "Unsupported persisted query version"),
        ({"documentId": "x"}, "documentId: expected sha256:<64 hexadecimal digits"),
        ({"documentId": 7}, "documentId: expected a string, got a number"),
        (
            {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "A" * 9_000}}},
            "extensions.persistedQuery.sha256Hash: expected <64 hexadecimal digits",
        ),
    ],
)
async def test_what_names_no_document_is_told_so(parameters: dict[str, Any], message: str) -> None:
    async with http_to(app(registered=10)) as http:
        error = only_error(await http.post(PATH, json=parameters))
    assert error["extensions"] == {"code": "BAD_INPUT"}
    assert error["message"].startswith(message)
    assert len(error["message"]) < 250


@pytest.mark.parametrize("text", [FILE, FILE.strip(), WHO, "query What {\n  __typename\n}"])
async def test_documents_of_the_folder_are_found_as_they_stand_and_as_clients_print_them(
    folder: Path, text: str
) -> None:
    asked = {"documentId": f"sha256:{hash_of(text)}", "operationName": None}
    if text.strip() == FILE.strip():
        asked["operationName"] = "What"
    async with http_to(app(folder, only=True)) as http:
        assert "data" in (await http.post(PATH, json=asked)).json()


async def test_nothing_else_is_executed_where_only_the_folder_is_allowed(folder: Path) -> None:
    other = "query Other { __typename }"
    introspection = "{ __schema { types { name } } }"
    asked: list[dict[str, Any]] = [
        {"query": other},
        {"query": introspection},
        {"query": other, "extensions": apollo(other)},
        {"extensions": apollo(other)},
        {"documentId": f"sha256:{hash_of(other)}"},
    ]
    served = app(folder, only=True, registered=10)
    async with http_to(served) as http, serving(served) as address, socket_to(address) as socket:
        await socket.init()
        for parameters in asked:
            error = only_error(await http.post(PATH, json=parameters))
            assert error["extensions"] == {"code": "DOCUMENT_NOT_ALLOWED"}
            assert "PERSISTED_DOCUMENTS" in error["message"]
            await socket.send({"id": "1", "type": "subscribe", "payload": parameters})
            frame = await socket.receive()
            assert (frame["type"], frame["payload"]) == ("error", [error])
        assert "data" in (await http.post(PATH, json={"query": WHO})).json()


def test_folder_that_cannot_be_used_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(BadFolder, match="PERSISTED_DOCUMENTS: expected a directory, got"):
        read_folder(tmp_path / "nowhere", PREPARE)
    with pytest.raises(BadFolder, match=r"expected \.graphql files in .*, got none"):
        read_folder(tmp_path, PREPARE)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("query {\n  nothing\n}", "line 2: Cannot query field 'nothing'"),
        ("query {", "line 1: Syntax Error"),
        ("\ud800", "codec can't decode"),
        ("{ " + "a " * 600 + "}", "MAX_FIELDS"),
    ],
)
def test_bad_document_of_the_folder_is_told_of_by_its_file(
    tmp_path: Path, content: str, sentence: str
) -> None:
    path = tmp_path / "bad.graphql"
    path.write_bytes(content.encode("utf-8", "surrogatepass"))
    with pytest.raises(BadFolder) as error:
        read_folder(tmp_path, PREPARE)
    assert str(error.value).startswith(f"PERSISTED_DOCUMENTS: {path}: ")
    assert sentence in str(error.value)


def test_only_the_folder_without_a_folder_is_told_of() -> None:
    with pytest.raises(BadSetting, match="PERSISTED_ONLY: expected PERSISTED_DOCUMENTS beside it"):
        check_settings(Settings(persisted_only=True))
