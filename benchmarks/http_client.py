"""A client for HTTP/1.1 that costs next to nothing.

httpx takes longer for a request than the floors do, so that everything would look like httpx.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


class BadAnswer(Exception):
    """The answer is not the one that a measurement needs; what it takes then says nothing."""


class HttpClient:
    """One connection, kept alive, one request at a time."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str
    ) -> None:
        self._reader, self._writer, self._host = reader, writer, host

    async def post(self, path: str, body: bytes) -> bytes:
        """The answer's body. Raises BadAnswer for any status but 200."""
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self._host}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        self._writer.write(head.encode() + body)
        head_of_answer = await self._reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head_of_answer)
        if length is None:
            raise BadAnswer(f"an answer of unknown length: {head_of_answer[:200]!r}")
        answer = await self._reader.readexactly(int(length[1]))
        if not head_of_answer.startswith(b"HTTP/1.1 200"):
            raise BadAnswer(f"{head_of_answer[:50]!r}: {answer[:500]!r}")
        return answer

    async def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        """The data that the service answers with. Raises BadAnswer where it has errors."""
        return data_of(await self.post(GRAPHQL, graphql_body(document, **variables)))


GRAPHQL = "/graphql"


def graphql_body(document: str, **variables: Any) -> bytes:
    """The body of a GraphQL request."""
    return orjson.dumps({"query": document, "variables": variables})


def data_of(answer: bytes) -> dict[str, Any]:
    """The data in a GraphQL answer. Raises BadAnswer where there are errors."""
    content: dict[str, Any] = orjson.loads(answer)
    if "errors" in content:
        raise BadAnswer(str(content["errors"])[:500])
    data: dict[str, Any] = content["data"]
    return data


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[HttpClient]:
    """A connection to a process of this machine."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield HttpClient(reader, writer, f"127.0.0.1:{port}")
    finally:
        writer.close()
        await writer.wait_closed()
