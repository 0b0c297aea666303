"""/runs/<id>/logs.txt: its log as plain text, the whole or what a filter leaves of it.

`logs.txt?follow=1` goes on with each line that is written, until the run ends: for curl and `less`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from live.ends import ShuttingDown
from live.follow_logs import follow_logs
from live.log_filter import LogFilter
from live.log_lines import LogLines
from live.log_store import read_forward
from models.agent import Agent
from models.run import Run
from models.transactions import DatabaseUnavailable
from resolvers.report_rendering import slug
from resolvers.service import Service
from server.entrance import Entrance
from server.gate import Placed
from server.log_query import LogQuery
from server.login import reader
from server.report_pages import content_disposition
from server.run_routes import run_of_address
from server.stream import CutOff, Stream

#: Lines of the plain text that are read at once.
TEXT_LINES = 1_000


def log_routes(entrance: Entrance) -> list[Route]:
    """The routes; who follows a log holds one of the places for streams."""
    service, watch = entrance.service, entrance.watch

    async def text(request: Request) -> Response:
        identity = await reader(entrance, request)
        asked = LogQuery.of(request.query_params)
        run = await run_of_address(identity.viewer.scope, request)
        if run is None:
            return PlainTextResponse("not found\n", 404)

        lines = _followed(service, run, asked.lines) if asked.follows else _text(run, asked.lines)
        stream = Stream(lines, "text/plain", partial(watch.over, identity))
        if asked.downloads:
            stream.headers["Content-Disposition"] = content_disposition(await _file_name(run))
        if asked.follows:
            return Placed(stream, entrance.gate.streams, identity.viewer)
        return stream

    return [Route("/runs/{run_id}/logs.txt", text)]


async def _file_name(run: Run) -> str:
    """`nightly-etl-1234567890ab.log`: the end of an id is what tells runs of one hour apart."""
    agent = await Agent.get(id=run.agent_id)
    return f"{slug(agent.name) or 'run'}-{run.id.hex[-12:]}.log"


async def _text(run: Run, wanted: LogFilter | None) -> AsyncGenerator[str, None]:
    """Every line stored by now that matches, each with a line feed behind it."""
    after = 0
    while after < run.last_sequence:
        page = await read_forward(run.id, after, run.last_sequence, TEXT_LINES, wanted)
        if page.last_examined <= after:
            return  # the run was purged meanwhile
        after = page.last_examined
        yield _plain(page.lines)


async def _followed(
    service: Service, run: Run, wanted: LogFilter | None
) -> AsyncGenerator[str, None]:
    """Every line that matches, those to come too, until the run ends.

    Raises CutOff where the process does.
    """
    following = follow_logs(service.hub, run.id, 0, wanted, looks=service.looks)
    async with aclosing(following) as batches:
        try:
            async for batch in batches:
                yield _plain(batch.lines)
        except (ShuttingDown, DatabaseUnavailable) as error:
            raise CutOff from error


def _plain(lines: LogLines) -> str:
    return "".join(f"{message}\n" for message in lines.messages)
