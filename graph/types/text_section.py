from __future__ import annotations

from typing import Self

import strawberry

from graph.types.report_section import ReportSection
from resolvers import report_document


@strawberry.type(description="Prose.")
class TextSection(ReportSection):
    @classmethod
    def of(cls, section: report_document.TextSection) -> Self:
        return cls(heading=section.heading, markdown=section.markdown)
