"""The Python client gql, on a real service: over HTTP and over a WebSocket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from gql import Client as Gql
from gql import GraphQLRequest, gql
from gql.client import AsyncClientSession
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport
from gql.utilities import update_schema_scalars
from graphql import GraphQLError, GraphQLScalarType

from tests.end_to_end.client import Client
from tests.support.service import Service

START = """mutation ($input: StartRunInput!) {
  startRun(input: $input) { run { id status startedAt inputs } userErrors { code field } }
}"""
RUN = "query ($id: ID!) { run(id: $id) { startedAt agent { name } } }"
LOG = """subscription ($run: ID!) {
  logLines(runId: $run) { lines { sequence at message } end }
}"""
BEGAN = datetime(2026, 11, 1, 12, 30, 0, 5, tzinfo=UTC)

#: The schema's time as Python's, both ways.
TIME = GraphQLScalarType(
    "DateTime", serialize=datetime.isoformat, parse_value=datetime.fromisoformat
)


def asked(document: str, **variables: Any) -> GraphQLRequest:
    return GraphQLRequest(document, variable_values=variables)


@pytest.fixture(params=["http", "websocket"])
async def session(
    request: pytest.FixtureRequest, shared_service: Service
) -> AsyncIterator[AsyncClientSession]:
    """A session that has asked for the schema, and takes times for times."""
    url = f"{shared_service.url}/graphql"
    transport = (
        HTTPXAsyncTransport(url=url, verify=False)
        if request.param == "http"
        else WebsocketsTransport(url=url.replace("http", "ws", 1))
    )
    async with Gql(
        transport=transport,
        fetch_schema_from_transport=True,
        serialize_variables=True,
        parse_results=True,
    ) as session:
        assert session.client.schema is not None
        update_schema_scalars(session.client.schema, [TIME])
        yield session


async def test_gql_asks_and_tells_with_times_that_are_times(session: AsyncClientSession) -> None:
    told = {
        "agent": {"name": "gql"},
        "cluster": "eu-1",
        "trigger": {"source": "MANUAL", "name": "ada"},
        "inputs": {"since": ["2026", 1.5, None]},
        "startedAt": BEGAN,
    }
    payload = (await session.execute(asked(START, input=told)))["startRun"]
    assert payload["userErrors"] == []
    assert payload["run"]["startedAt"] == BEGAN
    assert payload["run"]["inputs"] == told["inputs"]
    found = await session.execute(asked(RUN, id=payload["run"]["id"]))
    assert found == {"run": {"startedAt": BEGAN, "agent": {"name": "gql"}}}


async def test_gql_finds_by_the_schema_what_cannot_be_asked(session: AsyncClientSession) -> None:
    with pytest.raises(GraphQLError, match="Cannot query field 'nothing'"):
        await session.execute(gql("{ nothing }"))


async def test_gql_is_told_the_services_errors(session: AsyncClientSession) -> None:
    with pytest.raises(TransportQueryError) as caught:
        await session.execute(asked(RUN, id="nonsense"))
    assert caught.value.errors is not None
    [error] = caught.value.errors
    assert error["extensions"] == {"code": "BAD_INPUT"}
    assert error["message"].startswith("id: expected an id")
    assert caught.value.data == {"run": None}
    # The session lives on.
    assert await session.execute(gql("{ viewer { role } }")) == {"viewer": {"role": "ADMIN"}}


@pytest.mark.parametrize("session", ["websocket"], indirect=True)
async def test_gql_follows_a_log_to_its_end_while_it_asks_for_else(
    session: AsyncClientSession, client: Client
) -> None:
    run_id = await client.begin()
    await client.append(run_id, 0, "one", "two")
    lines: list[dict[str, Any]] = []
    ends = []
    async for data in session.subscribe(asked(LOG, run=run_id)):
        lines += data["logLines"]["lines"]
        ends.append(data["logLines"]["end"])
        if len(lines) == 2 and not ends[-1]:
            assert (await session.execute(asked(RUN, id=run_id)))["run"]["agent"]
            await client.append(run_id, 2, "three")
            await client.tell("completeRun", runId=run_id)
    assert [line["message"] for line in lines] == ["one", "two", "three"]
    assert all(line["at"].tzinfo is not None for line in lines)
    assert ends[-1] == "RUN_ENDED"


@pytest.mark.parametrize("session", ["websocket"], indirect=True)
async def test_gql_is_told_why_it_cannot_follow(session: AsyncClientSession) -> None:
    with pytest.raises(TransportQueryError) as caught:
        async for _ in session.subscribe(asked(LOG, run="nonsense")):
            pass
    assert caught.value.errors is not None
    assert caught.value.errors[0]["extensions"] == {"code": "BAD_INPUT"}
