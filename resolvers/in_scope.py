"""What somebody with a scope may see of what hangs on no single run: agents, clusters, deletions.

An agent is seen by those who may see it by name, and where the scope is of clusters, on one of
them: by the runs that are there. What is not seen is not there, whatever asks for it.
"""

from __future__ import annotations

from typing import TypeVar

from tortoise.expressions import F, RawSQL, Subquery
from tortoise.functions import Count
from tortoise.queryset import QuerySet

from models.agent import Agent, Cluster
from models.deletion import Deletion
from models.run import Run
from models.visibility import Scope, visible_runs

N = TypeVar("N", Agent, Cluster)

_COLUMNS = {Agent: "agent_id", Cluster: "cluster_id"}


def named_in(scope: Scope, model: type[N]) -> QuerySet[N]:
    """The agents, or the clusters, that the scope shows."""
    own, other = scope.agents, scope.clusters
    if model is Cluster:
        own, other = other, own
    rows = model.all() if own is None else model.filter(name__in=sorted(own))
    return rows if other is None else _with_a_run(scope, rows, model)


def _with_a_run(scope: Scope, rows: QuerySet[N], model: type[N]) -> QuerySet[N]:
    row_id = RawSQL(f"{model._meta.db_table}.id")
    runs = visible_runs(scope).filter(**{_COLUMNS[model]: row_id}).limit(1)
    return rows.annotate(seen=Subquery(runs.values("id"))).filter(seen__isnull=False)


def deletions_in(scope: Scope) -> QuerySet[Deletion]:
    """The deletions that took nothing but what the scope shows: others would tell of the rest.

    By the runs that still carry the deletion's id. Where some were restored or purged since, nobody
    can say any more of which scope they were, and the deletion is not shown.
    """
    if scope.is_everything:
        return Deletion.all()
    taken = Run.filter(scope.condition(), deletion_id=RawSQL("deletion.id"))
    in_scope = taken.annotate(number=Count("id")).values("number")
    return Deletion.annotate(in_scope=Subquery(in_scope)).filter(in_scope=F("count"))
