"""Lines by column are the lines that they were made of, however they are cut and joined."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from live.log_line import LogLine
from live.log_lines import LogLines
from models.instants import EPOCH
from models.states import LogLevel, LogStream

LINES = st.lists(
    st.builds(
        LogLine,
        sequence=st.integers(1, 2**40),
        at=st.integers(0, 2**50).map(lambda micros: EPOCH + timedelta(microseconds=micros)),
        level=st.sampled_from(LogLevel),
        stream=st.sampled_from(LogStream),
        step_key=st.none() | st.text(),
        attempt=st.integers(1, 9),
        source=st.text(),
        message=st.text(),
        truncated_bytes=st.none() | st.integers(1, 2**31),
    ),
    max_size=6,
)


@given(LINES)
def test_they_are_the_lines_that_they_were_made_of(lines: list[LogLine]) -> None:
    columns = LogLines.of(lines)
    assert columns == lines
    assert [columns[index] for index in range(len(columns))] == lines
    for field in LogLine._fields:
        assert list(columns.column(field)) == [getattr(line, field) for line in lines]


@given(LINES, st.slices(6))
def test_a_slice_holds_the_lines_of_the_slice(lines: list[LogLine], part: slice) -> None:
    assert LogLines.of(lines)[part] == lines[part]


@given(st.lists(LINES, max_size=4))
def test_joined_they_are_all_lines_in_order(parts: list[list[LogLine]]) -> None:
    joined = LogLines.joined([LogLines.of(part) for part in parts])
    assert joined == [line for part in parts for line in part]


@given(LINES)
def test_those_that_match_stay_in_order(lines: list[LogLine]) -> None:
    def matches(line: LogLine) -> bool:
        return line.level >= LogLevel.WARNING

    assert LogLines.of(lines).that(matches) == list(filter(matches, lines))


@given(LINES, LINES)
def test_they_differ_where_a_line_differs(some: list[LogLine], others: list[LogLine]) -> None:
    assert (LogLines.of(some) == others) == (some == others)
