"""Reporters in tests: the calls of the reporter's mutations with what tests leave out filled in."""

from typing import Any

from models.ids import Kind, global_id
from models.run import Run
from models.states import AgentKind, RunStatus, StepStatus, TriggerSource
from resolvers.append_logs import AppendedLogs, append_logs
from resolvers.attempts import schedule_retry
from resolvers.commands import (
    AppendLogs,
    CompleteRun,
    FailRun,
    NewStep,
    ScheduleRetry,
    StartRun,
    StepUpdate,
    ToldError,
    ToldLine,
    UpdateSteps,
)
from resolvers.end_run import complete_run, fail_run
from resolvers.service import Service
from resolvers.start_run import start_run
from resolvers.update_steps import UpdatedSteps, update_steps
from resolvers.viewer import LOCAL_VIEWER


def run_id(run: Run) -> str:
    return global_id(Kind.RUN, run.id)


async def begin(service: Service, **told: Any) -> Run:
    """A run that just began; `steps` are keys."""
    steps = tuple(NewStep(key) for key in told.pop("steps", ()))
    defaults: dict[str, Any] = {
        "agent_name": "nightly-etl",
        "cluster": "eu-1",
        "trigger_source": TriggerSource.MANUAL,
        "trigger_name": "ada",
        "agent_kind": AgentKind.WORKFLOW if steps else None,
        "steps": steps,
    }
    started = await start_run(service, LOCAL_VIEWER, StartRun(**(defaults | told)))
    return started.run


async def append(
    service: Service, run: Run, offset: int, *messages: str, **told: Any
) -> AppendedLogs:
    step_key = told.pop("step_key", None)
    lines = tuple(ToldLine(message, step_key=step_key) for message in messages)
    return await append_logs(service, LOCAL_VIEWER, AppendLogs(run_id(run), offset, lines, **told))


async def steps(service: Service, run: Run, attempt: int = 1, **statuses: str) -> UpdatedSteps:
    """Tell steps' statuses, by key."""
    updates = tuple(StepUpdate(key, status=StepStatus(status)) for key, status in statuses.items())
    return await update_steps(service, LOCAL_VIEWER, UpdateSteps(run_id(run), updates, attempt))


async def retry(service: Service, run: Run, attempt: int = 1, **told: Any) -> Run:
    told = {"reason": "connection refused"} | told
    return await schedule_retry(
        service, LOCAL_VIEWER, ScheduleRetry(run_id(run), attempt=attempt, **told)
    )


async def complete(service: Service, run: Run, **told: Any) -> Run:
    return await complete_run(service, LOCAL_VIEWER, CompleteRun(run_id(run), **told))


async def fail(service: Service, run: Run, message: str = "it broke", **told: Any) -> Run:
    error = ToldError(message, step_key=told.pop("step_key", None))
    return await fail_run(service, LOCAL_VIEWER, FailRun(run_id(run), error, **told))


ENDS = {RunStatus.COMPLETED: complete, RunStatus.FAILED: fail}
