"""/runs/<id>/plain: what happened in a run, on a page without a script, as it stands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from graph.json_text import laid_out
from models.ids import Kind, MalformedId, global_id, parse_id_of
from models.run import Run, decode_labels
from models.states import LogLevel, RunStatus
from models.visibility import Scope
from resolvers.addresses import report_url, run_url
from resolvers.find_nodes import find_run
from resolvers.loaders import Loaders
from resolvers.pages import PageRequest
from resolvers.read_logs import list_log_lines
from resolvers.service import Service
from server.entrance import Entrance
from server.login import reader
from server.pages import page_headers, render_not_found_page
from server.run_pages import (
    MAX_PAGE_LINES,
    CancellationFacts,
    ErrorFacts,
    RunFacts,
    render_run_page,
)


def run_routes(entrance: Entrance) -> list[Route]:
    """The routes."""
    return [Route("/runs/{run_id}/plain", plain_page(entrance))]


def plain_page(entrance: Entrance) -> Callable[[Request], Awaitable[Response]]:
    """What answers with the plain page of the run that an address names."""

    async def page(request: Request) -> Response:
        viewer = (await reader(entrance, request)).viewer
        run = await run_of_address(viewer.scope, request)
        if run is None:
            return HTMLResponse(render_not_found_page(), 404, headers=page_headers())
        facts = await _facts(entrance.service, viewer.scope, run)
        return HTMLResponse(render_run_page(facts), headers=page_headers())

    return page


async def run_of_address(scope: Scope, request: Request) -> Run | None:
    """The run that an address names; None where it names none that is in the scope."""
    try:
        return await find_run(scope, parse_id_of(Kind.RUN, request.path_params["run_id"]))
    except MalformedId:
        return None


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
