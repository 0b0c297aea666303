"""Speaking to the real endpoint, over HTTP without a network."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from starlette.applications import Starlette

from resolvers.service import Service
from server.graphql_endpoint import GraphQLEndpoint

PATH = "/graphql"


def app_of(service: Service) -> Starlette:
    """An app that has the endpoint and nothing else."""
    return Starlette(routes=GraphQLEndpoint(service).routes(PATH))


class Api:
    """A client that asks in GraphQL."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The whole answer."""
        body = {"query": query, "variables": variables}
        response = await self.http.post(PATH, json=body)
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
async def connected(service: Service) -> AsyncIterator[Api]:
    transport = httpx.ASGITransport(app_of(service))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        yield Api(http)
