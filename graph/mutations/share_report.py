"""shareReport, revokeReportShare."""

from __future__ import annotations

from typing import Self

import strawberry

import models
from graph.context import Info
from graph.fields import mutation
from graph.inputs.given import given
from graph.inputs.share_report import RevokeReportShareInput, ShareReportInput
from graph.mutations.outcome import outcome_of, user_errors
from graph.types.report_share import ReportShare
from graph.types.user_error import UserError
from resolvers import share_report as resolver
from resolvers.errors import Refused
from resolvers.share_report import SharedLink


@strawberry.type
class ShareReportPayload:
    share: ReportShare | None
    url: str | None = strawberry.field(
        description="The link. It is shown this once; only its hash is kept."
    )
    user_errors: list[UserError]

    @classmethod
    def of(cls, outcome: SharedLink | Refused) -> Self:
        if isinstance(outcome, Refused):
            return cls(share=None, url=None, user_errors=user_errors([outcome.error]))
        return cls(share=ReportShare.of(outcome.share), url=outcome.url, user_errors=[])


@strawberry.type
class RevokeReportSharePayload:
    share: ReportShare | None
    user_errors: list[UserError]

    @classmethod
    def of(cls, outcome: models.ReportShare | Refused) -> Self:
        if isinstance(outcome, Refused):
            return cls(share=None, user_errors=user_errors([outcome.error]))
        return cls(share=ReportShare.of(outcome), user_errors=[])


@mutation(
    "Make a link that shows a report to whoever holds it, without login.",
)
async def share_report(info: Info, input: ShareReportInput) -> ShareReportPayload:
    context = info.context
    call = resolver.share_report(
        context.service,
        context.viewer,
        input.report_id,
        input.expires_at,
        given(input.never_expires, False),
    )
    return ShareReportPayload.of(await outcome_of(call))


@mutation(
    "Make a link worthless. Revoked twice, the first time stays.",
)
async def revoke_report_share(
    info: Info, input: RevokeReportShareInput
) -> RevokeReportSharePayload:
    context = info.context
    call = resolver.revoke_report_share(context.service, context.viewer, input.share_id)
    return RevokeReportSharePayload.of(await outcome_of(call))
