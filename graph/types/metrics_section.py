from __future__ import annotations

from typing import Self

import strawberry

from graph.types.metric import Metric
from graph.types.report_section import ReportSection
from resolvers import report_document
from resolvers.report_rendering import section_markdown


@strawberry.type(description="Numbers that belong together.")
class MetricsSection(ReportSection):
    metrics: list[Metric]

    @classmethod
    def of(cls, section: report_document.MetricsSection) -> Self:
        return cls(
            heading=section.heading,
            markdown=section_markdown(section),
            metrics=[Metric.of(metric) for metric in section.metrics],
        )
