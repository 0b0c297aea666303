"""Step marks in a command's output, line by line."""

from server.cli.step_marks import Reading, StepChange, StepMarks

AT = "2026-11-24T01:47:19.000000Z"


def read(*lines: str, marks: StepMarks | None = None) -> list[Reading]:
    marks = marks or StepMarks()
    return [marks.read(line, AT) for line in lines]


def keys(*lines: str) -> list[str | None]:
    return [reading.step_key for reading in read(*lines)]


def test_group_opens_a_step_and_endgroup_completes_it() -> None:
    opened, inside, closed, after = read("::group::Run tests", "ok", "::endgroup::", "bye")
    assert opened == Reading(
        step_key="run-tests", opened=StepChange("run-tests", "RUNNING", AT, "Run tests")
    )
    assert inside == Reading(step_key="run-tests")
    assert closed == Reading(step_key="run-tests", closed=StepChange("run-tests", "COMPLETED", AT))
    assert after == Reading()


def test_group_in_a_group_is_its_child() -> None:
    readings = read("::group::Build", "::group::Compile", "::endgroup::", "linking", "::endgroup::")
    assert [r.step_key for r in readings] == ["build", "compile", "compile", "build", "build"]
    assert readings[1].opened == StepChange("compile", "RUNNING", AT, "Compile", "build")


def test_names_that_come_again_get_numbers() -> None:
    again = ("::group::Test", "::endgroup::")
    assert keys(*again, *again, "::group::test 2", "::endgroup::", *again)[::2] == [
        "test",
        "test-2",
        "test-2-2",
        "test-3",
    ]


def test_key_keeps_letters_of_every_script_and_a_nameless_step_has_one() -> None:
    assert keys("::group::Prüfe Größe!", "::group::构建", "::group::", "::group::!?")[:4] == [
        "prüfe-grösse",
        "构建",
        "step",
        "step-2",
    ]


def test_mark_is_read_with_a_carriage_return_and_colours() -> None:
    opened = read("::group::\x1b[1mBuild\x1b[0m\r")[0].opened
    assert opened is not None
    assert (opened.key, opened.name) == ("build", "Build")


def test_mark_counts_only_at_the_start_of_a_line() -> None:
    assert (
        read("see ::group::Build", " ::group::Build", "::grouping::x", "::group:x")
        == [Reading()] * 4
    )


def test_error_fails_the_innermost_step_with_its_first_message() -> None:
    _, error, second, closed = read(
        "::group::Lint", "::error file=a.py,line=3::unused import", "::error::more", "::endgroup::"
    )
    assert (error.level, second.level) == ("ERROR", "ERROR")
    assert closed.closed == StepChange("lint", "FAILED", AT, error_message="unused import")


def test_levels_hold_outside_of_groups_too() -> None:
    readings = read("::error::a", "::warning::b", "::debug::c", "d")
    assert [r.level for r in readings] == ["ERROR", "WARNING", "DEBUG", "INFO"]


def test_endgroup_without_a_group_is_passed_over() -> None:
    assert read("::endgroup::") == [Reading()]


def test_failed_step_is_the_innermost_open_one_else_the_last_that_an_error_failed() -> None:
    marks = StepMarks()
    assert marks.failed_step is None
    read("::group::Lint", "::error::bad", "::endgroup::", marks=marks)
    assert marks.failed_step == "lint"
    read("::group::Build", "::group::Compile", marks=marks)
    assert marks.failed_step == "compile"


def test_end_of_the_command_fails_open_steps_that_had_errors() -> None:
    marks = StepMarks()
    read("::group::Build", "::error::bad", "::group::Compile", marks=marks)
    assert marks.finish(AT) == [StepChange("build", "FAILED", AT, error_message="bad")]


def test_groups_beyond_the_bound_make_no_step_and_still_pair_up() -> None:
    marks = StepMarks(max_steps=2)
    readings = read(
        "::group::a",
        "::group::b",
        "::group::c",
        "::group::d",
        "in d",
        "::endgroup::",
        "::endgroup::",
        "in b",
        "::endgroup::",
        "in a",
        marks=marks,
    )
    assert [r.step_key for r in readings] == ["a", "b", "b", "b", "b", "b", "b", "b", "b", "a"]
    assert [r.opened.key for r in readings if r.opened] == ["a", "b"]
    assert [r.closed.key for r in readings if r.closed] == ["b"]
