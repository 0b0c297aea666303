"""The statuses of runs and steps, and which may follow which: the one place that says so.

A run's status is changed by models/run_change.py, in an UPDATE that holds only where status and
revision still are what was read (compare-and-set), so that two writers cannot both win. Its steps
are changed while the run is held locked.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum


class RunStatus(StrEnum):
    RUNNING = "RUNNING"
    RETRYING = "RETRYING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class StepStatus(StrEnum):
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"
    CANCELLED = "CANCELLED"


class TriggerSource(StrEnum):
    MANUAL = "MANUAL"
    SCHEDULE = "SCHEDULE"
    COPILOT = "COPILOT"
    WEBHOOK = "WEBHOOK"
    EVENT = "EVENT"


class AgentKind(StrEnum):
    TASK = "TASK"
    WORKFLOW = "WORKFLOW"


class RunErrorCode(StrEnum):
    AGENT_ERROR = "AGENT_ERROR"
    CLUSTER_UNREACHABLE = "CLUSTER_UNREACHABLE"
    LOST = "LOST"
    TIMED_OUT = "TIMED_OUT"


class LogLevel(IntEnum):
    """In order of weight; the number is what a chunk stores."""

    DEBUG = 0
    INFO = 1
    WARNING = 2
    ERROR = 3


class LogStream(IntEnum):
    """The number is what a chunk stores."""

    STDOUT = 0
    STDERR = 1
    SYSTEM = 2


ACTIVE = (RunStatus.RUNNING, RunStatus.RETRYING)
ENDED = (RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED)

#: For each status of a run, those that it may be reached from. Ended is ended.
RUN_SOURCES: dict[RunStatus, tuple[RunStatus, ...]] = {
    RunStatus.RUNNING: (RunStatus.RETRYING,),
    RunStatus.RETRYING: (RunStatus.RUNNING,),
    RunStatus.COMPLETED: (RunStatus.RUNNING,),
    RunStatus.FAILED: ACTIVE,
    RunStatus.CANCELLED: ACTIVE,
}

STEP_ENDED = (
    StepStatus.COMPLETED,
    StepStatus.FAILED,
    StepStatus.SKIPPED,
    StepStatus.CANCELLED,
)

#: The same for steps, within one attempt. A new attempt sets all but COMPLETED back to PENDING.
STEP_SOURCES: dict[StepStatus, tuple[StepStatus, ...]] = {
    StepStatus.PENDING: (),
    StepStatus.RUNNING: (StepStatus.PENDING,),
    StepStatus.COMPLETED: (StepStatus.PENDING, StepStatus.RUNNING),
    StepStatus.FAILED: (StepStatus.PENDING, StepStatus.RUNNING),
    StepStatus.SKIPPED: (StepStatus.PENDING,),
    StepStatus.CANCELLED: (StepStatus.PENDING, StepStatus.RUNNING),
}


def closing_status(step: StepStatus, run: RunStatus, *, named_by_error: bool) -> StepStatus:
    """What becomes of a step left open when its run ends with status `run` (issue 3, Reporting).

    An error that names a step says that it failed, also where its start was never told.
    """
    if run is RunStatus.FAILED and named_by_error:
        return StepStatus.FAILED
    if step is StepStatus.PENDING:
        return StepStatus.SKIPPED
    return StepStatus.COMPLETED if run is RunStatus.COMPLETED else StepStatus.CANCELLED
