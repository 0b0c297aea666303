from __future__ import annotations

import strawberry

from resolvers import report_document
from resolvers.commands import ToldReport
from resolvers.report_document import Section


@strawberry.input(description="Prose.")
class TextSectionInput:
    heading: str = strawberry.field(description="Plain text.")
    markdown: str

    def plain(self) -> report_document.TextSection:
        return report_document.TextSection(self.heading, self.markdown)


@strawberry.input(description="A table of plain texts.")
class TableSectionInput:
    heading: str = strawberry.field(description="Plain text.")
    columns: list[str]
    rows: list[list[str]] = strawberry.field(description="Each has as many cells as `columns`.")

    def plain(self) -> report_document.TableSection:
        rows = tuple(tuple(row) for row in self.rows)
        return report_document.TableSection(self.heading, tuple(self.columns), rows)


@strawberry.input(description="One number with its name.")
class MetricInput:
    name: str
    value: float
    unit: str | None = None

    def plain(self) -> report_document.Metric:
        # A client's number may remember its text, which has no meaning here.
        return report_document.Metric(self.name, float(self.value), self.unit)


@strawberry.input(description="Numbers that belong together.")
class MetricsSectionInput:
    heading: str = strawberry.field(description="Plain text.")
    metrics: list[MetricInput]

    def plain(self) -> report_document.MetricsSection:
        metrics = tuple(metric.plain() for metric in self.metrics)
        return report_document.MetricsSection(self.heading, metrics)


@strawberry.input(one_of=True, description="A part of a report: exactly one of these.")
class ReportSectionInput:
    text: TextSectionInput | None = strawberry.UNSET
    table: TableSectionInput | None = strawberry.UNSET
    metrics: MetricsSectionInput | None = strawberry.UNSET

    def plain(self) -> Section:
        for section in (self.text, self.table, self.metrics):
            if section:
                return section.plain()
        raise AssertionError("GraphQL has seen to it that one is given")


@strawberry.input(description="What a completed run has to say.")
class ReportInput:
    title: str = strawberry.field(description="Plain text.")
    summary: str | None = strawberry.field(default=None, description="Markdown.")
    sections: list[ReportSectionInput] | None = None

    def plain(self) -> ToldReport:
        sections = tuple(section.plain() for section in self.sections or ())
        return ToldReport(self.title, self.summary or "", sections)
