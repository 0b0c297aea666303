"""Checks of a filter of log lines. They raise BadInput, which names the field."""

from __future__ import annotations

from dataclasses import dataclass

from live.log_filter import LogFilter
from resolvers.errors import BadInput
from resolvers.filter_checks import MAX_VALUES, check_count, check_span, check_text

#: Characters of `contains`, case folded: a long line of a stack trace.
MAX_CONTAINS = 1_000


@dataclass(frozen=True, slots=True)
class LogFilterNames:
    """How a client calls the fields of a filter; in GraphQL unless told."""

    step_keys: str = "filter.stepKeys"
    attempts: str = "filter.attempts"
    contains: str = "filter.contains"
    at: str = "filter.at"
    from_sequence: str = "filter.fromSequence"


IN_GRAPHQL = LogFilterNames()


def check_log_filter(log_filter: LogFilter | None, names: LogFilterNames = IN_GRAPHQL) -> None:
    """Raise BadInput for a filter that cannot be."""
    if log_filter is None:
        return
    if log_filter.contains is not None:
        check_text(names.contains, log_filter.contains, MAX_CONTAINS)
    for step_key in log_filter.step_keys or ():
        check_text(names.step_keys, step_key)
    check_count(names.step_keys, len(log_filter.step_keys or ()), MAX_VALUES)
    check_count(names.attempts, len(log_filter.attempts or ()), MAX_VALUES)
    check_span(names.at, log_filter.at_from, log_filter.at_until)
    if log_filter.from_sequence is not None and log_filter.from_sequence < 1:
        raise BadInput(names.from_sequence, "a number from 1", log_filter.from_sequence)
