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
    run: Run | None = strawberry.field(description="As it is now; null with RESET and DELETED.")
    deleted_run_id: strawberry.ID | None = strawberry.field(description="With DELETED.")

    @classmethod
    def of(cls, update: follow_runs.RunUpdate) -> Self:
        kind, run = update.kind, update.run
        if run is None:
            return cls(kind=kind, run=None, deleted_run_id=None)
        if kind is RunUpdateKind.DELETED:
            return cls(kind=kind, run=None, deleted_run_id=client_id(Kind.RUN, run.id))
        return cls(kind=kind, run=Run.of(run), deleted_run_id=None)
