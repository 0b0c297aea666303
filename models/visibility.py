"""Which runs are there for readers: the one place that says so, and every read goes through it."""

from __future__ import annotations

from tortoise.queryset import QuerySet

from models.run import Run

#: The same as a condition on the table `run`, for the few statements that are written by hand.
IS_VISIBLE = "run.deleted_at IS NULL"


def visible_runs() -> QuerySet[Run]:
    """The runs that are not deleted."""
    return Run.filter(deleted_at__isnull=True)


def is_visible(run: Run) -> bool:
    """The same for a row that is at hand."""
    return run.deleted_at is None
