"""A command's lines as the items to tell."""

from datetime import UTC, datetime

from server.cli.lines import RawLine
from server.cli.outbox import Line
from server.cli.step_marks import StepChange, StepMarks
from server.cli.transcript import DETAIL_LINES, Transcript

AT = "2026-11-24T01:47:19.000000Z"


def transcript(marks: StepMarks | None = None) -> Transcript:
    return Transcript(marks, lambda: datetime(2026, 11, 24, 1, 47, 19, tzinfo=UTC))


def test_line_carries_stream_and_time() -> None:
    assert list(transcript().items([RawLine("a")], "STDERR")) == [Line("a", AT, "STDERR")]


def test_cut_line_is_followed_by_a_note() -> None:
    _, note = transcript().items([RawLine("a", 5)], "STDOUT")
    assert isinstance(note, Line)
    assert (note.stream, note.level) == ("SYSTEM", "WARNING")
    assert "5 more bytes" in note.message


def test_marks_mean_nothing_unless_steps_are_read() -> None:
    assert list(transcript().items([RawLine("::group::A")], "STDOUT")) == [
        Line("::group::A", AT, "STDOUT")
    ]


def test_step_begins_before_its_mark_and_ends_after_it() -> None:
    lines = [RawLine("::group::A"), RawLine("::endgroup::")]
    assert list(transcript(StepMarks()).items(lines, "STDOUT")) == [
        StepChange("a", "RUNNING", AT, "A"),
        Line("::group::A", AT, "STDOUT", step_key="a"),
        Line("::endgroup::", AT, "STDOUT", step_key="a"),
        StepChange("a", "COMPLETED", AT),
    ]


def test_error_has_the_last_lines_the_step_and_how_it_ended() -> None:
    told = transcript(StepMarks())
    lines = [RawLine("::group::A"), *(RawLine(str(n)) for n in range(100))]
    list(told.items(lines, "STDOUT"))
    error = told.error(3)
    assert error["message"] == "exit status 3"
    assert error["stepKey"] == "a"
    assert error["details"].split("\n") == [str(n) for n in range(100 - DETAIL_LINES, 100)]


def test_signal_is_named() -> None:
    assert transcript().error(-15)["message"] == "killed by SIGTERM"
    assert transcript().error(-40)["message"] == "killed by signal 40"
