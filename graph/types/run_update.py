from __future__ import annotations

from typing import Self

import strawberry

from graph.enums import RunUpdateKind
from graph.ids import client_id
from graph.types.run import Run
from live import follow_runs
from models.ids import Kind


@strawberry.type(description="One change of the list of runs.")
class RunUpdate:
    kind: RunUpdateKind
    run: Run | None = strawberry.field(
        description="As it is now; null with RESET and DELETED, and where it cannot be seen."
    )
    deleted_run_id: strawberry.ID | None = strawberry.field(description="With DELETED.")

    @classmethod
    def of(cls, update: follow_runs.RunUpdate) -> Self:
        deleted = update.kind is RunUpdateKind.DELETED and update.run_id is not None
        return cls(
            kind=update.kind,
            run=Run.maybe_of(update.run),
            deleted_run_id=client_id(Kind.RUN, update.run_id) if deleted else None,
        )
