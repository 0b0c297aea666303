"""Which runs are there for readers: the one place that says so, and every read goes through it."""

from __future__ import annotations

from dataclasses import dataclass

from tortoise.expressions import Q, Subquery
from tortoise.queryset import QuerySet

from models.agent import Agent, Cluster
from models.run import Run

#: The same as a condition on the table `run`, for the few statements that are written by hand;
#: deletion only.
IS_VISIBLE = "run.deleted_at IS NULL"


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of the runs that somebody may see: those of these agents and on these clusters.

    None is any. Names that nobody has yet count once there is an agent or a cluster of that name.
    """

    agents: frozenset[str] | None = None
    clusters: frozenset[str] | None = None

    @property
    def is_everything(self) -> bool:
        return self.agents is None and self.clusters is None

    def admits(self, agent: str, cluster: str) -> bool:
        """Whether a run of this agent on this cluster is in it."""
        return (self.agents is None or agent in self.agents) and (
            self.clusters is None or cluster in self.clusters
        )

    def condition(self) -> Q:
        """The same of a row of `run`, in SQL."""
        parts = []
        if self.agents is not None:
            named = Agent.filter(name__in=sorted(self.agents))
            parts.append(Q(agent_id__in=Subquery(named.values("id"))))
        if self.clusters is not None:
            named_clusters = Cluster.filter(name__in=sorted(self.clusters))
            parts.append(Q(cluster_id__in=Subquery(named_clusters.values("id"))))
        return Q(*parts)


#: Of who may see all there is, the service itself among them.
EVERYTHING = Scope()


def visible_runs(scope: Scope) -> QuerySet[Run]:
    """The runs in the scope that are not deleted."""
    runs = Run.filter(deleted_at__isnull=True)
    return runs if scope.is_everything else runs.filter(scope.condition())


def is_visible(run: Run) -> bool:
    """Whether a row that is at hand is not deleted; its scope aside, which never changes."""
    return run.deleted_at is None
