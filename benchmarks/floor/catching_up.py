"""The floor of catching up: the stored lines of a run, as the messages that the service sends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import orjson
import zstandard
from starlette.types import ASGIApp, Receive, Scope, Send

from benchmarks.floor.asgi import live
from benchmarks.floor.store import store_of

#: Chunks read by one statement, as few as the service holds for one follower.
_CHUNKS = 32
_HEAD = b'{"id":"%s","type":"next","payload":{"data":{"logLines":{"lines":'
_TAIL = b',"end":null}}}}'


def create_app(url: str) -> ASGIApp:
    """A WebSocket to /<uuid of a run>/<operation id> gets its log, a message for each chunk."""
    store = store_of(url)

    async def start() -> Any:
        await store.open()
        return store.close

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await live(start, receive, send)
            return
        await receive()
        await send({"type": "websocket.accept"})
        _, run, operation = scope["path"].split("/")
        head = _HEAD.replace(b"%s", operation.encode())
        after = 0
        while True:
            [rows] = await store.fetch(_chunks_query(UUID(run), after))
            if not rows:
                break
            for first, payload in rows:
                text = head + orjson.dumps(list(_lines(first, payload))) + _TAIL
                await send({"type": "websocket.send", "text": text.decode()})
            after = rows[-1][0]
        await receive()

    return app


def _chunks_query(run: UUID, after: int) -> str:
    key = f"'{run}'"
    return (
        f"SELECT first_sequence, payload FROM log_chunk WHERE run_id = {key} "
        f"AND first_sequence > {after} ORDER BY first_sequence LIMIT {_CHUNKS}"
    )


def _lines(first: int, payload: bytes) -> Iterator[dict[str, Any]]:
    """By live/log_codec.py: a byte that tells the way of packing, then columns in JSON."""
    packed = payload[1:]
    text = zstandard.ZstdDecompressor().decompress(packed) if payload[0] else packed
    for sequence, message in enumerate(orjson.loads(text)["m"], first):
        yield {"message": message, "sequence": sequence}
