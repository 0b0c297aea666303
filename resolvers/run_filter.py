"""Which runs: the filter of lists, statistics, deletions and live updates."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from tortoise.queryset import QuerySet

from models.run import Run
from models.states import RunStatus, TriggerSource
from models.visibility import EVERYTHING, Scope, visible_runs
from resolvers.criteria import AllOf, Subject
from resolvers.filter_criteria import criterion_of
from resolvers.known_names import AGENT, CLUSTER, ids_of_names

Label = tuple[str, str]


@dataclass(frozen=True, slots=True)
class InstantRange:
    """start <= t < until; None is open."""

    start: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class NumberRange:
    """start <= x < until; None is open."""

    start: float | None = None
    until: float | None = None


@dataclass(frozen=True, slots=True)
class RunExclusion:
    """Runs to leave out: those that match all that is given.

    An empty list matches nothing, so an entry with one leaves nothing out. An entry that gives
    nothing at all is an error: to leave out every run is hardly what was meant.
    """

    statuses: tuple[RunStatus, ...] | None = None
    agent_names: tuple[str, ...] | None = None
    cluster_names: tuple[str, ...] | None = None
    trigger_sources: tuple[TriggerSource, ...] | None = None
    triggered_by: tuple[str, ...] | None = None
    labels: tuple[Label, ...] | None = None


@dataclass(frozen=True, slots=True)
class RunFilter:
    """All that is given must hold; of a list, any value.

    None is any, and so is a range without an end and an empty `search`. An empty list matches
    nothing; an empty `exclude` leaves nothing out. Names match exactly, and unknown ones match
    nothing. `completed_at` and `duration_seconds` are of ended runs only: active ones never match.
    `search` is a literal part, whatever the case, of what models.run.search_text_of holds. Of
    `labels`, values of one name are alternatives, and different names must all be there.

    Raises BadInput when made of what cannot be; it names the field, such as `filter.search`.
    """

    ids: tuple[UUID, ...] | None = None
    statuses: tuple[RunStatus, ...] | None = None
    agent_names: tuple[str, ...] | None = None
    cluster_names: tuple[str, ...] | None = None
    trigger_sources: tuple[TriggerSource, ...] | None = None
    triggered_by: tuple[str, ...] | None = None
    started_at: InstantRange | None = None
    completed_at: InstantRange | None = None
    duration_seconds: NumberRange | None = None
    labels: tuple[Label, ...] | None = None
    search: str | None = None
    exclude: tuple[RunExclusion, ...] | None = None

    criterion: AllOf = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "criterion", criterion_of(self))

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for, so that every run matches."""
        return not self.criterion.parts

    @property
    def names(self) -> dict[str, frozenset[str]]:
        """By column of Run, the names that it takes to tell whether a run matches."""
        entries: list[RunFilter | RunExclusion] = [self, *(self.exclude or ())]
        return {
            AGENT: frozenset(name for entry in entries for name in entry.agent_names or ()),
            CLUSTER: frozenset(name for entry in entries for name in entry.cluster_names or ()),
        }

    def within(self, scope: Scope) -> RunFilter:
        """The same of the runs in a scope: it asks for no other agent and no other cluster."""
        if scope.is_everything:
            return self
        return replace(
            self,
            agent_names=_narrowed(self.agent_names, scope.agents),
            cluster_names=_narrowed(self.cluster_names, scope.clusters),
        )

    def matches(self, run: Run, agent_name: str, cluster_name: str) -> bool:
        """Whether `filtered` would give this run, told from its row and its names, deletion aside.

        A name is looked at only where `names` has any for its column.
        """
        return self.criterion.holds(Subject(run, {AGENT: agent_name, CLUSTER: cluster_name}))


def _narrowed(
    names: tuple[str, ...] | None, admitted: frozenset[str] | None
) -> tuple[str, ...] | None:
    if admitted is None:
        return names
    return tuple(sorted(admitted if names is None else admitted.intersection(names)))


async def filtered(scope: Scope, run_filter: RunFilter | None) -> QuerySet[Run]:
    """The visible runs that match, in no order. Looks the names up first, if there are any."""
    wanted = (run_filter or RunFilter()).within(scope)
    known = await ids_of_names(wanted.names)
    # The scope is in the filter, by id, where the indexes are.
    return visible_runs(EVERYTHING).filter(wanted.criterion.condition(known))
