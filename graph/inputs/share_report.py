from __future__ import annotations

from datetime import datetime

import strawberry


@strawberry.input
class ShareReportInput:
    report_id: strawberry.ID
    expires_at: datetime | None = strawberry.field(
        default=None, description="When the link ends. Absent: in 30 days."
    )
    never_expires: bool | None = False


@strawberry.input
class RevokeReportShareInput:
    share_id: strawberry.ID
