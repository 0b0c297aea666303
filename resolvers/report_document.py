"""A run's report as data: what it may hold, how large it may be, how its sections are stored.

This is the one place that knows the bounds and the stored shape; `report_rendering` turns a
document into Markdown, HTML and JSON, `report_drawing` makes one where the reporter gave none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

import orjson

from resolvers.text import unstorable

KIB = 1024

#: A title and a heading are one line of a page, and part of a window's title.
MAX_TITLE_CHARS = 200
MAX_HEADING_CHARS = 200
#: A summary is read inline, in lists and by language models: some pages of text, not a book.
MAX_SUMMARY_BYTES = 64 * KIB
#: A page with more headings than this is found by searching, not by reading.
MAX_SECTIONS = 100
#: A long document; what is longer belongs into the log or a linked file.
MAX_TEXT_BYTES = 256 * KIB
#: Wider tables fit no screen and no sheet of paper.
MAX_COLUMNS = 50
#: Longer tables are data for a download elsewhere; browsers still lay out this many at once.
MAX_ROWS = 2_000
#: One full table. A cell costs many times its text in HTML, so empty ones need a bound too.
MAX_CELLS = MAX_COLUMNS * MAX_ROWS
#: A cell may hold a stack trace's end, not a file.
MAX_CELL_BYTES = 4 * KIB
#: Metrics are compared at a glance; more are a table.
MAX_METRICS = 200
#: The names and units of metrics are words.
MAX_METRIC_NAME_CHARS = 200
MAX_UNIT_CHARS = 50
#: The sum of all texts; what is stored, rendered and sent for one report is a few times as much.
MAX_REPORT_BYTES = 2 * KIB * KIB


@dataclass(frozen=True, slots=True)
class TextSection:
    """Prose. The heading is plain text, the body CommonMark with tables and strikethrough."""

    heading: str
    markdown: str


@dataclass(frozen=True, slots=True)
class TableSection:
    """Plain text in cells; each row has as many as there are columns, whose names may repeat."""

    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Metric:
    """One finite number with its name; the unit is a word such as `s` or `rows`."""

    name: str
    value: float
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class MetricsSection:
    """Numbers that belong together."""

    heading: str
    metrics: tuple[Metric, ...]


Section: TypeAlias = TextSection | TableSection | MetricsSection


@dataclass(frozen=True, slots=True)
class ReportDocument:
    """A report and what it says of its run: all that a reader without access to the run sees."""

    #: Plain text.
    title: str
    #: Markdown, as in TextSection; may be empty.
    summary: str
    sections: tuple[Section, ...]
    agent_name: str
    completed_at: datetime


# ---------------------------------------------------------------- what is refused


class InvalidReport(ValueError):
    """A report that cannot be taken, with the field, what was expected there and what came."""

    def __init__(self, field_path: list[str], expected: str, got: str) -> None:
        super().__init__(f"{'.'.join(field_path)}: expected {expected}, got {got}")
        #: In the mutation's input: `["report", "sections", "3", "table", "rows", "2"]`, from 0.
        self.field_path = field_path
        self.expected = expected
        self.got = got


def check_report(title: str, summary: str, sections: Sequence[Section]) -> None:
    """Raise InvalidReport for the first thing in the report that is over a bound or malformed."""
    check = _Check()
    check.characters(title, ("report", "title"), MAX_TITLE_CHARS)
    if not title.strip():
        raise InvalidReport(["report", "title"], "a title with something to read", "a blank one")
    check.octets(summary, ("report", "summary"), MAX_SUMMARY_BYTES)
    check.count(len(sections), ("report", "sections"), MAX_SECTIONS, "sections")
    for index, section in enumerate(sections):
        check.section(section, ("report", "sections", index))


_Path: TypeAlias = tuple[str | int, ...]


class _Check:
    """One walk through a report, which sums up what the report holds as a whole."""

    def __init__(self) -> None:
        self._bytes = 0
        self._cells = 0

    def section(self, section: Section, path: _Path) -> None:
        match section:
            case TextSection():
                path = (*path, "text")
                self._heading(section, path)
                self.octets(section.markdown, (*path, "markdown"), MAX_TEXT_BYTES)
            case TableSection():
                path = (*path, "table")
                self._heading(section, path)
                self._table(section, path)
            case MetricsSection():
                path = (*path, "metrics")
                self._heading(section, path)
                self._metrics(section, (*path, "metrics"))

    def _heading(self, section: Section, path: _Path) -> None:
        self.characters(section.heading, (*path, "heading"), MAX_HEADING_CHARS)

    def _table(self, table: TableSection, path: _Path) -> None:
        columns = len(table.columns)
        self.count(columns, (*path, "columns"), MAX_COLUMNS, "columns", least=1)
        self.count(len(table.rows), (*path, "rows"), MAX_ROWS, "rows")
        self._row(table.columns, (*path, "columns"))
        for index, row in enumerate(table.rows):
            at = (*path, "rows", index)
            if len(row) != columns:
                raise _invalid(at, f"as many cells as columns ({columns})", str(len(row)))
            self._row(row, at)

    def _row(self, row: tuple[str, ...], path: _Path) -> None:
        self._cells += len(row)
        if self._cells > MAX_CELLS:
            raise _invalid(path, f"at most {MAX_CELLS:,} cells in all tables", "more")
        for index, cell in enumerate(row):
            self.octets(cell, (*path, index), MAX_CELL_BYTES)

    def _metrics(self, section: MetricsSection, path: _Path) -> None:
        self.count(len(section.metrics), path, MAX_METRICS, "metrics")
        for index, metric in enumerate(section.metrics):
            at = (*path, index)
            self.characters(metric.name, (*at, "name"), MAX_METRIC_NAME_CHARS)
            self.characters(metric.unit or "", (*at, "unit"), MAX_UNIT_CHARS)
            if not math.isfinite(metric.value):
                raise _invalid((*at, "value"), "a finite number", str(metric.value))

    def count(self, count: int, path: _Path, most: int, noun: str, *, least: int = 0) -> None:
        if not least <= count <= most:
            bounds = f"{least} to {most:,}" if least else f"at most {most:,}"
            raise _invalid(path, f"{bounds} {noun}", f"{count:,}")

    def characters(self, text: str, path: _Path, most: int) -> None:
        """Count against a bound in characters: what is read as one line."""
        if len(text) > most:
            raise _invalid(path, f"at most {most:,} characters", f"{len(text):,}")
        self._add(text, path)

    def octets(self, text: str, path: _Path, most: int) -> None:
        """Count against a bound in bytes of UTF-8: what is stored in bulk."""
        size = self._add(text, path)
        if size > most:
            raise _invalid(path, f"at most {most:,} bytes of UTF-8", f"{size:,}")

    def _add(self, text: str, path: _Path) -> int:
        size = _utf8_size(text, path)
        self._bytes += size
        if self._bytes > MAX_REPORT_BYTES:
            raise _invalid(path, f"at most {MAX_REPORT_BYTES:,} bytes in the whole report", "more")
        return size


def _utf8_size(text: str, path: _Path) -> int:
    if character := unstorable(text):
        raise _invalid(path, "text without NUL and lone surrogates", character)
    return len(text) if text.isascii() else len(text.encode())


def _invalid(path: _Path, expected: str, got: str) -> InvalidReport:
    return InvalidReport([str(part) for part in path], expected, got)


# ---------------------------------------------------------------- how it is stored


def sections_to_json(sections: Sequence[Section]) -> str:
    """The sections as a JSON array, as the report's row holds them; numbers read back the same."""
    return orjson.dumps([section_data(section) for section in sections]).decode()


