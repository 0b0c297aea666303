"""Clients of an endpoint that asks everybody who they are."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from starlette.types import ASGIApp

from models.visibility import EVERYTHING, Scope
from resolvers.service import Service
from resolvers.tokens import create_token
from resolvers.viewer import LOCAL_VIEWER, Role
from tests.graph.support import JSON, PATH

#: Every role, and nobody.
EVERYBODY = (*Role, None)


async def token_of(
    service: Service, role: Role, name: str = "ci", scope: Scope = EVERYTHING
) -> str:
    """A fresh token."""
    return (await create_token(service, LOCAL_VIEWER, name, role, scope, None)).secret


def headers_of(token: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


@asynccontextmanager
async def client_of(app: ASGIApp, token: str | None) -> AsyncIterator[httpx.AsyncClient]:
    """A client that shows a token, or none."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://127.0.0.1:8000", headers=headers_of(token)
    ) as http:
        yield http


async def ask(http: httpx.AsyncClient, query: str, **variables: Any) -> Any:
    """The whole answer."""
    body = {"query": query, "variables": variables}
    return (await http.post(PATH, json=body, headers=JSON)).json()


def codes(answer: Any) -> set[str]:
    """The codes of an answer's errors."""
    return {error["extensions"]["code"] for error in answer.get("errors", ())}
