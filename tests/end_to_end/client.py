"""A client of a real service: queries and mutations over HTTP, subscriptions over a WebSocket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

import httpx
from websockets.asyncio.client import connect

from tests.graph.sockets import PATIENCE, PROTOCOL, Socket
from tests.graph.support import PATH, Api

Json = dict[str, Any]

USER_ERRORS = "userErrors { code message field nodeId }"


class Client(Api):
    """Asks and tells."""

    def __init__(self, url: str, http: httpx.AsyncClient) -> None:
        super().__init__(http)
        self.url = url

    async def call(self, mutation: str, fields: str, /, **told: Any) -> Json:
        """The payload of a mutation, which takes `told` as its input; with its userErrors."""
        data = await self.data(mutation_of(mutation, fields), input=told)
        payload: Json = data[mutation]
        return payload

    async def tell(self, mutation: str, fields: str = "__typename", /, **told: Any) -> Json:
        """The payload of a mutation that is expected to go well."""
        payload = await self.call(mutation, fields, **told)
        assert payload["userErrors"] == [], (mutation, payload["userErrors"])
        return payload

    async def refusal(self, mutation: str, /, **told: Any) -> Json:
        """The only userError of a mutation that is expected to be refused."""
        payload = await self.call(mutation, "__typename", **told)
        [error] = payload["userErrors"]
        return dict(error)

    async def begin(self, **told: Any) -> str:
        """The id of a run that just began."""
        defaults = {
            "agent": {"name": "nightly-etl"},
            "cluster": "eu-1",
            "trigger": {"source": "MANUAL", "name": "ada"},
        }
        payload = await self.tell("startRun", "run { id }", **(defaults | told))
        run_id: str = payload["run"]["id"]
        return run_id

    async def append(self, run_id: str, offset: int, *messages: str, **told: Any) -> Json:
        lines = [{"message": message} for message in messages]
        fields = "nextOffset endCursor"
        return await self.tell(
            "appendLogs", fields, runId=run_id, offset=offset, lines=lines, **told
        )


def mutation_of(name: str, fields: str) -> str:
    """The document of a mutation, whose input is the variable `input`."""
    type_ = f"{name[0].upper()}{name[1:]}Input!"
    return f"mutation($input: {type_}) {{ {name}(input: $input) {{ {fields} {USER_ERRORS} }} }}"


@asynccontextmanager
async def client_of(url: str, **headers: str) -> AsyncIterator[Client]:
    """A client of the service at `url`, which may end below a path."""
    # Without verify=False each client reads the machine's certificates. They are for https, and it
    # takes longer than most tests do.
    async with httpx.AsyncClient(
        base_url=url, timeout=PATIENCE, headers=headers, verify=False
    ) as http:
        yield Client(url, http)


# ---------------------------------------------------------------- subscriptions


class StreamRefused(Exception):
    """The operation ended with `error`; with the errors that it carried."""

    def __init__(self, errors: list[Json]) -> None:
        super().__init__(errors)
        self.errors = errors


class Stream:
    """One subscription on a socket of its own: iterate over what its root field gives."""

    ID = "1"

    def __init__(self, socket: Socket) -> None:
        self.socket = socket
        self.is_complete = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Json:
        """The next event. Raises StreamRefused, and ConnectionClosed where the socket is lost."""
        if self.is_complete:
            raise StopAsyncIteration
        frame = await self.socket.receive()
        assert frame["id"] == self.ID
        if frame["type"] == "complete":
            self.is_complete = True
            raise StopAsyncIteration
        if frame["type"] == "error":
            raise StreamRefused(frame["payload"])
        assert "errors" not in frame["payload"], frame
        [event] = frame["payload"]["data"].values()
        return dict(event)

    async def rest(self) -> list[Json]:
        """Everything up to `complete`."""
        return [event async for event in self]


@asynccontextmanager
async def socket_of(url: str, **headers: str) -> AsyncIterator[Socket]:
    """A socket to the service at `url`; not yet initialised."""
    address = f"{url.replace('http', 'ws', 1)}{PATH}"
    async with connect(
        address,
        subprotocols=[PROTOCOL],
        proxy=None,
        max_size=None,  # as browsers have it
        additional_headers=headers,
    ) as connection:
        yield Socket(connection)


@asynccontextmanager
async def following(url: str, document: str, **variables: Any) -> AsyncIterator[Stream]:
    """A subscription, from its beginning to the end of the block."""
    async with socket_of(url) as socket:
        await socket.init()
        await socket.subscribe(Stream.ID, document, **variables)
        yield Stream(socket)


async def followed(url: str, document: str, **variables: Any) -> list[Json]:
    """Everything that a subscription gives up to `complete`."""
    async with following(url, document, **variables) as stream:
        return await stream.rest()
