from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

import models
from graph.context import Info
from graph.fields import computed
from graph.ids import client_id
from graph.present import present
from graph.types.node import Node
from graph.types.report_download import ReportDownload
from graph.types.report_section import ReportSection
from graph.types.report_sections import report_sections
from graph.types.report_share import ReportShare
from models.ids import Kind
from resolvers.addresses import report_download_url, report_url
from resolvers.find_report import document_of
from resolvers.report_document import ReportDocument, sections_from_json
from resolvers.report_rendering import report_html, report_markdown
from resolvers.rights import Right, may

if TYPE_CHECKING:
    from graph.types.run import Run


@strawberry.type(description="What a completed run has to say.")
class Report(Node):
    row: strawberry.Private[models.Report]
    title: str
    summary: str = strawberry.field(description="Markdown.")
    created_at: datetime

    @classmethod
    def of(cls, row: models.Report) -> Self:
        return cls(
            row=row,
            id=client_id(Kind.REPORT, row.id),
            title=row.title,
            summary=row.summary,
            created_at=row.created_at,
        )

    @classmethod
    def maybe_of(cls, row: models.Report | None) -> Self | None:
        """The same for a row that may not be there."""
        return None if row is None else cls.of(row)

    @computed("The page for people.")
    def url(self, info: Info) -> str:
        return report_url(info.context.service, self.row.id)

    @computed()
    async def run(self, info: Info) -> Annotated[Run, strawberry.lazy("graph.types.run")]:
        from graph.types.run import Run

        return Run.of(await self._run(info))

    @computed()
    async def sections(self, info: Info) -> list[ReportSection]:
        return report_sections(sections_from_json(await self._sections(info)))

    # Rendering a large report takes a while: in a thread, so that nobody else waits.

    @computed("The whole report, sanitised: no scripts, no foreign images.")
    async def html(self, info: Info) -> str:
        return await asyncio.to_thread(report_html, await self._document(info))

    @computed("The whole report.")
    async def markdown(self, info: Info) -> str:
        return await asyncio.to_thread(report_markdown, await self._document(info))

    @computed("One for each format.")
    def downloads(self, info: Info) -> list[ReportDownload]:
        service = info.context.service
        return ReportDownload.in_each_format(
            lambda report_format: report_download_url(service, self.row.id, report_format)
        )

    @computed("Its links, for those who may share; for others none.")
    async def shares(self, info: Info) -> list[ReportShare]:
        if not may(info.context.viewer, Right.OPERATE):
            return []
        loaders = info.context.loaders
        loaders.report.prime(self.row.id, self.row)  # they lead back to it
        rows = await loaders.shares_of_report.load(self.row.id)
        return [ReportShare.of(row) for row in rows]

    async def _document(self, info: Info) -> ReportDocument:
        run = await self._run(info)
        agent = await info.context.loaders.agent.load(run.agent_id)
        return document_of(self.row, await self._sections(info), run, agent.name)

    async def _sections(self, info: Info) -> str:
        """As they are stored."""
        return present(await info.context.loaders.sections_of_report.load(self.row.id), "report")

    async def _run(self, info: Info) -> models.Run:
        return present(await info.context.loaders.run.load(self.row.run_id), "run")
