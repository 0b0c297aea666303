"""What a report may hold, and that what is stored reads back the same."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.report_document import (
    MAX_CELL_BYTES,
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_HEADING_CHARS,
    MAX_METRICS,
    MAX_REPORT_BYTES,
    MAX_ROWS,
    MAX_SECTIONS,
    MAX_SUMMARY_BYTES,
    MAX_TEXT_BYTES,
    MAX_TITLE_CHARS,
    InvalidReport,
    Metric,
    MetricsSection,
    Section,
    TableSection,
    TextSection,
    check_report,
    sections_from_json,
    sections_to_json,
)

TEXT = TextSection("Text", "body")
TABLE = TableSection("Table", ("a", "b", "c"), (("1", "2", "3"), ("4", "5", "6")))
METRICS = MetricsSection("Metrics", (Metric("rows", 1234567.0, "rows"), Metric("rate", 0.1, None)))

# What a database and a client can hold.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
finite = st.floats(allow_nan=False, allow_infinity=False)
metrics = st.builds(Metric, texts, finite, st.none() | texts)
tables = st.integers(1, 4).flatmap(
    lambda width: st.builds(
        TableSection,
        texts,
        st.tuples(*[texts] * width),
        st.lists(st.tuples(*[texts] * width), max_size=4).map(tuple),
    )
)
sections: st.SearchStrategy[tuple[Section, ...]] = st.lists(
    st.builds(TextSection, texts, texts)
    | tables
    | st.builds(MetricsSection, texts, st.lists(metrics, max_size=4).map(tuple)),
    max_size=4,
).map(tuple)


@given(sections)
def test_sections_read_back_as_they_were_stored(stored: tuple[Section, ...]) -> None:
    assert sections_from_json(sections_to_json(stored)) == stored


def test_the_stored_shape_is_the_documented_one() -> None:
    assert sections_to_json([TEXT, replace(TABLE, rows=()), METRICS]) == (
        '[{"type":"text","heading":"Text","markdown":"body"},'
        '{"type":"table","heading":"Table","columns":["a","b","c"],"rows":[]},'
        '{"type":"metrics","heading":"Metrics","metrics":['
        '{"name":"rows","value":1234567.0,"unit":"rows"},{"name":"rate","value":0.1,"unit":null}]}]'
    )


def test_a_stored_section_of_unknown_type_is_named() -> None:
    with pytest.raises(ValueError, match="got 'chart'"):
        sections_from_json('[{"type": "chart", "heading": ""}]')


@given(sections)
def test_what_is_well_formed_is_taken(given_sections: tuple[Section, ...]) -> None:
    check_report("Title", "", given_sections)


def test_a_report_at_its_bounds_is_taken() -> None:
    check_report("t" * MAX_TITLE_CHARS, "s" * MAX_SUMMARY_BYTES, [TEXT] * MAX_SECTIONS)
    check_report("t", "", [TextSection("h" * MAX_HEADING_CHARS, "b" * MAX_TEXT_BYTES)])
    check_report("t", "", [TableSection("", ("c" * MAX_CELL_BYTES,) * MAX_COLUMNS, ())])
    check_report("t", "", [TableSection("", ("c",), (("x",),) * MAX_ROWS)])
    check_report("t", "", [MetricsSection("", (Metric("m", 0.0),) * MAX_METRICS)])


def test_columns_may_share_a_name() -> None:
    check_report("t", "", [TableSection("", ("same", "same"), (("1", "2"),))])


REFUSED: dict[str, tuple[str, str, list[Section], str]] = {
    "blank title": (" \n", "", [], "report.title: expected a title with something to read"),
    "long title": ("t" * 201, "", [], "report.title: expected at most 200 characters, got 201"),
    "NUL": ("t\0", "", [], "report.title: expected text without NUL and lone surrogates"),
    "surrogate": ("t", "s\ud800", [], "report.summary: expected text without NUL"),
    "long summary": (
        "t",
        "é" * 32_769,
        [],
        "report.summary: expected at most 65,536 bytes of UTF-8, got 65,538",
    ),
    "many sections": (
        "t",
        "",
        [TEXT] * 101,
        "report.sections: expected at most 100 sections, got 101",
    ),
    "long heading": (
        "t",
        "",
        [replace(METRICS, heading="h" * 201)],
        "report.sections.0.metrics.heading: expected at most 200 characters, got 201",
    ),
    "long text": (
        "t",
        "",
        [TextSection("", "x" * (MAX_TEXT_BYTES + 1))],
        "report.sections.0.text.markdown: expected at most 262,144 bytes of UTF-8, got 262,145",
    ),
    "no column": (
        "t",
        "",
        [TableSection("", (), ())],
        "report.sections.0.table.columns: expected 1 to 50 columns, got 0",
    ),
    "many columns": (
        "t",
        "",
        [TableSection("", ("",) * 51, ())],
        "report.sections.0.table.columns: expected 1 to 50 columns, got 51",
    ),
    "many rows": (
        "t",
        "",
        [TableSection("", ("",), (("",),) * 2_001)],
        "report.sections.0.table.rows: expected at most 2,000 rows, got 2,001",
    ),
    "long cell": (
        "t",
        "",
        [TableSection("", ("", ""), (("", "x" * 4_097),))],
        "report.sections.0.table.rows.0.1: expected at most 4,096 bytes of UTF-8, got 4,097",
    ),
    "NUL in a cell": (
        "t",
        "",
        [TableSection("", ("\0",), ())],
        "report.sections.0.table.columns.0: expected text without NUL",
    ),
    "many metrics": (
        "t",
        "",
        [MetricsSection("", (Metric("", 0.0),) * 201)],
        "report.sections.0.metrics.metrics: expected at most 200 metrics, got 201",
    ),
    "NaN": (
        "t",
        "",
        [METRICS, MetricsSection("", (Metric("", 0.0), Metric("", math.nan)))],
        "report.sections.1.metrics.metrics.1.value: expected a finite number, got nan",
    ),
    "infinite": (
        "t",
        "",
        [MetricsSection("", (Metric("", -math.inf),))],
        "report.sections.0.metrics.metrics.0.value: expected a finite number, got -inf",
    ),
    "long unit": (
        "t",
        "",
        [MetricsSection("", (Metric("", 0.0, "u" * 51),))],
        "report.sections.0.metrics.metrics.0.unit: expected at most 50 characters, got 51",
    ),
}


@pytest.mark.parametrize(
    ("title", "summary", "given_sections", "sentence"), REFUSED.values(), ids=REFUSED
)
def test_what_is_refused_is_named_with_its_field(
    title: str, summary: str, given_sections: list[Section], sentence: str
) -> None:
    with pytest.raises(InvalidReport) as refused:
        check_report(title, summary, given_sections)
    assert str(refused.value).startswith(sentence)


def test_a_row_of_another_length_is_refused_with_its_path_in_the_input() -> None:
    ragged = replace(TABLE, rows=(*TABLE.rows, ("1", "2", "3", "4")))
    with pytest.raises(InvalidReport) as refused:
        check_report("t", "", [TEXT, METRICS, TEXT, ragged])
    assert refused.value.field_path == ["report", "sections", "3", "table", "rows", "2"]
    assert refused.value.expected == "as many cells as columns (3)"
    assert refused.value.got == "4"


def test_the_whole_is_bounded_where_each_part_is_not_too_large() -> None:
    largest = TextSection("", "x" * MAX_TEXT_BYTES)
    fitting = MAX_REPORT_BYTES // MAX_TEXT_BYTES
    check_report("t", "", [largest] * (fitting - 1))
    with pytest.raises(InvalidReport, match=r"in the whole report") as refused:
        check_report("t", "", [largest] * fitting)
    assert refused.value.field_path == ["report", "sections", str(fitting - 1), "text", "markdown"]


def test_empty_cells_are_bounded_too() -> None:
    full = TableSection("", ("",) * MAX_COLUMNS, (("",) * MAX_COLUMNS,) * (MAX_ROWS - 1))
    assert len(full.columns) * (len(full.rows) + 1) == MAX_CELLS
    check_report("t", "", [full])
    with pytest.raises(InvalidReport, match="at most 100,000 cells in all tables"):
        check_report("t", "", [full, TableSection("", ("",), ())])
