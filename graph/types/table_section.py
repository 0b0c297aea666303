from __future__ import annotations

from typing import Self

import strawberry

from graph.types.report_section import ReportSection
from resolvers import report_document
from resolvers.report_rendering import section_markdown


@strawberry.type(description="A table of plain texts.")
class TableSection(ReportSection):
    columns: list[str]
    rows: list[list[str]] = strawberry.field(description="Each has as many cells as `columns`.")

    @classmethod
    def of(cls, section: report_document.TableSection) -> Self:
        return cls(
            heading=section.heading,
            markdown=section_markdown(section),
            columns=list(section.columns),
            rows=[list(row) for row in section.rows],
        )
