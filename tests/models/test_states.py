"""The state machine, said once more as the issue says it."""

import pytest

from models.states import (
    ACTIVE,
    ENDED,
    RUN_SOURCES,
    STEP_ENDED,
    STEP_SOURCES,
    RunStatus,
    StepStatus,
    closing_status,
)


def test_ended_is_ended() -> None:
    for sources in RUN_SOURCES.values():
        assert not set(sources) & set(ENDED)
    for step_sources in STEP_SOURCES.values():
        assert not set(step_sources) & set(STEP_ENDED)


def test_a_run_completes_from_running_only_and_fails_or_is_cancelled_from_both() -> None:
    assert RUN_SOURCES[RunStatus.COMPLETED] == (RunStatus.RUNNING,)
    assert RUN_SOURCES[RunStatus.FAILED] == RUN_SOURCES[RunStatus.CANCELLED] == ACTIVE


def test_running_and_retrying_take_turns() -> None:
    assert RUN_SOURCES[RunStatus.RUNNING] == (RunStatus.RETRYING,)
    assert RUN_SOURCES[RunStatus.RETRYING] == (RunStatus.RUNNING,)


@pytest.mark.parametrize(
    ("step", "run", "named", "expected"),
    [
        ("PENDING", "COMPLETED", False, "SKIPPED"),
        ("PENDING", "FAILED", False, "SKIPPED"),
        ("PENDING", "CANCELLED", False, "SKIPPED"),
        ("RUNNING", "COMPLETED", False, "COMPLETED"),
        ("RUNNING", "CANCELLED", False, "CANCELLED"),
        ("RUNNING", "FAILED", True, "FAILED"),
        ("RUNNING", "FAILED", False, "CANCELLED"),
        ("PENDING", "FAILED", True, "FAILED"),
    ],
)
def test_a_step_left_open_is_closed_by_rule(
    step: str, run: str, named: bool, expected: str
) -> None:
    status = closing_status(StepStatus(step), RunStatus(run), named_by_error=named)
    assert status is StepStatus(expected)