def sections_from_json(text: str) -> tuple[Section, ...]:
    """The inverse of sections_to_json; ValueError for anything else."""
    return tuple(_section_from_data(data) for data in orjson.loads(text))


def section_data(section: Section) -> dict[str, Any]:
    """A section in the shape that is stored and downloaded; `type` tells which kind it is.

    `{"type": "text", "heading", "markdown"}`,
    `{"type": "table", "heading", "columns": […], "rows": [[…], …]}` or
    `{"type": "metrics", "heading", "metrics": [{"name", "value", "unit"}, …]}`.
    """
    match section:
        case TextSection(heading, markdown):
            return {"type": "text", "heading": heading, "markdown": markdown}
        case TableSection(heading, columns, rows):
            return {"type": "table", "heading": heading, "columns": columns, "rows": rows}
        case MetricsSection(heading, metrics):
            values = [{"name": m.name, "value": float(m.value), "unit": m.unit} for m in metrics]
            return {"type": "metrics", "heading": heading, "metrics": values}


def _section_from_data(data: dict[str, Any]) -> Section:
    heading = data["heading"]
    match data["type"]:
        case "text":
            return TextSection(heading, data["markdown"])
        case "table":
            rows = tuple(tuple(row) for row in data["rows"])
            return TableSection(heading, tuple(data["columns"]), rows)
        case "metrics":
            metrics = (Metric(m["name"], float(m["value"]), m["unit"]) for m in data["metrics"])
            return MetricsSection(heading, tuple(metrics))
        case other:
            raise ValueError(f"expected a section of type text, table or metrics, got {other!r}")
