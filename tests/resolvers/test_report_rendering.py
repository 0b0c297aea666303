"""Reports as Markdown, HTML and JSON: exact where text is meant, harmless whatever comes."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from models.states import StepStatus, TriggerSource
from resolvers import markdown as bounded
from resolvers.report_document import (
    MAX_COLUMNS,
    MAX_REPORT_BYTES,
    MAX_ROWS,
    MAX_TEXT_BYTES,
    Metric,
    MetricsSection,
    ReportDocument,
    Section,
    TableSection,
    TextSection,
    check_report,
    section_data,
)
from resolvers.report_drawing import (
    MAX_LAST_LINES,
    MAX_LINE_CHARS,
    StepSummary,
    draw_up,
    duration_text,
    without_terminal_codes,
)
from resolvers.report_rendering import (
    format_number,
    report_file_name,
    report_html,
    report_json,
    report_markdown,
    section_markdown,
)

COMPLETED_AT = datetime(2026, 11, 24, 1, 47, 19, 250, tzinfo=UTC)
REPORT = ReportDocument("Title", "", (), "nightly-etl", COMPLETED_AT)

# GFM as other programs read it, raw HTML included: what a client makes of `markdown`.
OTHER_READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def report(*sections: Section, title: str = "Title", summary: str = "") -> ReportDocument:
    return replace(REPORT, title=title, summary=summary, sections=sections)


# ---------------------------------------------------------------- reading HTML back


class Page(HTMLParser):
    """The tags with their attributes, and the text of each element of interest."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "br":
            self.handle_data("\n")
        elif tag in TEXTS:
            self._open.append(tag)
            self.texts.append((tag, ""))

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open:
            tag, text = self.texts[-1]
            self.texts[-1] = (tag, text + data)

    def of(self, *tags: str) -> list[str]:
        return [text for tag, text in self.texts if tag in tags]

    def rows(self, width: int) -> list[tuple[str, ...]]:
        cells = iter(self.of("th", "td"))
        return list(zip(*[cells] * width, strict=True))


TEXTS = {"h1", "h2", "h3", "td", "th", "pre", "p"}


def one_line_end(text: str) -> str:
    """HTML and Markdown know one end of a line, however it is written."""
    return re.sub(r"\r\n?", "\n", text)


# ---------------------------------------------------------------- text stays text

MARKUP = st.text(r"""|\`*_~[]()<>&!#-+=:;./"'$@^{}abcZ1 é""" + "\n\t", max_size=30)
# Control characters other than tab and line ends have no character reference in HTML.
PRINTABLE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)
cells = MARKUP | PRINTABLE
any_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)


def tables(cell: st.SearchStrategy[str]) -> st.SearchStrategy[TableSection]:
    def of_width(width: int) -> st.SearchStrategy[TableSection]:
        row = st.tuples(*[cell] * width)
        return st.builds(TableSection, st.just("Table"), row, st.lists(row, max_size=3).map(tuple))

    return st.integers(1, 3).flatmap(of_width)


@given(tables(cells | any_text))
def test_a_cell_of_any_text_is_that_text_in_html(table: TableSection) -> None:
    read = Page(report_html(report(table))).rows(len(table.columns))
    assert read == [tuple(map(one_line_end, row)) for row in (table.columns, *table.rows)]


@given(tables(cells))
@example(TableSection("", ("",), (("\\",), ("\\|",), ("a\\\\|b",), ("`|`",), ("&amp;",))))
@example(TableSection("", ("a_b _c_",), (("\N{NO-BREAK SPACE}x ",), ("<b>",), ("![a](b)",))))
def test_a_cell_of_any_text_is_that_text_to_a_reader_of_markdown(table: TableSection) -> None:
    read = Page(OTHER_READER.render(section_markdown(table))).rows(len(table.columns))
    assert [tuple(map(one_line_end, row)) for row in read] == [
        tuple(map(one_line_end, row)) for row in (table.columns, *table.rows)
    ]


