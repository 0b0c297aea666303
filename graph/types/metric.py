from __future__ import annotations

from typing import Self

import strawberry

from resolvers import report_document


@strawberry.type(description="One number with its name.")
class Metric:
    name: str
    value: float
    unit: str | None

    @classmethod
    def of(cls, metric: report_document.Metric) -> Self:
        return cls(name=metric.name, value=metric.value, unit=metric.unit)
