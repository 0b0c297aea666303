"""appendLogs."""

from __future__ import annotations

from typing import Self

import strawberry

from graph.context import Info
from graph.fields import mutation
from graph.inputs.append_logs import AppendLogsInput
from graph.mutations.outcome import outcome_of, user_errors
from graph.types.run import Run
from graph.types.user_error import UserError
from resolvers import append_logs as resolver
from resolvers.append_logs import AppendedLogs
from resolvers.cursors import log_cursor
from resolvers.errors import Refused


@strawberry.type
class AppendLogsPayload:
    next_offset: int | None = strawberry.field(
        description=(
            "The offset of the source's next line; also beside OFFSET_GAP and OFFSET_CONFLICT: "
            "the one that is expected."
        )
    )
    end_cursor: str | None = strawberry.field(
        description="Of the log's last line: to read or follow what comes behind."
    )
    run: Run | None
    user_errors: list[UserError]

    @classmethod
    def of(cls, outcome: AppendedLogs | Refused) -> Self:
        if isinstance(outcome, Refused):
            return cls(
                next_offset=outcome.next_offset,
                end_cursor=None,
                run=Run.maybe_of(outcome.run),
                user_errors=user_errors([outcome.error]),
            )
        return cls(
            next_offset=outcome.next_offset,
            end_cursor=log_cursor(outcome.run.id, outcome.end_sequence),
            run=Run.of(outcome.run),
            user_errors=[],
        )


@mutation(
    (
        "Store lines, exactly once by (run, attempt, source, offset): what is stored already is "
        "skipped and acknowledged, other text at a known offset and gaps are refused."
    ),
)
async def append_logs(info: Info, input: AppendLogsInput) -> AppendLogsPayload:
    context = info.context
    call = resolver.append_logs(context.service, context.viewer, input.plain())
    return AppendLogsPayload.of(await outcome_of(call))