def test_a_table_in_markdown_stays_readable() -> None:
    table = TableSection("", ("name", "note"), (("orders_archive", "a|b\n`c`"), ("", " x")))
    assert section_markdown(table) == (
        "| name | note |\n| --- | --- |\n| orders_archive | a\\|b&#10;\\`c\\` |\n|  | &#32;x |"
    )


@given(cells.filter(str.strip), cells.filter(str.strip))
def test_titles_and_headings_are_plain_text(title: str, heading: str) -> None:
    document = report(TextSection(heading, "body"), title=title)
    for html in (report_html(document), OTHER_READER.render(report_markdown(document))):
        page = Page(html)
        assert [one_line_end(text) for text in page.of("h1")] == [one_line_end(title)]
        assert [one_line_end(text) for text in page.of("h2")] == [one_line_end(heading)]


def test_metrics_are_a_table_with_numbers_for_reading() -> None:
    metrics = MetricsSection("", (Metric("rows", 1234567.0), Metric("share|x", 0.1 + 0.2, "%")))
    assert section_markdown(metrics) == (
        "| Name | Value | Unit |\n| --- | ---: | --- |\n"
        "| rows | 1,234,567 |  |\n| share\\|x | 0.3 | % |"
    )
    assert '<td align="right">1,234,567</td>' in report_html(report(metrics))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (-5.0, "-5"),
        (1234.5678, "1,234.5678"),
        (1e15, "1,000,000,000,000,000"),
        (1e20, "1e+20"),
        (1.5e-7, "1.5e-07"),
    ],
)
def test_numbers_are_written_for_reading(value: float, written: str) -> None:
    assert format_number(value) == written


# ---------------------------------------------------------------- the whole


def test_a_report_in_markdown_is_laid_out_under_headings() -> None:
    document = report(
        TextSection("C# _notes_", "# Any heading\n\ntext\n\n"),
        TextSection("", "without a heading"),
        summary="It *went* well.\n",
    )
    assert report_markdown(document) == (
        "# Title\n\n"
        "By **nightly-etl**, completed 2026-11-24 01:47:19 UTC\n\n"
        "It *went* well.\n\n"
        "## C\\# \\_notes\\_\n\n"
        "# Any heading\n\ntext\n\n"
        "without a heading\n"
    )


def test_a_report_in_html_is_laid_out_the_same_way() -> None:
    document = report(
        TextSection("Notes", "# Any heading\n\n| a |\n| -: |\n| ~~1~~ |"), summary="It *went*."
    )
    assert report_html(document) == (
        "<h1>Title</h1>\n"
        "<p>By <strong>nightly-etl</strong>, completed "
        '<time datetime="2026-11-24T01:47:19.000250Z">'
        "2026-11-24 01:47:19 UTC</time></p>\n"
        "<p>It <em>went</em>.</p>\n\n"
        "<h2>Notes</h2>\n"
        "<h3>Any heading</h3>\n"
        '<table>\n<thead>\n<tr>\n<th align="right">a</th>\n</tr>\n</thead>\n'
        '<tbody>\n<tr>\n<td align="right"><s>1</s></td>\n</tr>\n</tbody>\n</table>\n'
    )


def test_a_report_in_json_has_the_documented_shape() -> None:
    sections = (TextSection("A", "b"), MetricsSection("M", (Metric("m", 1 / 3, "s"),)))
    assert json.loads(report_json(report(*sections, summary="*s*"))) == {
        "title": "Title",
        "agent": "nightly-etl",
        "completedAt": "2026-11-24T01:47:19.000250Z",
        "summary": "*s*",
        "sections": [section_data(section) for section in sections],
    }


fences = st.lists(
    st.sampled_from(["```", "````", "~~~", "``` x", "    ```", "> ```", "- ```", " ```", "a", ""])
).map("\n".join)


@given(fences, fences)
def test_no_section_swallows_the_next_by_a_fence_left_open(summary: str, body: str) -> None:
    document = report(TextSection("One", body), TextSection("Two", "x"), summary=summary)
    page = Page(OTHER_READER.render(report_markdown(document)))
    assert page.of("h2") == ["One", "Two"]
    assert page.of("p")[-1] == "x"


