"""Speaking to the real endpoint, over HTTP without a network."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from starlette.applications import Starlette

from graph.limits import DOCUMENT_LIMITS
from resolvers.service import Service
from server.entrance import Entrance
from server.graphql_endpoint import GraphQLEndpoint

PATH = "/graphql"
JSON = {"Content-Type": "application/json"}


def app_of(service: Service, **told: Any) -> Starlette:
    """An app that has the endpoint and nothing else; `told` is what Entrance.of takes besides."""
    return Starlette(routes=GraphQLEndpoint(Entrance.of(service, **told)).routes(PATH))


def answer_of(data: dict[str, Any], cost: int = 1) -> dict[str, Any]:
    """The whole answer that has this data, for the documents that are bounded as by default."""
    told = {"requested": cost, "limit": DOCUMENT_LIMITS.max_cost}
    return {"data": data, "extensions": {"cost": told}}


class Api:
    """A client that asks in GraphQL."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The whole answer."""
        body = {"query": query, "variables": variables}
        # httpx writes UTF-8, which has no lone surrogates; escapes have.
        response = await self.http.post(PATH, content=json.dumps(body), headers=JSON)
        assert response.status_code == 200, response.text
        return response.json()

    async def data(self, query: str, **variables: Any) -> dict[str, Any]:
        """The answer's data; there must be no errors."""
        answer = await self.ask(query, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def error(self, query: str, **variables: Any) -> tuple[str, str]:
        """The code and the message of the answer's only error."""
        answer = await self.ask(query, **variables)
        [error] = answer["errors"]
        return error["extensions"]["code"], error["message"]


@asynccontextmanager
async def connected(service: Service, **told: Any) -> AsyncIterator[Api]:
    transport = httpx.ASGITransport(app_of(service, **told))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        yield Api(http)


UNKNOWN = "0199f0a4-7c1e-7a51-9d0c-5b8f0e6a1b2c"
ERRORS = "userErrors { code message field nodeId }"

RUN_INPUT = {
    "agent": {"name": "backup"},
    "cluster": "eu-1",
    "trigger": {"source": "MANUAL", "name": "ada"},
}


async def tell(api: Api, mutation: str, fields: str, **given: Any) -> dict[str, Any]:
    """Call a mutation; its payload. Its input's type is named like itself."""
    type_ = f"{mutation[0].upper()}{mutation[1:]}Input!"
    query = f"mutation ($input: {type_}) {{ {mutation}(input: $input) {{ {fields} {ERRORS} }} }}"
    payload: dict[str, Any] = (await api.data(query, input=given))[mutation]
    return payload


async def told(api: Api, mutation: str, fields: str, **given: Any) -> dict[str, Any]:
    """The same, and it must go through."""
    payload = await tell(api, mutation, fields, **given)
    assert payload["userErrors"] == []
    return payload


async def refused(api: Api, mutation: str, fields: str = "", **given: Any) -> dict[str, Any]:
    """The same, and it must be refused: its only userError."""
    [error] = (await tell(api, mutation, fields, **given))["userErrors"]
    return error


async def start(api: Api, **given: Any) -> str:
    """Begin a run; its id."""
    run_id: str = (await told(api, "startRun", "run { id }", **(RUN_INPUT | given)))["run"]["id"]
    return run_id


async def append(api: Api, run_id: str, offset: int, *messages: str, **line: Any) -> dict[str, Any]:
    """Append lines, each with what `line` says besides; the payload."""
    lines = [{"message": message, **line} for message in messages]
    given = {"runId": run_id, "offset": offset, "lines": lines}
    return await told(api, "appendLogs", "nextOffset endCursor", **given)


async def complete(api: Api, run_id: str, **given: Any) -> None:
    await told(api, "completeRun", "run { id }", runId=run_id, **given)


async def fail(api: Api, run_id: str, message: str = "it broke", **error: Any) -> None:
    await told(api, "failRun", "run { id }", runId=run_id, error={"message": message, **error})
