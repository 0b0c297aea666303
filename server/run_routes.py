"""/runs/<id>: a plain page of the run; /runs/<id>/logs.txt: its log as plain text.

`logs.txt?follow=1` goes on with each line that is written, until the run ends: for curl and `less`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from functools import partial
from uuid import UUID

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from graph.json_text import laid_out
from live.ends import ShuttingDown
from live.follow_logs import follow_logs
from live.log_lines import LogLines
from live.log_store import read_forward
from models.ids import Kind, MalformedId, global_id, parse_id_of
from models.run import Run, decode_labels
from models.states import LogLevel, RunStatus
from models.transactions import DatabaseUnavailable
from models.visibility import Scope
from resolvers.addresses import report_url, run_url
from resolvers.find_nodes import find_run
from resolvers.loaders import Loaders
from resolvers.pages import PageRequest
from resolvers.read_logs import list_log_lines
from resolvers.service import Service
from server.entrance import Entrance
from server.gate import Placed
from server.login import reader
from server.pages import page_headers, render_not_found_page
from server.run_pages import (
    MAX_PAGE_LINES,
    CancellationFacts,
    ErrorFacts,
    RunFacts,
    render_run_page,
)
from server.stream import CutOff, Stream

#: Lines of the plain text that are read at once.
TEXT_LINES = 1_000


def run_routes(entrance: Entrance) -> list[Route]:
    """The routes; who follows a log holds one of the places for streams."""
    service, watch = entrance.service, entrance.watch

    async def page(request: Request) -> Response:
        viewer = (await reader(entrance, request)).viewer
        run = await _find(viewer.scope, request)
        if run is None:
            return HTMLResponse(render_not_found_page(), 404, headers=page_headers())
        facts = await _facts(service, viewer.scope, run)
        return HTMLResponse(render_run_page(facts), headers=page_headers())

    async def text(request: Request) -> Response:
        identity = await reader(entrance, request)
        run = await _find(identity.viewer.scope, request)
        if run is None:
            return PlainTextResponse("not found\n", 404)

        over = partial(watch.over, identity)
        if request.query_params.get("follow") != "1":
            return Stream(_text(run), "text/plain", over)
        stream = Stream(_followed(service, run), "text/plain", over)
        return Placed(stream, entrance.gate.streams, identity.viewer)

    return [Route("/runs/{run_id}", page), Route("/runs/{run_id}/logs.txt", text)]


async def _find(scope: Scope, request: Request) -> Run | None:
    try:
        return await find_run(scope, parse_id_of(Kind.RUN, request.path_params["run_id"]))
    except MalformedId:
        return None


async def _text(run: Run) -> AsyncGenerator[str, None]:
    """Every line stored by now, each with a line feed behind it."""
    after = 0
    while after < run.last_sequence:
        page = await read_forward(run.id, after, run.last_sequence, TEXT_LINES, None)
        if page.last_examined <= after:
            return  # the run was purged meanwhile
        after = page.last_examined
        yield _plain(page.lines)


async def _followed(service: Service, run: Run) -> AsyncGenerator[str, None]:
    """Every line, those to come too, until the run ends. Raises CutOff where the process does."""
    async with aclosing(follow_logs(service.hub, run.id, 0, None, looks=service.looks)) as batches:
        try:
            async for batch in batches:
                yield _plain(batch.lines)
        except (ShuttingDown, DatabaseUnavailable) as error:
            raise CutOff from error


def _plain(lines: LogLines) -> str:
    return "".join(f"{message}\n" for message in lines.messages)


async def _facts(service: Service, scope: Scope, run: Run) -> RunFacts:
    loaders = Loaders(scope)
    agent = await loaders.agent.load(run.agent_id)
    cluster = await loaders.cluster.load(run.cluster_id)
    steps = await loaders.steps_of_run.load(run.id)
    attempts = await loaders.attempts_of_run.load(run.id)
    report = await loaders.report_of_run.load(run.id)
    inputs = await loaders.inputs_of_run.load(run.id) or "{}"
    names = {step.id: step.name for step in steps}
    last = PageRequest.of(None, None, MAX_PAGE_LINES, None, default=MAX_PAGE_LINES)
    log = await list_log_lines(run, None, last)
    return {
        "id": global_id(Kind.RUN, run.id),
        "status": run.status,
        "agent": agent.name,
        "cluster": cluster.name,
        "trigger": {
            "source": run.trigger_source,
            "name": run.trigger_name,
            "url": run.trigger_url,
        },
        "started_at": run.started_at,
        "completed_at": run.ended_at,
        "duration_seconds": run.duration_seconds,
        "next_attempt_at": run.next_attempt_at,
        "cancellation": _cancellation(run),
        "error": _error(run, names),
        "inputs": "" if inputs == "{}" else laid_out(inputs),
        "labels": decode_labels(run.labels),
        "attempts": [
            {
                "number": attempt.number,
                "started_at": attempt.started_at,
                "ended_at": attempt.ended_at,
                "failure": attempt.failure,
            }
            for attempt in attempts
        ],
        "steps": [
            {
                "name": step.name,
                "status": step.status,
                "duration_seconds": step.duration_seconds,
                "error_message": step.error_message,
            }
            for step in steps
        ],
        "log_lines": [
            {"level": LogLevel(line.level), "message": line.message} for line in log.lines
        ],
        "last_sequence": run.last_sequence,
        "log_url": f"{run_url(service, run.id)}/logs.txt",
        "report_url": report_url(service, report.id)
        if report and run.status is RunStatus.COMPLETED
        else None,
    }


def _cancellation(run: Run) -> CancellationFacts | None:
    if run.cancel_requested_at is None:
        return None
    return {
        "by": run.cancel_requested_by or "",
        "at": run.cancel_requested_at,
        "reason": run.cancel_reason,
    }


def _error(run: Run, step_names: Mapping[UUID, str]) -> ErrorFacts | None:
    if run.error_code is None:
        return None
    return {
        "code": run.error_code,
        "message": run.error_message or "",
        "step": step_names.get(run.error_step_id) if run.error_step_id else None,
        "details": run.error_details,
    }
