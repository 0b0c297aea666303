"""From the options of `list` to the API's RunFilter and RunOrder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from server.cli.choices import OrderField
from server.cli.client import Json, without_none
from server.cli.times import instant_of
from server.cli.told_values import labels_of

_ORDER_FIELDS = {
    OrderField.STARTED: "STARTED_AT",
    OrderField.COMPLETED: "COMPLETED_AT",
    OrderField.DURATION: "DURATION",
}


def order_of(field: OrderField, *, ascending: bool) -> Json:
    """The RunOrder: newest, or longest, first unless `ascending`."""
    return {"field": _ORDER_FIELDS[field], "direction": "ASC" if ascending else "DESC"}


def started_range(since: str | None, until: str | None, now: datetime) -> Json | None:
    """The DateTimeRange of `--since` and `--until`, None where neither is given."""
    bounds = without_none(
        **{
            "from": instant_of(since, now) if since else None,
            "until": instant_of(until, now) if until else None,
        }
    )
    return bounds or None


def named(
    *,
    statuses: Sequence[str] | None,
    agents: Sequence[str] | None,
    clusters: Sequence[str] | None,
    sources: Sequence[str] | None,
    by: Sequence[str] | None,
    labels: Sequence[str] | None,
    label_option: str = "--label",
) -> Json:
    """What a RunFilter and a RunExclusion have in common; an option that is not given is absent."""
    return without_none(
        statuses=statuses or None,
        agentNames=agents or None,
        clusterNames=clusters or None,
        triggerSources=sources or None,
        triggeredBy=by or None,
        labels=labels_of(labels, label_option) if labels else None,
    )


def each_alone(fields: Json) -> list[Json]:
    """RunExclusions of which each has one field: a run that one of them matches is left out.

    So `--exclude-source SCHEDULE --exclude-agent noisy` hides all scheduled runs, and all of noisy.
    Of labels, each is an exclusion of its own.
    """
    return list(_exclusions(fields))


def _exclusions(fields: Json) -> Iterable[Json]:
    for name, values in fields.items():
        if name == "labels":
            yield from ({name: [label]} for label in values)
        else:
            yield {name: values}
