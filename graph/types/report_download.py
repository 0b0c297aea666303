from __future__ import annotations

from collections.abc import Callable
from typing import Self

import strawberry

from graph.enums import ReportFormat


@strawberry.type(description="A report as a file.")
class ReportDownload:
    format: ReportFormat
    url: str

    @classmethod
    def in_each_format(cls, url: Callable[[ReportFormat], str]) -> list[Self]:
        return [cls(format=report_format, url=url(report_format)) for report_format in ReportFormat]
