"""Finding things by their ids."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from tortoise import Model
from tortoise.expressions import Subquery

from models.agent import Agent, Cluster
from models.api_token import ApiToken
from models.audit_entry import AuditEntry
from models.deletion import Deletion
from models.ids import Kind
from models.report import Report, ReportShare
from models.run import Run
from models.step import Step
from models.visibility import Scope, visible_runs
from resolvers.in_scope import deletions_in, named_in
from resolvers.rights import Right, may
from resolvers.viewer import Viewer

M = TypeVar("M", bound=Model)
#: What hangs on a run, with an id of its own.
Part = TypeVar("Part", Step, Report, ReportShare)
N = TypeVar("N", Agent, Cluster)


async def find_run(scope: Scope, run_id: UUID) -> Run | None:
    """The run; None where there is none to be seen."""
    return await visible_runs(scope).filter(id=run_id).first()


async def find_nodes(viewer: Viewer, keys: Sequence[tuple[Kind, UUID]]) -> list[Model | None]:
    """What the ids name, in order; None for what is not there, or not for the viewer.

    One statement for each kind among them.
    """
    wanted: dict[Kind, set[UUID]] = {}
    for kind, key in keys:
        wanted.setdefault(kind, set()).add(key)
    found: dict[tuple[Kind, UUID], Model] = {}
    for kind, ids in wanted.items():
        if not may(viewer, _RIGHTS.get(kind, Right.READ)):
            continue
        for row in await _FINDERS[kind](viewer.scope, list(ids)):
            found[kind, row.pk] = row
    return [found.get(key) for key in keys]


async def find_runs(scope: Scope, ids: Sequence[UUID]) -> list[Run]:
    """The visible ones among them, in no order."""
    return await visible_runs(scope).filter(id__in=ids)


async def find_parts(scope: Scope, model: type[Part], ids: Sequence[UUID]) -> list[Part]:
    """Rows that hang on a run, as far as the run is visible, in no order."""
    rows = model.filter(id__in=ids)
    # Not all visible runs: SQLite would write them all down first.
    runs = visible_runs(scope).filter(id__in=Subquery(rows.values("run_id")))
    return await rows.filter(run_id__in=Subquery(runs.values("id")))


async def find_named(scope: Scope, model: type[N], ids: Sequence[UUID]) -> list[N]:
    """Agents or clusters of which the scope shows something, in no order."""
    return await named_in(scope, model).filter(id__in=ids)


async def find_deletions(scope: Scope, ids: Sequence[UUID]) -> list[Deletion]:
    """Deletions that the scope shows, in no order."""
    return await deletions_in(scope).filter(id__in=ids)


async def find_rows(model: type[M], ids: Sequence[UUID]) -> list[M]:
    """Rows by id, in no order: of what was led to from something visible."""
    return await model.filter(pk__in=ids)


_FINDERS: Mapping[Kind, Callable[[Scope, Sequence[UUID]], Awaitable[Sequence[Model]]]] = {
    Kind.RUN: find_runs,
    Kind.STEP: lambda scope, ids: find_parts(scope, Step, ids),
    Kind.REPORT: lambda scope, ids: find_parts(scope, Report, ids),
    Kind.SHARE: lambda scope, ids: find_parts(scope, ReportShare, ids),
    Kind.AGENT: lambda scope, ids: find_named(scope, Agent, ids),
    Kind.CLUSTER: lambda scope, ids: find_named(scope, Cluster, ids),
    Kind.DELETION: find_deletions,
    Kind.AUDIT: lambda _, ids: find_rows(AuditEntry, ids),
    # Tokens are for the command line.
    Kind.TOKEN: lambda _, ids: find_rows(ApiToken, []),
}
#: Of what not every reader sees.
_RIGHTS = {Kind.SHARE: Right.OPERATE, Kind.AUDIT: Right.ADMINISTER}
