"""Which runs: the filter of lists, statistics, deletions and live updates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from tortoise.queryset import QuerySet

from models.instants import ENDLESS, FOREVER
from models.run import Run, encode_label, search_needle
from models.states import RunStatus, TriggerSource
from models.visibility import is_visible, visible_runs
from resolvers.criteria import (
    NOTHING,
    AllOf,
    AnyOf,
    Choice,
    Criterion,
    NameChoice,
    Not,
    Subject,
    Substring,
    Within,
)
from resolvers.errors import BadInput
from resolvers.filter_checks import (
    MAX_EXCLUSIONS,
    MAX_LABELS,
    MAX_SEARCH,
    MAX_VALUES,
    check_count,
    check_numbers,
    check_span,
    check_text,
    distinct,
    first_micros,
)
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
    """Runs to leave out: those that match all that is given. An entry that gives nothing is an error.

    An empty list matches nothing, so an entry with one leaves nothing out.
    """

    statuses: tuple[RunStatus, ...] | None = None
    agent_names: tuple[str, ...] | None = None
    cluster_names: tuple[str, ...] | None = None
    trigger_sources: tuple[TriggerSource, ...] | None = None
    triggered_by: tuple[str, ...] | None = None
    labels: tuple[Label, ...] | None = None


@dataclass(frozen=True, slots=True)
class RunFilter:
    """All that is given must hold; of a list, any value. None is any, an empty list matches nothing.

    Names match exactly, and unknown ones match nothing. `completed_at` and `duration_seconds` are of
    ended runs only, and active ones never match. `search` is a literal part, whatever the case, of
    what models.run.search_text_of holds. Of `labels`, values of one name are alternatives and
    different names must all be there. An empty `exclude` leaves nothing out.

    Raises BadInput when it is made of what cannot be: it names the field, as `filter.statuses`.
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

    #: What the whole filter is called in errors.
    FIELD: ClassVar[str] = "filter"

    def __post_init__(self) -> None:
        _check_size(self)
        object.__setattr__(self, "criterion", AllOf(tuple(_criteria(self))))

    @property
    def is_empty(self) -> bool:
        """Whether every run matches, because nothing is asked for."""
        return not self.criterion.parts

    @property
    def names_agents(self) -> bool:
        """Whether it takes an agent's name to tell if a run matches."""
        return self.agent_names is not None or any(
            entry.agent_names is not None for entry in self.exclude or ()
        )

    @property
    def names_clusters(self) -> bool:
        """Whether it takes a cluster's name to tell if a run matches."""
        return self.cluster_names is not None or any(
            entry.cluster_names is not None for entry in self.exclude or ()
        )

    def matches(self, run: Run, agent_name: str, cluster_name: str) -> bool:
        """Whether `filtered` would give this run, told from its row and the names in it.

        A name counts only where `names_agents` or `names_clusters` says so.
        """
        subject = Subject(run, {AGENT: agent_name, CLUSTER: cluster_name})
        return is_visible(run) and self.criterion.holds(subject)


async def filtered(run_filter: RunFilter | None) -> QuerySet[Run]:
    """The visible runs that match, in no order. One statement looks up the names, if there are any."""
    if run_filter is None:
        return visible_runs()
    known = await ids_of_names(run_filter.criterion)
    return visible_runs().filter(run_filter.criterion.condition(known))
