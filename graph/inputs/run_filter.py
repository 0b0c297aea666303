from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar
from uuid import UUID

import strawberry

from graph.enums import RunStatus, TriggerSource
from graph.ids import parse_key
from graph.inputs.label import LabelInput, plain_labels
from graph.inputs.ranges import DateTimeRange, FloatRange
from models.ids import Kind
from resolvers import run_filter
from resolvers.errors import BadInput, counted

T = TypeVar("T")

#: Ids in one filter: each is taken apart before the resolver counts.
MAX_IDS = 1_000


@strawberry.input(
    description="One kind of run to leave out: all that is given must match. Names match exactly."
)
class RunExclusion:
    statuses: list[RunStatus] | None = None
    agent_names: list[str] | None = None
    cluster_names: list[str] | None = None
    trigger_sources: list[TriggerSource] | None = None
    triggered_by: list[str] | None = strawberry.field(default=None, description="`Trigger.name`.")
    labels: list[LabelInput] | None = strawberry.field(
        default=None, description="Of several values of one name any; of different names all."
    )

    def plain(self) -> run_filter.RunExclusion:
        return run_filter.RunExclusion(
            statuses=_tuple(self.statuses),
            agent_names=_tuple(self.agent_names),
            cluster_names=_tuple(self.cluster_names),
            trigger_sources=_tuple(self.trigger_sources),
            triggered_by=_tuple(self.triggered_by),
            labels=None if self.labels is None else plain_labels(self.labels),
        )


@strawberry.input(
    description=(
        "Which runs. All that is given must hold, and of a list any entry; absent or null is any, "
        "and an empty list matches nothing. Names match exactly; unknown ones match nothing."
    )
)
class RunFilter:
    ids: list[strawberry.ID] | None = None
    statuses: list[RunStatus] | None = None
    agent_names: list[str] | None = None
    cluster_names: list[str] | None = None
    trigger_sources: list[TriggerSource] | None = None
    triggered_by: list[str] | None = strawberry.field(default=None, description="`Trigger.name`.")
    started_at: DateTimeRange | None = None
    completed_at: DateTimeRange | None = strawberry.field(
        default=None, description="Active runs have none and never match."
    )
    duration_seconds: FloatRange | None = strawberry.field(
        default=None, description="Ended runs only."
    )
    labels: list[LabelInput] | None = strawberry.field(
        default=None, description="Of several values of one name any; of different names all."
    )
    search: str | None = strawberry.field(
        default=None,
        description=(
            "A literal part, whatever the case, of the agent's, the cluster's or the trigger's "
            "name, of the error's message, or of an id."
        ),
    )
    exclude: list[RunExclusion] | None = strawberry.field(
        default=None, description="Left out: a run that matches all of any one entry."
    )

    def plain(self) -> run_filter.RunFilter:
        """As the resolvers take it. Raises ApiError for a malformed id."""
        return run_filter.RunFilter(
            ids=None if self.ids is None else _keys(self.ids),
            statuses=_tuple(self.statuses),
            agent_names=_tuple(self.agent_names),
            cluster_names=_tuple(self.cluster_names),
            trigger_sources=_tuple(self.trigger_sources),
            triggered_by=_tuple(self.triggered_by),
            started_at=None if self.started_at is None else self.started_at.plain(),
            completed_at=None if self.completed_at is None else self.completed_at.plain(),
            duration_seconds=(
                None if self.duration_seconds is None else self.duration_seconds.plain()
            ),
            labels=None if self.labels is None else plain_labels(self.labels),
            search=self.search,
            exclude=(
                None if self.exclude is None else tuple(entry.plain() for entry in self.exclude)
            ),
        )


def plain_filter(given: RunFilter | None) -> run_filter.RunFilter | None:
    """The same for an argument that may be absent."""
    return None if given is None else given.plain()


def _tuple(values: Iterable[T] | None) -> tuple[T, ...] | None:
    return None if values is None else tuple(values)


def _keys(ids: list[strawberry.ID]) -> tuple[UUID, ...]:
    if len(ids) > MAX_IDS:
        raise BadInput("filter.ids", f"at most {MAX_IDS} ids", counted(len(ids), "ids"))
    return tuple(parse_key(Kind.RUN, text, "filter.ids") for text in ids)
