"""Which type of section stands for which part of a report's document."""

from __future__ import annotations

from collections.abc import Iterable

from graph.types.metrics_section import MetricsSection
from graph.types.report_section import ReportSection
from graph.types.table_section import TableSection
from graph.types.text_section import TextSection
from resolvers import report_document
from resolvers.report_document import Section


def report_sections(sections: Iterable[Section]) -> list[ReportSection]:
    """The sections as clients see them, in order."""
    return [_report_section(section) for section in sections]


def _report_section(section: Section) -> ReportSection:
    match section:
        case report_document.TextSection():
            return TextSection.of(section)
        case report_document.TableSection():
            return TableSection.of(section)
        case report_document.MetricsSection():
            return MetricsSection.of(section)
