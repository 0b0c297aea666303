"""The floor of appending: parse the body, store its lines as one text in one transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import orjson
from starlette.types import ASGIApp

from benchmarks.floor.asgi import app_of
from benchmarks.floor.store import store_of


def create_app(url: str) -> ASGIApp:
    """Answers with the text's number once the transaction is committed."""
    store = store_of(url)

    async def start() -> Callable[[], Awaitable[None]]:
        await store.open()
        await store.make_table()
        return store.close

    async def answer(body: bytes) -> bytes:
        lines = orjson.loads(body)["variables"]["input"]["lines"]
        number = await store.insert("\n".join(line["message"] for line in lines))
        return orjson.dumps({"number": number})

    return app_of(answer, start)
