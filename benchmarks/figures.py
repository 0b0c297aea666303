"""Figures: what was measured, against what, and how far the rounds were apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median, quantiles
from typing import Any


class Unit(StrEnum):
    MILLISECONDS = "ms"
    REQUESTS = "requests/s"
    LINES = "lines/s"
    APPENDS = "appends/s"
    STATEMENTS = "statements"
    MEBIBYTES = "MiB"
    KIBIBYTES = "KiB"
    BYTES = "bytes"
    MESSAGES = "messages/s"
    MICROSECONDS = "µs"
    COUNT = "lines"


#: Units of which more is better: their ratio is turned over, so that a ratio always tells cost.
RATES = frozenset({Unit.REQUESTS, Unit.LINES, Unit.APPENDS, Unit.MESSAGES})


@dataclass(frozen=True, slots=True)
class Base:
    """What a figure is compared with: its floor, or the cheap case of the same thing."""

    name: str
    #: One value for each round, in the figure's unit, measured beside the figure's.
    rounds: Sequence[float]

    @property
    def value(self) -> float:
        return median(self.rounds)


@dataclass(frozen=True, slots=True)
class Goal:
    """The most that a figure's ratio may be, or its value."""

    most: float
    is_of_value: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """One value of a round, for several rounds; the median counts."""

    section: str
    name: str
    unit: Unit
    rounds: Sequence[float]
    base: Base | None = None
    goal: Goal | None = None

    @property
    def value(self) -> float:
        return median(self.rounds)

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is reached by the median; None where there is no goal."""
        if self.goal is None:
            return None
        return (self.value if self.goal.is_of_value else median(self.ratios)) <= self.goal.most

    @property
    def ratios(self) -> list[float]:
        """By round, how many times the base's cost this is: 1 is equal, more is dearer."""
        if self.base is None:
            return []
        pairs = zip(self.rounds, self.base.rounds, strict=True)
        return [
            _ratio(base, own) if self.unit in RATES else _ratio(own, base) for own, base in pairs
        ]

    @property
    def _judged(self) -> str:
        return "value" if self.goal and self.goal.is_of_value else "ratio"

    def to_json(self) -> dict[str, Any]:
        """The figure with its spread: the lowest and the highest round."""
        told: dict[str, Any] = {
            "section": self.section,
            "name": self.name,
            "unit": self.unit.value,
            "value": self.value,
            "spread": [min(self.rounds), max(self.rounds)],
            "rounds": list(self.rounds),
        }
        if self.base is not None:
            told["base"] = {"name": self.base.name, "value": self.base.value}
            told["ratio"] = median(self.ratios)
            told["ratio_spread"] = [min(self.ratios), max(self.ratios)]
        if self.goal is not None:
            told["goal"] = {"most": self.goal.most, "of": self._judged, "met": self.is_met}
        return told


def _ratio(dear: float, cheap: float) -> float:
    """Infinite where there is nothing to compare with: few sockets need no more memory."""
    return dear / cheap if cheap else math.inf


@dataclass(frozen=True, slots=True)
class Grid:
    """One value for each row and column."""

    section: str
    unit: Unit
    columns: Sequence[str]
    #: By row, a value for each column.
    rows: dict[str, list[float]]

    def to_json(self) -> dict[str, Any]:
        return {
            "section": self.section,
            "unit": self.unit.value,
            "columns": list(self.columns),
            "rows": self.rows,
        }


@dataclass(frozen=True, slots=True)
class Latency:
    """Two quantiles of some waits, in milliseconds."""

    p50: float
    p99: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Latency:
        """Of at least two waits."""
        cuts = quantiles(seconds, n=100, method="inclusive")
        return cls(cuts[49] * 1_000, cuts[98] * 1_000)


def latency_figures(
    section: str,
    name: str,
    ours: Sequence[Latency],
    base_name: str,
    base: Sequence[Latency],
    goal: Goal | None = None,
) -> list[Figure]:
    """p50 and p99 of the same rounds, each with its base and the same goal."""
    return [
        Figure(
            section,
            f"{name}, {quantile}",
            Unit.MILLISECONDS,
            [getattr(one, quantile) for one in ours],
            Base(base_name, [getattr(one, quantile) for one in base]),
            goal,
        )
        for quantile in ("p50", "p99")
    ]