def test_a_closed_fence_is_left_alone() -> None:
    body = "~~~~\n~~~\ncode\n~~~~"
    assert report_markdown(report(TextSection("A", body))).endswith(f"## A\n\n{body}\n")


# ---------------------------------------------------------------- harmless

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe src='https://x'></iframe>",
    "<style>*{display:none}</style>",
    "<form action=https://x><input></form>",
    "<a href='javascript:alert(1)' onclick='x'>a</a>",
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt&colon;alert(1))",
    "[a](&#106;avascript:alert(1))",
    "[a](java\tscript:alert(1))",
    "[a](data:text/html;base64,PHNjcmlwdD4=)",
    "[a](vbscript:x)",
    "[a](//x.example)",
    "[a](/runs/1)",
    "[a][r]\n\n[r]: javascript:alert(1)",
    '[a](https://x "t\\" onclick=alert(1)")',
    "![a](data:image/png;base64,AAAA)",
    "![a](https://x/pixel.png)",
    "[![a](https://x/i.png)](https://y)",
    "<javascript:alert(1)>",
    "<https://x?'onmouseover='x>",
    '```x" onload=alert(1)\n</code></pre><script>\n```',
    '| a | b |\n| - | -:" onclick="x |',
    "<!-- x --> <![CDATA[ <script> ]]>",
    "</p></article></body><script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
]
attacks = st.lists(
    st.sampled_from([*ATTACKS, "\n", "\n\n> ", "- ", " ", "*", "`", "<", "\\"]), max_size=6
)
hostile = attacks.map("".join) | MARKUP | any_text

ALLOWED_ATTRIBUTES = {"href", "title", "rel", "start", "align", "datetime"}
LOADING_TAGS = {
    "img",
    "script",
    "style",
    "iframe",
    "form",
    "input",
    "link",
    "svg",
    "object",
    "base",
}


def assert_harmless(html: str) -> None:
    assert "<script" not in html.lower()
    for tag, attributes in Page(html).tags:
        assert tag not in LOADING_TAGS
        assert set(attributes) <= ALLOWED_ATTRIBUTES
        if "href" in attributes:
            assert re.match(r"(?:https?|mailto):", attributes["href"] or "", re.IGNORECASE)
        if tag == "a":
            assert attributes["rel"] == "noopener noreferrer nofollow"


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_comes_out_harmless_wherever_it_stands(attack: str) -> None:
    sections = (
        TextSection(attack, attack),
        TableSection(attack, (attack,), ((attack,),)),
        MetricsSection(attack, (Metric(attack, 1.0, attack),)),
    )
    document = replace(report(*sections, title=attack, summary=attack), agent_name=attack)
    assert_harmless(report_html(document))


@given(hostile, hostile, hostile)
def test_no_input_of_any_kind_yields_what_runs_or_loads(a: str, b: str, c: str) -> None:
    table = TableSection(b, (c,), ((a,),))
    assert_harmless(report_html(report(TextSection(b, a), table, title=c, summary=b)))


def test_raw_html_is_shown_as_the_text_it_is() -> None:
    html = report_html(report(summary="a <b onclick=x>bold</b>\n\n<div>block</div>"))
    assert "a &lt;b onclick=x&gt;bold&lt;/b&gt;" in html
    assert "&lt;div&gt;block&lt;/div&gt;" in html


def test_images_become_links_that_say_what_they_show() -> None:
    rel = 'rel="noopener noreferrer nofollow"'
    html = report_html(
        report(summary="![a *chart*](https://x/c.png) ![](https://x/d.png) [![e](f)](https://y)")
    )
    assert f'<a href="https://x/c.png" {rel}>a chart</a>' in html
    assert f'<a href="https://x/d.png" {rel}>https://x/d.png</a>' in html
    assert f'<a href="https://y" {rel}>e</a>' in html


# ---------------------------------------------------------------- bounded


