"""Loaders: what belongs to many rows at once, in one statement for each kind of question.

A loader is named for its answer. One that is asked by the id of a run or a report expects one that
was just read as visible; one that finds a thing by its own id looks whether its run is visible.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar
from uuid import UUID

from aiodataloader import DataLoader
from tortoise import Model
from tortoise.expressions import RawSQL, Subquery
from tortoise.functions import Count

from models.agent import Agent, Cluster
from models.report import Report, ReportShare, ReportWithSections
from models.run import Run, RunWithInputs
from models.run_attempt import RunAttempt
from models.states import RunStatus, StepStatus
from models.step import Step, StepWithOutput
from models.visibility import EVERYTHING, Scope, visible_runs
from resolvers.answer_size import AnswerSize
from resolvers.find_nodes import find_deletions, find_parts, find_rows, find_runs
from resolvers.large_texts import texts_of

M = TypeVar("M", bound=Model)
T = TypeVar("T")

#: Ids in one statement: a page of the largest kind, and far below what the databases take.
MAX_BATCH = 1_000

StepCounts = list[tuple[StepStatus, int]]


class Loaders:
    """One operation's loaders: they remember what they answered, so they must not outlive it."""

    def __init__(self, scope: Scope, size: AnswerSize | None = None) -> None:
        """`size` is the answer's; without one it may be of any."""
        self.agent = _present(lambda ids: find_rows(Agent, ids))
        self.cluster = _present(lambda ids: find_rows(Cluster, ids))
        self.run = _optional(lambda ids: find_runs(scope, ids))
        self.step = _optional(lambda ids: find_parts(scope, Step, ids))
        self.report = _optional(lambda ids: find_parts(scope, Report, ids))
        self.deletion = _optional(lambda ids: find_deletions(scope, ids))

        self.steps_of_run = _loader(steps_of_run)
        self.step_counts_of_run = _loader(step_counts_of_run)
        self.current_step_of_run = _loader(current_step_of_run)
        self.attempts_of_run = _loader(attempts_of_run)
        self.report_of_run = _loader(report_of_run)
        self.shares_of_report = _loader(shares_of_report)
        self.latest_run_of_agent = _loader(lambda ids: latest_run_of_agent(scope, ids))
        self.latest_run_of_cluster = _loader(lambda ids: latest_run_of_cluster(scope, ids))

        def texts(model: type[Model], column: str) -> DataLoader[UUID, str | None]:
            answer_size = size or AnswerSize()
            return _loader(lambda ids: texts_of(model, column, ids, answer_size))

        self.inputs_of_run = texts(RunWithInputs, "inputs")
        self.output_of_step = texts(StepWithOutput, "output")
        self.sections_of_report = texts(ReportWithSections, "sections")


def _loader(answer: Callable[[list[UUID]], Awaitable[list[T]]]) -> DataLoader[UUID, T]:
    async def batch(ids: list[UUID]) -> list[T]:
        return await answer(ids)

    return DataLoader(batch, max_batch_size=MAX_BATCH)


def _optional(find: Callable[[list[UUID]], Awaitable[Sequence[M]]]) -> DataLoader[UUID, M | None]:
    """By id; None for what is not there."""

    async def answer(ids: list[UUID]) -> list[M | None]:
        found = {row.pk: row for row in await find(ids)}
        return [found.get(key) for key in ids]

    return _loader(answer)


def _present(find: Callable[[list[UUID]], Awaitable[Sequence[M]]]) -> DataLoader[UUID, M]:
    """By id, of what is never deleted."""

    async def answer(ids: list[UUID]) -> list[M]:
        found = {row.pk: row for row in await find(ids)}
        return [found[key] for key in ids]

    return _loader(answer)


def _grouped(rows: Iterable[T], key: Callable[[T], UUID], ids: list[UUID]) -> list[list[T]]:
    """For each id the rows that belong to it, in the order of the rows."""
    groups: defaultdict[UUID, list[T]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return [groups[one] for one in ids]


async def steps_of_run(run_ids: list[UUID]) -> list[list[Step]]:
    """By position."""
    steps = await Step.filter(run_id__in=run_ids).order_by("run_id", "position")
    return _grouped(steps, lambda step: step.run_id, run_ids)


async def step_counts_of_run(run_ids: list[UUID]) -> list[StepCounts]:
    """How many steps have each status, in the order of StepStatus; none is left out, not zero."""
    counts: dict[UUID, dict[StepStatus, int]] = {run_id: {} for run_id in run_ids}
    query = Step.filter(run_id__in=run_ids).annotate(count=Count("id"))
    for run_id, status, count in await query.group_by("run_id", "status").values_list(
        "run_id", "status", "count"
    ):
        counts[run_id][StepStatus(status)] = count
    return [
        [(status, counts[run_id][status]) for status in StepStatus if status in counts[run_id]]
        for run_id in run_ids
    ]


async def current_step_of_run(run_ids: list[UUID]) -> list[Step | None]:
    """Of the steps that run the one that began last; None where the run has ended or waits."""
    running = visible_runs(EVERYTHING).filter(id__in=run_ids, status=RunStatus.RUNNING)
    steps = await Step.filter(
        run_id__in=Subquery(running.values("id")), status=StepStatus.RUNNING
    ).order_by("started_at", "position")
    last = {step.run_id: step for step in steps}
    return [last.get(run_id) for run_id in run_ids]


async def attempts_of_run(run_ids: list[UUID]) -> list[list[RunAttempt]]:
    """By number."""
    attempts = await RunAttempt.filter(run_id__in=run_ids).order_by("run_id", "number")
    return _grouped(attempts, lambda attempt: attempt.run_id, run_ids)


async def report_of_run(run_ids: list[UUID]) -> list[Report | None]:
    """A run has one at most."""
    reports = {report.run_id: report for report in await Report.filter(run_id__in=run_ids)}
    return [reports.get(run_id) for run_id in run_ids]


async def shares_of_report(report_ids: list[UUID]) -> list[list[ReportShare]]:
    """The newest first."""
    shares = await ReportShare.filter(report_id__in=report_ids).order_by("-created_at", "-id")
    return _grouped(shares, lambda share: share.report_id, report_ids)


async def latest_run_of_agent(scope: Scope, agent_ids: list[UUID]) -> list[Run | None]:
    """The one that began last; None where there is none to be seen."""
    return await _latest_runs(scope, Agent, "agent_id", agent_ids)


async def latest_run_of_cluster(scope: Scope, cluster_ids: list[UUID]) -> list[Run | None]:
    """The one that began last; None where there is none to be seen."""
    return await _latest_runs(scope, Cluster, "cluster_id", cluster_ids)


async def _latest_runs(
    scope: Scope, model: type[Model], column: str, ids: list[UUID]
) -> list[Run | None]:
    """For each row of the model one look into the index that begins with the run's column."""
    row_id = RawSQL(f"{model._meta.db_table}.id")
    runs = visible_runs(scope).filter(**{column: row_id}).order_by("-started_at", "-id").limit(1)
    latest = model.filter(pk__in=ids).annotate(latest=Subquery(runs.values("id")))
    found = await visible_runs(scope).filter(id__in=Subquery(latest.values("latest")))
    by_owner: dict[UUID, Run] = {getattr(run, column): run for run in found}
    return [by_owner.get(key) for key in ids]
