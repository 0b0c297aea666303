"""Finding things by their ids."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from tortoise import Model
from tortoise.expressions import Subquery

from models.agent import Agent, Cluster
from models.deletion import Deletion
from models.ids import Kind
from models.report import Report, ReportShare
from models.run import Run
from models.step import Step
from models.visibility import visible_runs

M = TypeVar("M", bound=Model)
#: What hangs on a run, with an id of its own.
Part = TypeVar("Part", Step, Report, ReportShare)


async def find_run(run_id: UUID) -> Run | None:
    """The run; None where there is none to be seen."""
    return await visible_runs().filter(id=run_id).first()


async def find_nodes(keys: Sequence[tuple[Kind, UUID]]) -> list[Model | None]:
    """What the ids name, in order; None for what is not there, or of a run that is not.

    One statement for each kind among them.
    """
    wanted: dict[Kind, set[UUID]] = {}
    for kind, key in keys:
        wanted.setdefault(kind, set()).add(key)
    found: dict[tuple[Kind, UUID], Model] = {}
    for kind, ids in wanted.items():
        for row in await _FINDERS[kind](list(ids)):
            found[kind, row.pk] = row
    return [found.get(key) for key in keys]


async def find_runs(ids: Sequence[UUID]) -> list[Run]:
    """The visible ones among them, in no order."""
    return await visible_runs().filter(id__in=ids)


async def find_parts(model: type[Part], ids: Sequence[UUID]) -> list[Part]:
    """Rows that hang on a run, as far as the run is visible, in no order."""
    rows = model.filter(id__in=ids)
    # Not all visible runs: SQLite would write them all down first.
    runs = visible_runs().filter(id__in=Subquery(rows.values("run_id")))
    return await rows.filter(run_id__in=Subquery(runs.values("id")))


async def find_rows(model: type[M], ids: Sequence[UUID]) -> list[M]:
    """Rows that hang on no run, in no order."""
    return await model.filter(pk__in=ids)


_FINDERS: Mapping[Kind, Callable[[Sequence[UUID]], Awaitable[Sequence[Model]]]] = {
    Kind.RUN: find_runs,
    Kind.STEP: lambda ids: find_parts(Step, ids),
    Kind.REPORT: lambda ids: find_parts(Report, ids),
    Kind.SHARE: lambda ids: find_parts(ReportShare, ids),
    Kind.AGENT: lambda ids: find_rows(Agent, ids),
    Kind.CLUSTER: lambda ids: find_rows(Cluster, ids),
    Kind.DELETION: lambda ids: find_rows(Deletion, ids),
}
