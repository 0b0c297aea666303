from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

import models
from graph.context import Info
from graph.enums import describe
from graph.fields import computed
from graph.ids import client_id
from graph.present import present
from graph.types.node import Node
from models.ids import Kind

if TYPE_CHECKING:
    from graph.types.report import Report


class ShareStatus(StrEnum):
    ACTIVE = "ACTIVE"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"


describe(ShareStatus, "Whether a link still opens its report.")


@strawberry.type(
    description=(
        "A link that shows a report to whoever holds it, without login. Only its hash is kept."
    )
)
class ReportShare(Node):
    row: strawberry.Private[models.ReportShare]
    created_by: str
    created_at: datetime
    expires_at: datetime | None = strawberry.field(description="Null: never.")
    revoked_at: datetime | None
    last_used_at: datetime | None = strawberry.field(description="To the minute.")

    @classmethod
    def of(cls, row: models.ReportShare) -> Self:
        return cls(
            row=row,
            id=client_id(Kind.SHARE, row.id),
            created_by=row.created_by,
            created_at=row.created_at,
            expires_at=row.expires_at,
            revoked_at=row.revoked_at,
            last_used_at=row.last_used_at,
        )

    @computed()
    def status(self, info: Info) -> ShareStatus:
        if self.row.revoked_at is not None:
            return ShareStatus.REVOKED
        now = info.context.service.clock()
        expired = self.row.expires_at is not None and self.row.expires_at <= now
        return ShareStatus.EXPIRED if expired else ShareStatus.ACTIVE

    @computed("The report that it shows.")
    async def report(self, info: Info) -> Annotated[Report, strawberry.lazy("graph.types.report")]:
        from graph.types.report import Report

        row = await info.context.loaders.report.load(self.row.report_id)
        return Report.of(present(row, "report"))
