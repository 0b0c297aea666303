"""Followers that come back to another process with their last cursor (docs/protocol.md)."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

from tests.chaos.patience import POLL
from tests.chaos.writer import PASSING
from tests.end_to_end.client import Json
from tests.graph.events import subscribed
from tests.graph.sockets import PROTOCOL, Socket
from tests.graph.support import PATH


@dataclass(frozen=True, slots=True)
class Topic:
    """What of a run is followed: a root field, and what its batches hold."""

    root: str
    items: str
    document: str


LOG = Topic(
    "logLines",
    "lines",
    """subscription ($run: ID!, $after: String, $filter: LogFilter) {
      logLines(runId: $run, after: $after, filter: $filter) {
        lines { sequence source level message } endCursor end
      }
    }""",
)
STEPS = Topic(
    "stepTransitions",
    "transitions",
    """subscription ($run: ID!, $after: String) {
      stepTransitions(runId: $run, after: $after) {
        transitions { step { key } to } endCursor end
      }
    }""",
)
#: Seconds between a client's pings, and for an answer: apps find a dead socket so.
KEEPALIVE = 1.5
#: How a connection is lost, or not had.
LOST = (
    OSError,
    ConnectionClosed,
    InvalidHandshake,
    InvalidMessage,
    httpx.TransportError,
    TimeoutError,
)


class BrokenOff(Exception):
    """The stream cannot go on here; elsewhere, or later, it may."""


class Follower(ABC):
    """Follows a run to its end, and keeps all that it was sent."""

    def __init__(
        self, name: str, homes: Sequence[str], run_id: str, topic: Topic = LOG, **log_filter: Any
    ) -> None:
        self.name = name
        self.topic = topic
        self._homes = homes
        self._run_id = run_id
        self._filter = log_filter
        self._cursor: str | None = None
        self.items: list[Json] = []
        #: When each came.
        self.came_at: list[float] = []
        #: The ends that it was told of.
        self.ends: list[str] = []
        #: How connections were lost.
        self.losses: list[str] = []

    async def follow(self) -> None:
        turn = 0
        while not self.ends:
            try:
                await self._follow(self._homes[turn % len(self._homes)])
            except (*LOST, BrokenOff) as error:
                self.losses.append(words_of(error))
                await asyncio.sleep(POLL)
            turn += 1

    @abstractmethod
    async def _follow(self, home: str) -> None:
        """Follow on one connection. Raises LOST, BrokenOff."""

    @property
    def variables(self) -> Json:
        told: Json = {"run": self._run_id, "after": self._cursor}
        return {**told, "filter": self._filter} if self._filter else told

    def take(self, result: Json) -> None:
        """What came. Raises BrokenOff."""
        if errors := result.get("errors"):
            refuse(errors)
        batch = result["data"][self.topic.root]
        assert not self.ends, f"a batch behind the end: {batch}"
        self.items += batch[self.topic.items]
        self.came_at += [time.monotonic()] * len(batch[self.topic.items])
        self._cursor = batch["endCursor"]
        if batch["end"] is not None:
            self.ends.append(batch["end"])

    def complete(self) -> None:
        assert self.ends, "complete without an end"


def words_of(error: Exception) -> str:
    """How a connection was lost, such as `ConnectionClosedError 1012`."""
    name = type(error).__name__
    if isinstance(error, BrokenOff):
        return str(error)
    if isinstance(error, ConnectionClosed):
        side = error.rcvd or error.sent
        return f"{name} {side.code}" if side else name
    return name


def refuse(errors: list[Json]) -> None:
    codes = [error["extensions"]["code"] for error in errors]
    assert codes[0] in PASSING, errors
    raise BrokenOff(codes[0])


@asynccontextmanager
async def socket_to(home: str) -> AsyncIterator[Socket]:
    """A socket that is ready for operations."""
    async with connect(
        f"{home.replace('http', 'ws', 1)}{PATH}",
        subprotocols=[PROTOCOL],
        proxy=None,
        max_size=None,
        open_timeout=KEEPALIVE,
        ping_interval=KEEPALIVE,
        ping_timeout=KEEPALIVE,
        close_timeout=KEEPALIVE,
    ) as connection:
        socket = Socket(connection)
        await socket.init()
        yield socket


class SocketFollower(Follower):
    """Over graphql-transport-ws."""

    async def _follow(self, home: str) -> None:
        async with socket_to(home) as socket:
            await socket.subscribe("1", self.topic.document, **self.variables)
            while (frame := await socket.receive())["type"] == "next":
                self.take(frame["payload"])
            if frame["type"] == "error":
                refuse(frame["payload"])
            assert frame == {"id": "1", "type": "complete"}, frame
            self.complete()


class EventFollower(Follower):
    """Over Server-Sent Events, with Last-Event-ID."""

    async def _follow(self, home: str) -> None:
        async with httpx.AsyncClient(base_url=home, timeout=None, verify=False) as http:
            headers = {"Last-Event-ID": self._cursor} if self._cursor else {}
            variables = {**self.variables, "after": None}
            document = self.topic.document
            async with subscribed(http, PATH, document, headers=headers, **variables) as events:
                assert events.response.status_code == 200, await events.response.aread()
                while (event := await events.receive()).type == "next":
                    self.take(event.payload)
                    assert event.id == self._cursor
                assert event.type == "complete", event
                self.complete()
