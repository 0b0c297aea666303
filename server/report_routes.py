"""/reports/…: read a report, download it, and the same for whoever holds a share's link."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from models.agent import Agent
from models.ids import Kind, MalformedId, parse_id_of
from models.report import ReportWithSections
from models.visibility import Scope, visible_runs
from resolvers.addresses import (
    EXTENSIONS,
    ReportFormat,
    report_download_url,
    shared_download_url,
)
from resolvers.find_report import document_of
from resolvers.report_document import ReportDocument
from resolvers.report_rendering import (
    report_file_name,
    report_html,
    report_json,
    report_markdown,
)
from resolvers.service import Service
from resolvers.share_report import SharedReport, find_shared_report
from server.entrance import Entrance
from server.login import reader
from server.pages import render_not_found_page
from server.report_pages import content_disposition, render_report_page, report_page_headers

_LABELS = {
    ReportFormat.MARKDOWN: "Markdown",
    ReportFormat.HTML: "HTML",
    ReportFormat.JSON: "JSON",
}
_MEDIA_TYPES = {
    ReportFormat.MARKDOWN: "text/markdown; charset=utf-8",
    ReportFormat.HTML: "text/html; charset=utf-8",
    ReportFormat.JSON: "application/json",
}
_FORMATS = {extension: report_format for report_format, extension in EXTENSIONS.items()}


def _html(document: ReportDocument) -> str:
    return render_report_page(document, report_html(document))


#: What a download in each format holds. The HTML is a page of its own, without links to downloads.
_RENDERERS: dict[ReportFormat, Callable[[ReportDocument], str]] = {
    ReportFormat.MARKDOWN: report_markdown,
    ReportFormat.HTML: _html,
    ReportFormat.JSON: report_json,
}


def report_routes(entrance: Entrance) -> list[Route]:
    """The routes."""
    service = entrance.service

    async def page(request: Request) -> Response:
        report_id = request.path_params["report_id"]
        viewer = (await reader(entrance, request)).viewer
        document = await _find(viewer.scope, report_id)
        if document is None:
            return _not_found()
        key = parse_id_of(Kind.REPORT, report_id)
        links = [(_LABELS[f], report_download_url(service, key, f)) for f in ReportFormat]
        return await _page(document, links, None)

    async def download(request: Request) -> Response:
        viewer = (await reader(entrance, request)).viewer
        document = await _find(viewer.scope, request.path_params["report_id"])
        return await _download(document, request)

    async def shared_page(request: Request) -> Response:
        shared = await _find_shared(service, request)
        if shared is None:
            return _not_found()
        links = [(_LABELS[f], shared_download_url(service, shared.token, f)) for f in ReportFormat]
        return await _page(shared.document, links, shared)

    async def shared_download(request: Request) -> Response:
        shared = await _find_shared(service, request)
        return await _download(shared.document if shared else None, request)

    return [
        Route("/reports/shared/{token}", shared_page),
        Route("/reports/shared/{token}/download.{extension}", shared_download),
        Route("/reports/{report_id}", page),
        Route("/reports/{report_id}/download.{extension}", download),
    ]


async def _find(scope: Scope, report_id: str) -> ReportDocument | None:
    """The report of a visible run; None for any id of none."""
    try:
        key = parse_id_of(Kind.REPORT, report_id)
    except MalformedId:
        return None
    report = await ReportWithSections.filter(id=key).first()
    if report is None:
        return None
    run = await visible_runs(scope).filter(id=report.run_id).first()
    if run is None:
        return None
    agent = await Agent.get(id=run.agent_id)
    return document_of(report, report.sections, run, agent.name)


async def _find_shared(service: Service, request: Request) -> SharedReport | None:
    return await find_shared_report(service, request.path_params["token"])


async def _page(
    document: ReportDocument, links: list[tuple[str, str]], shared: SharedReport | None
) -> Response:
    # A large report takes its time to render: not on the event loop, which serves everybody.
    html = await asyncio.to_thread(report_html, document)
    page = render_report_page(
        document,
        html,
        links,
        shared=shared is not None,
        expires_at=shared.expires_at if shared else None,
    )
    return HTMLResponse(page, headers=report_page_headers())


async def _download(document: ReportDocument | None, request: Request) -> Response:
    extension = request.path_params["extension"]
    report_format = _FORMATS.get(extension)
    if document is None or report_format is None:
        return _not_found()
    content = await asyncio.to_thread(_RENDERERS[report_format], document)
    file_name = report_file_name(document, extension)
    headers = report_page_headers() | {"Content-Disposition": content_disposition(file_name)}
    return Response(content, headers=headers, media_type=_MEDIA_TYPES[report_format])


def _not_found() -> Response:
    return HTMLResponse(render_not_found_page(), 404, headers=report_page_headers())
