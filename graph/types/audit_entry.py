from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

import strawberry

import models
from graph.enums import AuditAction
from graph.fields import computed
from graph.ids import client_id
from graph.inputs.given import given
from graph.types.node import Node
from models.ids import Kind
from resolvers.audit import KINDS, targets_of
from resolvers.errors import BadInput

#: Ids in one answer, unless told, and at most.
TARGETS, MAX_TARGETS = 100, 1_000


@strawberry.type(description="A call that destroyed, ended, shared or granted something.")
class AuditEntry(Node):
    row: strawberry.Private[models.AuditEntry]
    at: datetime
    action: AuditAction
    by: str = strawberry.field(description="Who it was, as `Viewer.name`.")
    principal: str = strawberry.field(
        description="Who it was, the same over all of their tokens and logins."
    )
    via: str = strawberry.field(description="How they said who they are: by which token.")
    copilot_session: str | None = strawberry.field(
        description="The Copilot session in which they asked, as their client told it; nothing "
        "proves it. Null where it told none."
    )
    count: int = strawberry.field(description="How many things it was done to.")

    @classmethod
    def of(cls, row: models.AuditEntry) -> Self:
        return cls(
            row=row,
            id=client_id(Kind.AUDIT, row.id),
            at=row.at,
            action=row.action,
            by=row.by,
            principal=row.principal,
            via=row.via,
            copilot_session=row.copilot_session,
            count=row.count,
        )

    @computed("Ids of what it was done to, which may be gone: 100 unless told, 1000 at most.")
    def target_ids(
        self,
        first: Annotated[int | None, strawberry.argument(description="So many.")] = TARGETS,
        skip: Annotated[int | None, strawberry.argument(description="Behind so many.")] = 0,
    ) -> list[strawberry.ID]:
        count, start = given(first, TARGETS), given(skip, 0)
        if not 1 <= count <= MAX_TARGETS:
            raise BadInput("first", f"a number from 1 to {MAX_TARGETS}", count)
        if start < 0:
            raise BadInput("skip", "a number from 0", start)
        kind = KINDS[self.row.action]
        return [client_id(kind, key) for key in targets_of(self.row)[start : start + count]]
