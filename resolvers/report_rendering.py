"""A report as Markdown, HTML and JSON: pure functions of a ReportDocument.

Reports come from agents and are shown to people who may not know them, so nothing in one is
trusted: HTML is made from parsed Markdown with raw HTML off, then cut down by nh3 to the tags named
here. A shared page must not call out to other servers: images become links.

The time of parsing is bounded as well (see `resolvers.markdown`), and nothing is ever left out.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

import nh3
import orjson

from models.instants import format_instant
from resolvers.markdown import MarkdownRenderer, escape_markdown
from resolvers.report_document import (
    Metric,
    MetricsSection,
    ReportDocument,
    Section,
    TableSection,
    TextSection,
    section_data,
)

#: Whole numbers beyond it are not exact in a double, so that writing out their digits would lie.
MAX_EXACT_WHOLE = 2**53

#: Room for a name within the 255 bytes that file systems give, beside time and extension.
MAX_SLUG_CHARS = 80


# ---------------------------------------------------------------- Markdown


def section_markdown(section: Section) -> str:
    """The body of a section, without its heading."""
    match section:
        case TextSection(markdown=markdown):
            return markdown
        case TableSection(columns=columns, rows=rows):
            return _table_markdown(columns, ["---"] * len(columns), rows)
        case MetricsSection(metrics=metrics):
            return _table_markdown(_METRIC_COLUMNS, ["---", "---:", "---"], _metric_rows(metrics))


def report_markdown(document: ReportDocument) -> str:
    """The whole report: the title as H1, who made it and when, the summary, sections under H2."""
    renderer = MarkdownRenderer()
    parts = [f"# {escape_markdown(document.title)}", _byline_markdown(document)]
    parts.append(renderer.closed(document.summary))
    for section in document.sections:
        parts.append(f"## {escape_markdown(section.heading)}" if section.heading else "")
        parts.append(_closed_body(section, renderer))
    return "\n\n".join(part.strip("\n") for part in parts if part.strip()) + "\n"


def _closed_body(section: Section, renderer: MarkdownRenderer) -> str:
    body = section_markdown(section)
    return renderer.closed(body) if isinstance(section, TextSection) else body


def _byline_markdown(document: ReportDocument) -> str:
    agent = escape_markdown(document.agent_name)
    return f"By **{agent}**, completed {_readable_time(document.completed_at)}"


def _table_markdown(
    columns: Sequence[str], rule: Sequence[str], rows: Iterable[Sequence[str]]
) -> str:
    """A GFM table; the outer pipes keep empty cells and any first character harmless."""
    lines = [_row_markdown(columns), f"| {' | '.join(rule)} |", *map(_row_markdown, rows)]
    return "\n".join(lines)


def _row_markdown(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(escape_markdown, cells))} |"


_METRIC_COLUMNS: Final = ("Name", "Value", "Unit")


def _metric_rows(metrics: Iterable[Metric]) -> Iterator[tuple[str, str, str]]:
    return ((m.name, format_number(m.value), m.unit or "") for m in metrics)


def format_number(value: float) -> str:
    """A number for reading: `1,234,567`, `0.3` (not 0.30000000000000004), `1.5e-07`.

    Twelve digits are more than a reader compares and fewer than binary noise; JSON has them all.
    """
    if value % 1 == 0 and abs(value) <= MAX_EXACT_WHOLE:
        return f"{int(value):,}"
    return f"{value:,.12g}"


# ---------------------------------------------------------------- HTML

_TAGS = (
    {"h1", "h2", "h3", "h4", "h5", "h6", "p", "blockquote", "pre", "hr", "ul", "ol", "li"}
    | {"a", "br", "code", "em", "s", "strong", "time"}
    | {"table", "thead", "tbody", "tr", "th", "td"}
)
_ATTRIBUTES = {
    "a": {"href", "title"},
    "ol": {"start"},
    "td": {"align"},
    "th": {"align"},
    "time": {"datetime"},
}


def report_html(document: ReportDocument) -> str:
    """The whole report as a sanitised HTML fragment, laid out as in report_markdown."""
    renderer = MarkdownRenderer()
    parts = [f"<h1>{_text(document.title)}</h1>", _byline_html(document)]
    parts.append(renderer.html(document.summary))
    for section in document.sections:
        parts.append(f"<h2>{_text(section.heading)}</h2>" if section.heading else "")
        parts.append(_section_html(section, renderer))
    return sanitise("\n".join(part for part in parts if part))


def sanitise(fragment: str) -> str:
    """The fragment with no tags and attributes but those above, and links to the web and mail only.

    Relative links lose their target: on a shared page they would lead into this service.
    """
    return nh3.clean(
        fragment,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
        link_rel="noopener noreferrer nofollow",
    )


def _section_html(section: Section, renderer: MarkdownRenderer) -> str:
    # Tables are made from their data, not by way of Markdown, which would have to escape each cell.
    match section:
        case TextSection(markdown=markdown):
            return renderer.html(markdown)
        case TableSection(columns=columns, rows=rows):
            return _table_html(columns, [""] * len(columns), rows)
        case MetricsSection(metrics=metrics):
            return _table_html(_METRIC_COLUMNS, ["", ' align="right"', ""], _metric_rows(metrics))


def _byline_html(document: ReportDocument) -> str:
    instant = format_instant(document.completed_at)
    time = f'<time datetime="{instant}">{_readable_time(document.completed_at)}</time>'
    return f"<p>By <strong>{_text(document.agent_name)}</strong>, completed {time}</p>"


def _table_html(
    columns: Sequence[str], attributes: Sequence[str], rows: Iterable[Sequence[str]]
) -> str:
    head = _row_html("th", columns, attributes)
    body = "\n".join(_row_html("td", row, attributes) for row in rows)
    return f"<table><thead>\n{head}\n</thead><tbody>\n{body}\n</tbody></table>"


def _row_html(tag: str, cells: Sequence[str], attributes: Sequence[str]) -> str:
    written = (
        f"<{tag}{attribute}>{_text(cell)}</{tag}>"
        for cell, attribute in zip(cells, attributes, strict=True)
    )
    return f"<tr>{''.join(written)}</tr>"


def _text(text: str) -> str:
    """Plain text as HTML; its line breaks stay visible without the help of a stylesheet."""
    return re.sub(r"\r\n?|\n", "<br>", html.escape(text))


# ---------------------------------------------------------------- JSON, and the file's name


def report_json(document: ReportDocument) -> str:
    """The whole report as JSON, for programs.

    `{"title", "agent", "completedAt", "summary", "sections"}`: summary in Markdown, completedAt in
    RFC 3339 with microseconds and Z, sections in the shape of `report_document.section_data`.
    """
    data = {
        "title": document.title,
        "agent": document.agent_name,
        "completedAt": format_instant(document.completed_at),
        "summary": document.summary,
        "sections": [section_data(section) for section in document.sections],
    }
    return orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def report_file_name(document: ReportDocument, extension: str) -> str:
    """A name for the report's download: `nightly-etl-2026-11-24T014719Z.md`.

    Lower-case ASCII letters, digits and hyphens, so that every system takes it; the time behind the
    slug also keeps names such as `con` and `nul`, which Windows reserves, from standing alone.
    """
    second = format_instant(document.completed_at)[: len("2026-11-24T01:47:19")].replace(":", "")
    return f"{slug(document.agent_name) or 'report'}-{second}Z.{extension}"


def slug(name: str) -> str:
    """The name in lower-case ASCII letters, digits and hyphens; may be empty."""
    # NFKD parts letters from their accents, so that `Zürich` becomes `zurich`.
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:MAX_SLUG_CHARS].rstrip("-")


def _readable_time(instant: datetime) -> str:
    """`2026-11-24 01:47:19 UTC`"""
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
