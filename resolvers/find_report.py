"""A report as the document that is rendered."""

from __future__ import annotations

from models.report import Report
from models.run import Run
from resolvers.report_document import ReportDocument, sections_from_json


def document_of(report: Report, sections: str, run: Run, agent_name: str) -> ReportDocument:
    """The report with its sections, as they are stored, and what its run adds to it."""
    return ReportDocument(
        title=report.title,
        summary=report.summary,
        sections=sections_from_json(sections),
        agent_name=agent_name,
        completed_at=run.completed_at,
    )
