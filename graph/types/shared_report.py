from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Self

import strawberry

from graph.context import Info
from graph.fields import computed
from graph.types.report_download import ReportDownload
from graph.types.report_section import ReportSection
from graph.types.report_sections import report_sections
from resolvers import share_report
from resolvers.addresses import shared_download_url
from resolvers.report_rendering import report_html, report_markdown


@strawberry.type(
    description="A report as those see it who hold a link to it. There is no way back to its run."
)
class SharedReport:
    shared: strawberry.Private[share_report.SharedReport]
    title: str
    agent_name: str
    completed_at: datetime
    summary: str = strawberry.field(description="Markdown.")
    expires_at: datetime | None = strawberry.field(description="When the link ends; null: never.")

    @classmethod
    def of(cls, shared: share_report.SharedReport) -> Self:
        return cls(
            shared=shared,
            title=shared.document.title,
            agent_name=shared.document.agent_name,
            completed_at=shared.document.completed_at,
            summary=shared.document.summary,
            expires_at=shared.expires_at,
        )

    @classmethod
    def maybe_of(cls, shared: share_report.SharedReport | None) -> Self | None:
        """The same for a link that opens nothing."""
        return None if shared is None else cls.of(shared)

    @computed()
    def sections(self) -> list[ReportSection]:
        return report_sections(self.shared.document.sections)

    @computed("The whole report, sanitised: no scripts, no foreign images.")
    async def html(self) -> str:
        return await asyncio.to_thread(report_html, self.shared.document)

    @computed("The whole report.")
    async def markdown(self) -> str:
        return await asyncio.to_thread(report_markdown, self.shared.document)

    @computed("One for each format.")
    def downloads(self, info: Info) -> list[ReportDownload]:
        return ReportDownload.in_each_format(
            lambda report_format: shared_download_url(
                info.context.service, self.shared.token, report_format
            )
        )
