"""Loaders answer for many rows in one statement, in order."""

from collections.abc import Awaitable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from models.ids import new_id
from models.report import ReportShare, ReportWithSections
from models.run import Run
from models.run_attempt import RunAttempt
from models.states import RunStatus, StepStatus
from models.visibility import EVERYTHING
from resolvers.loaders import Loaders
from resolvers.service import Service
from tests.support.clock import START
from tests.support.factories import make_agent, make_run, make_step
from tests.support.statements import recorded

SECOND = timedelta(seconds=1)


async def answers(loader: Any, keys: list[UUID]) -> list[Any]:
    """All at once, in one statement."""
    with recorded() as statements:
        waiting: Awaitable[list[Any]] = loader.load_many(keys)
        found = await waiting
    assert len(statements) == 1
    return found


@pytest.fixture
def loaders(service: Service) -> Loaders:
    return Loaders(EVERYTHING)


@pytest.fixture
async def runs(service: Service) -> list[Run]:
    return [await make_run(started_at=START + n * SECOND) for n in range(3)]


async def test_rows_by_id_come_in_order_and_none_for_those_that_are_missing(
    loaders: Loaders, runs: list[Run]
) -> None:
    await Run.filter(id=runs[1].id).update(deleted_at=START)
    ids = [runs[2].id, runs[1].id, new_id(), runs[0].id]
    found = await answers(loaders.run, ids)
    assert [run and run.id for run in found] == [runs[2].id, None, None, runs[0].id]
    agent = await make_agent()
    [found_agent] = await answers(loaders.agent, [agent.id])
    assert found_agent.name == agent.name
    assert await answers(loaders.deletion, [new_id()]) == [None]


async def test_steps_and_reports_of_deleted_runs_are_not_found(
    loaders: Loaders, runs: list[Run]
) -> None:
    await Run.filter(id=runs[1].id).update(deleted_at=START)
    steps = [await make_step(run.id, "build", 1) for run in runs]
    found = await answers(loaders.step, [step.id for step in steps])
    assert [step and step.run_id for step in found] == [runs[0].id, None, runs[2].id]
    reports = [
        await ReportWithSections.create(id=new_id(), run_id=run.id, title="t", created_at=START)
        for run in runs
    ]
    found = await answers(loaders.report, [report.id for report in reports])
    assert [report and report.run_id for report in found] == [runs[0].id, None, runs[2].id]


async def test_steps_of_a_run_come_by_position(loaders: Loaders, runs: list[Run]) -> None:
    for key, position in (("c", 3), ("a", 1), ("b", 2)):
        await make_step(runs[0].id, key, position)
    await make_step(runs[2].id, "d", 1)
    found = await answers(loaders.steps_of_run, [run.id for run in runs])
    assert [[step.key for step in steps] for steps in found] == [["a", "b", "c"], [], ["d"]]


async def test_step_counts_are_in_the_order_of_statuses_without_zeros(
    loaders: Loaders, runs: list[Run]
) -> None:
    statuses = [StepStatus.FAILED, StepStatus.PENDING, StepStatus.COMPLETED, StepStatus.PENDING]
    for position, status in enumerate(statuses, 1):
        await make_step(runs[1].id, str(position), position, status=status)
    found = await answers(loaders.step_counts_of_run, [run.id for run in runs])
    counts = [(StepStatus.PENDING, 2), (StepStatus.COMPLETED, 1), (StepStatus.FAILED, 1)]
    assert found == [[], counts, []]


async def test_the_current_step_is_the_running_one_that_began_last(
    loaders: Loaders, runs: list[Run]
) -> None:
    for run in runs:
        await make_step(run.id, "done", 1, status=StepStatus.COMPLETED, started_at=START + SECOND)
        await make_step(run.id, "late", 2, status=StepStatus.RUNNING, started_at=START + SECOND)
        await make_step(run.id, "early", 3, status=StepStatus.RUNNING, started_at=START)
        await make_step(run.id, "open", 4)
    await Run.filter(id=runs[1].id).update(status=RunStatus.RETRYING)
    await Run.filter(id=runs[2].id).update(status=RunStatus.FAILED)
    found = await answers(loaders.current_step_of_run, [run.id for run in runs])
    assert [step and step.key for step in found] == ["late", None, None]


async def test_of_steps_that_began_together_the_later_one_is_current(
    loaders: Loaders, runs: list[Run]
) -> None:
    for position, key in ((2, "second"), (1, "first")):
        await make_step(runs[0].id, key, position, status=StepStatus.RUNNING, started_at=START)
    [found] = await answers(loaders.current_step_of_run, [runs[0].id])
    assert found.key == "second"


async def test_attempts_come_by_number(loaders: Loaders, runs: list[Run]) -> None:
    for number in (2, 1):
        await RunAttempt.create(run_id=runs[0].id, number=number, started_at=START)
    found = await answers(loaders.attempts_of_run, [run.id for run in runs])
    assert [[attempt.number for attempt in attempts] for attempts in found] == [[1, 2], [], []]


async def test_reports_and_their_shares_the_newest_first(loaders: Loaders, runs: list[Run]) -> None:
    report = await ReportWithSections.create(
        id=new_id(), run_id=runs[1].id, title="t", created_at=START
    )
    found = await answers(loaders.report_of_run, [run.id for run in runs])
    assert [row and row.id for row in found] == [None, report.id, None]
    for n in range(3):
        await ReportShare.create(
            id=new_id(),
            run_id=report.run_id,
            report_id=report.id,
            secret_hash=str(n),
            created_by="ada",
            created_at=START + n * SECOND,
        )
    shares = await answers(loaders.shares_of_report, [new_id(), report.id])
    assert [[share.secret_hash for share in some] for some in shares] == [[], ["2", "1", "0"]]


async def test_the_latest_run_is_the_one_that_began_last_and_is_visible(
    loaders: Loaders, runs: list[Run]
) -> None:
    await Run.filter(id=runs[2].id).update(deleted_at=START)
    other = await make_run(agent="other", cluster="us-1", started_at=START)
    twin = await make_run(agent="other", cluster="us-1", started_at=START)
    idle = await make_agent("idle")
    agents = [other.agent_id, idle.id, runs[0].agent_id]
    found = await answers(loaders.latest_run_of_agent, agents)
    assert [run and run.id for run in found] == [twin.id, None, runs[1].id]
    clusters = [runs[0].cluster_id, new_id(), other.cluster_id]
    found = await answers(loaders.latest_run_of_cluster, clusters)
    assert [run and run.id for run in found] == [runs[1].id, None, twin.id]
