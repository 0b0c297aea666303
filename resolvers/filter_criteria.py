"""What a filter means: from what a client gave to the criteria that it stands for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from models.instants import ENDLESS, FOREVER
from models.run import encode_label, search_needle
from resolvers.criteria import (
    NOTHING,
    AllOf,
    AnyOf,
    Choice,
    Criterion,
    NameChoice,
    Not,
    Substring,
    Within,
)
from resolvers.errors import BadInput, Phrase
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
from resolvers.known_names import AGENT, CLUSTER
from resolvers.text import MAX_LABEL_VALUE

if TYPE_CHECKING:
    from resolvers.run_filter import InstantRange, Label, NumberRange, RunExclusion, RunFilter

#: What errors call the whole filter.
FIELD = "filter"


def criterion_of(given: RunFilter) -> AllOf:
    """The whole filter. Raises BadInput, which names what cannot be."""
    _check_counts(given)
    return AllOf(tuple(_criteria(given)))


def _check_counts(given: RunFilter) -> None:
    exclusions = given.exclude or ()
    check_count(f"{FIELD}.exclude", len(exclusions), MAX_EXCLUSIONS)
    entries: list[RunFilter | RunExclusion] = [given, *exclusions]
    labels = sum(len(entry.labels or ()) for entry in entries)
    check_count(f"{FIELD}.labels", labels, MAX_LABELS)
    others = sum(map(_count_values, entries))
    check_count(FIELD, len(given.ids or ()) + labels + others, MAX_VALUES)


def _count_values(entry: RunFilter | RunExclusion) -> int:
    lists = (
        entry.statuses,
        entry.agent_names,
        entry.cluster_names,
        entry.trigger_sources,
        entry.triggered_by,
    )
    return sum(len(values or ()) for values in lists)


def _criteria(given: RunFilter) -> Iterator[Criterion]:
    yield from _choices(FIELD, given)
    if given.ids is not None:
        yield Choice("id", distinct(given.ids))
    if given.started_at is not None:
        yield from _started(given.started_at)
    if given.completed_at is not None:
        yield from _completed(given.completed_at)
    if given.duration_seconds is not None:
        yield from _lasted(given.duration_seconds)
    if given.search:
        needle = search_needle(check_text(f"{FIELD}.search", given.search, MAX_SEARCH))
        yield Substring("search_text", needle)
    for index, entry in enumerate(given.exclude or ()):
        yield _exclusion(f"{FIELD}.exclude.{index}", entry)


def _choices(field: str, entry: RunFilter | RunExclusion) -> Iterator[Criterion]:
    """What a filter and an exclusion have in common."""
    if entry.statuses is not None:
        yield Choice("status", distinct(entry.statuses))
    if entry.agent_names is not None:
        yield NameChoice(AGENT, _texts(f"{field}.agentNames", entry.agent_names))
    if entry.cluster_names is not None:
        yield NameChoice(CLUSTER, _texts(f"{field}.clusterNames", entry.cluster_names))
    if entry.trigger_sources is not None:
        yield Choice("trigger_source", distinct(entry.trigger_sources))
    if entry.triggered_by is not None:
        yield Choice("trigger_name", _texts(f"{field}.triggeredBy", entry.triggered_by))
    if entry.labels is not None:
        yield _labels(f"{field}.labels", entry.labels)


def _texts(field: str, values: tuple[str, ...]) -> tuple[str, ...]:
    return distinct([check_text(field, value) for value in values])


def _labels(field: str, labels: tuple[Label, ...]) -> Criterion:
    """Values of one name are alternatives; different names must all be there."""
    if not labels:
        return NOTHING
    by_name: dict[str, list[Criterion]] = {}
    for name, value in labels:
        check_text(field, name)
        check_text(field, value, MAX_LABEL_VALUE)
        by_name.setdefault(name, []).append(Substring("labels", encode_label(name, value)))
    return AllOf(tuple(AnyOf(tuple(values)) for values in by_name.values()))


def _started(span: InstantRange) -> Iterator[Criterion]:
    check_span(f"{FIELD}.startedAt", span.start, span.until)
    if span.start is not None or span.until is not None:
        yield Within("started_at", span.start, span.until)
    if span.start is not None:
        yield Within("completed_at", span.start, None)  # follows, as in _completed


def _completed(span: InstantRange) -> Iterator[Criterion]:
    """Of ended runs only: the others' FOREVER lies in no range."""
    check_span(f"{FIELD}.completedAt", span.start, span.until)
    if span.start is not None or span.until is not None:
        yield Within("completed_at", span.start, span.until or FOREVER)
    if span.until is not None:
        # Follows, since no run ends before it begins. It tells the index of the other column,
        # which the list may be ordered by, where to begin.
        yield Within("started_at", None, span.until)


def _lasted(span: NumberRange) -> Iterator[Criterion]:
    """Of ended runs only: the others' ENDLESS lies in no range."""
    check_numbers(f"{FIELD}.durationSeconds", span.start, span.until)
    if span.start is not None or span.until is not None:
        start = None if span.start is None else first_micros(span.start)
        until = ENDLESS if span.until is None else first_micros(span.until)
        yield Within("duration", start, until)


def _exclusion(field: str, entry: RunExclusion) -> Criterion:
    parts = tuple(_choices(field, entry))
    if not parts:
        raise BadInput(field, "an entry that says what to leave out", Phrase("an empty one"))
    return Not(AllOf(parts))