def filled(pattern: str, size: int = MAX_TEXT_BYTES) -> str:
    return (pattern * (size // len(pattern) + 1))[:size]


PATHOLOGICAL = {
    "brackets": filled("["),
    "images": filled("!["),
    "links": filled("[a]("),
    "balanced": filled("[", MAX_TEXT_BYTES // 2) + filled("]", MAX_TEXT_BYTES // 2),
    "emphasis": filled("*a **b _c "),
    "strikes": filled("~~a "),
    "backticks": filled("".join(f"e{'`' * count}" for count in range(700))),
    "quotes": filled(">"),
    "lazy lines": ">" * 19 + filled("a\n"),
    "lists": filled("- "),
    "nested list": "".join(f"{'  ' * depth}- a\n" for depth in range(500)),
    "numbered": filled("1. a\n"),
    "entities": filled("&"),
    "tags": filled("<a "),
    "definitions": filled("[a]: b\n"),
    "table": "|a" * 100 + "\n" + "|-" * 100 + "\n" + filled("|\n"),
}


@pytest.mark.parametrize("pattern", PATHOLOGICAL)
def test_pathological_markdown_is_all_there_within_the_bounds(pattern: str) -> None:
    text = PATHOLOGICAL[pattern]
    [shown] = Page(report_html(report(TextSection("", text)))).of("pre")
    assert shown == text


@pytest.mark.parametrize("pattern", PATHOLOGICAL)
def test_the_most_that_is_parsed_is_parsed_in_time(pattern: str) -> None:
    # The test's own time-out guards it: what is quadratic would take many minutes.
    section = TextSection("", up_to_the_bound(PATHOLOGICAL[pattern]))
    document = report(section, section)
    assert_harmless(report_html(document))
    report_markdown(document)


def up_to_the_bound(text: str) -> str:
    """As much of the text as is still parsed."""
    marks = [at for at, character in enumerate(text) if character in bounded._MARKS]
    return text if len(marks) <= bounded.MAX_MARKS else text[: marks[bounded.MAX_MARKS]]


@pytest.mark.parametrize("text", [">" * 40 + "deep", "- " * 40 + "deep", "> - " * 20 + "deep"])
def test_what_is_nested_too_deep_is_shown_and_not_left_out(text: str) -> None:
    assert Page(report_html(report(summary=text))).of("pre") == [text]


def test_ten_thousand_references_to_one_long_link_do_not_write_it_out_each_time() -> None:
    text = f"[a]: https://x/{'x' * 100_000}\n\n{'[a]' * 5_000}"
    assert len(report_html(report(summary=text))) < 2 * len(text)


def test_the_bounds_are_those_of_the_whole_report_and_what_still_fits_is_rendered() -> None:
    section = TextSection("", "*a* " * (bounded.MAX_MARKS // 5))
    html = report_html(report(section, section, section, TextSection("", "`last`")))
    assert html.count("<pre>") == 1
    assert html.endswith("<p><code>last</code></p>\n")


def test_a_parser_that_breaks_does_not_take_the_report_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def breaks(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr(bounded, "_PARSER", type("Broken", (), {"parse": breaks})())
    document = report(TextSection("A", "*text* <b>"), summary="*s*")
    assert Page(report_html(document)).of("pre") == ["*s*", "*text* <b>"]
    assert report_markdown(document).endswith("## A\n\n*text* <b>\n")


def test_the_largest_report_is_rendered_within_a_few_times_its_size() -> None:
    table = TableSection("", ("c",) * MAX_COLUMNS, (("x" * 18,) * MAX_COLUMNS,) * (MAX_ROWS - 1))
    document = report(table)
    check_report(document.title, document.summary, document.sections)
    assert len(report_html(document)) < 4 * MAX_REPORT_BYTES
    assert len(report_markdown(document)) < 4 * MAX_REPORT_BYTES


# ---------------------------------------------------------------- the file's name


@pytest.mark.parametrize(
    ("agent", "slug"),
    [
        ("nightly-etl", "nightly-etl"),
        ("Nightly ETL (v2)", "nightly-etl-v2"),
        ("../../etc/passwd", "etc-passwd"),
        ("Zürich", "zurich"),
        ("日本", "report"),
        ("CON", "con"),
        ("", "report"),
        ("a" * 500, "a" * 80),
    ],
)
def test_a_file_is_named_for_its_agent_and_time(agent: str, slug: str) -> None:
    name = report_file_name(replace(REPORT, agent_name=agent), "md")
    assert name == f"{slug}-2026-11-24T014719Z.md"


@given(any_text)
def test_a_file_name_is_safe_everywhere(agent: str) -> None:
    name = report_file_name(replace(REPORT, agent_name=agent), "json")
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]*-2026-11-24T014719Z\.json", name)
    assert len(name) <= 110


# ---------------------------------------------------------------- reports drawn up


def drawn(
    *,
    agent_name: str = "nightly-etl",
    steps: tuple[StepSummary, ...] = (),
    last_lines: tuple[str, ...] = (),
) -> ReportDocument:
    return draw_up(
        agent_name=agent_name,
        cluster_name="prod_eu",
        trigger_source=TriggerSource.SCHEDULE,
        trigger_name="*/15",
        started_at=COMPLETED_AT - timedelta(seconds=133.25),
        completed_at=COMPLETED_AT,
        attempts=2,
        log_lines=len(last_lines),
        steps=steps,
        last_lines=last_lines,
    )


def test_a_report_is_drawn_up_from_what_is_known() -> None:
    document = drawn(
        steps=(
            StepSummary("extract", StepStatus.COMPLETED, 12.4),
            StepSummary("load", StepStatus.SKIPPED, None),
        ),
        last_lines=("\x1b[32mdone\x1b[0m",),
    )
    assert document.title == "nightly-etl completed"
    assert document.summary == (
        "The agent **nightly-etl** completed on **prod_eu** in 2 min 13 s. "
        "It was started by the schedule **\\*/15**."
    )
    assert document.sections == (
        MetricsSection(
            "Figures",
            (
                Metric("Duration", 133.25, "s"),
                Metric("Attempts", 2.0),
                Metric("Log lines", 1.0),
                Metric("Steps", 2.0),
            ),
        ),
        TableSection(
            "Steps",
            ("Step", "Status", "Duration"),
            (("extract", "Completed", "12 s"), ("load", "Skipped", "")),
        ),
        TextSection("Last lines of output", "```text\ndone\n```"),
    )


def test_a_run_without_steps_and_output_has_figures_only() -> None:
    assert [section.heading for section in drawn().sections] == ["Figures"]


@given(st.lists(MARKUP | any_text, min_size=1, max_size=25))
@example(["````", "~~~", "```", "windows\r", ""])
def test_the_last_lines_come_out_as_they_are(lines: list[str]) -> None:
    html = report_html(drawn(last_lines=tuple(lines)))
    # A carriage return at the end of a line is the first half of its line end.
    shown = "\n".join(map(without_terminal_codes, lines[-MAX_LAST_LINES:]))
    assert Page(html).of("pre") == [one_line_end(shown + "\n")]


@settings(max_examples=15)
@example("\N{GRINNING FACE}" * 5_000, "`" * 5_000)
@given(any_text.map(lambda text: text * 300), any_text.map(lambda text: text * 300))
def test_what_is_drawn_up_is_always_within_the_bounds(name: str, line: str) -> None:
    steps = (StepSummary(name, StepStatus.COMPLETED, 1.0),) * 1_000
    document = drawn(agent_name=name, steps=steps, last_lines=(line,) * 50)
    check_report(document.title, document.summary, document.sections)


def test_only_the_last_lines_are_taken_and_long_ones_cut() -> None:
    section = drawn(last_lines=tuple(f"{number} {'x' * 1_000}" for number in range(50))).sections[
        -1
    ]
    assert isinstance(section, TextSection)
    lines = section.markdown.splitlines()[1:-1]
    assert [int(line.split()[0]) for line in lines] == list(range(30, 50))
    assert {len(line) for line in lines} == {MAX_LINE_CHARS}


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0, "0.00 s"),
        (0.844, "0.84 s"),
        (12.4, "12 s"),
        (59.7, "1 min"),
        (133.2, "2 min 13 s"),
        (3_600, "1 h"),
        (3_661, "1 h 1 min"),
        (273_600, "3 d 4 h"),
    ],
)
def test_durations_are_written_in_two_units_at_most(seconds: float, written: str) -> None:
    assert duration_text(seconds) == written
