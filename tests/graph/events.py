"""Event streams in whole frames, as EventSource reads them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.graph.sockets import PATIENCE

EVENT_STREAM = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Event:
    """https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation"""

    type: str
    data: str
    id: str | None = None

    @property
    def payload(self) -> Any:
        return json.loads(self.data)


COMPLETE = Event("complete", "")


class Events:
    """The frames of one answer."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = _lines(response)

    async def frame(self) -> list[str]:
        """The lines up to the next empty one. Raises httpx.RemoteProtocolError where cut off."""
        lines: list[str] = []
        async with asyncio.timeout(PATIENCE):
            async for line in self._lines:
                if not line:
                    return lines
                lines.append(line)
        assert not lines, f"half a frame: {lines}"
        raise StopAsyncIteration

    async def receive(self) -> Event:
        """The next event; comments and hints are passed over."""
        while True:
            fields = dict(_field(line) for line in await self.frame())
            if "data" in fields:
                return Event(fields["event"], fields["data"], fields.get("id"))

    async def rest(self) -> list[Event]:
        """Every event up to the end of the stream."""
        found: list[Event] = []
        try:
            while True:
                found.append(await self.receive())
        except StopAsyncIteration:
            return found


async def _lines(response: httpx.Response) -> AsyncIterator[str]:
    # httpx's own also end at U+2028 and others like it, which are a line's text here.
    rest = b""
    async for part in response.aiter_bytes():
        *lines, rest = (rest + part).split(b"\n")
        for line in lines:
            yield line.decode()
    assert not rest, f"half a line: {rest!r}"


def _field(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name, value.removeprefix(" ")


@asynccontextmanager
async def subscribed(
    http: httpx.AsyncClient, path: str, query: str, *, headers: dict[str, str], **variables: Any
) -> AsyncIterator[Events]:
    """The events of an operation, from its beginning to the end of the block."""
    body = {"query": query, "variables": variables}
    headers = {"Accept": EVENT_STREAM, **headers}
    async with http.stream("POST", path, json=body, headers=headers) as response:
        yield Events(response)
