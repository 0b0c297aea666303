"""What is pushed.

`live/` makes the batches; here they get their types. Nothing holds a transaction across a yield,
and each event has loaders of its own: what an earlier one read is out of date.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry

from graph.context import Info
from graph.fields import subscription
from graph.ids import parse_key
from graph.inputs.log_filter import LogFilter, plain_log_filter
from graph.inputs.run_filter import RunFilter, plain_filter
from graph.types.log_batch import LogBatch
from graph.types.run_update import RunUpdate
from graph.types.transition_batch import TransitionBatch
from models.ids import Kind
from resolvers.follow import follow_log_lines, follow_run_updates, follow_step_transitions

LogsAfter = Annotated[
    str | None,
    strawberry.argument(
        description="A cursor of this run's log: everything behind it. Absent: from the beginning."
    ),
]
EventsAfter = Annotated[
    str | None,
    strawberry.argument(
        description="`Run.eventCursor`, or that of a batch. Absent: from the beginning."
    ),
]


@strawberry.type(
    description=(
        "What is pushed. `logLines` and `stepTransitions` send everything behind the cursor, "
        "stored or still to come. A last batch, even an empty one, carries `end`; then comes "
        "`complete`. `complete` without `end` is a defect, and a lost socket is never an end: come "
        "back with the last cursor. An unknown run or a bad cursor is an error."
    )
)
class Subscription:
    @subscription(
        "The log of a run as it is written: each line once, in order.",
    )
    async def log_lines(
        self,
        info: Info,
        run_id: strawberry.ID,
        after: LogsAfter = None,
        filter: LogFilter | None = None,
    ) -> AsyncGenerator[LogBatch, None]:
        context = info.context
        run_key = parse_key(Kind.RUN, run_id, "runId")
        following = follow_log_lines(
            context.service,
            context.scope,
            run_id,
            after,
            plain_log_filter(filter),
            context.stretch,
        )
        async with aclosing(following) as batches:
            async for batch in batches:
                context.renew_loaders()
                yield LogBatch.of(run_key, batch)

    @subscription(
        "The steps of a run as their statuses change: each transition once, in order.",
    )
    async def step_transitions(
        self, info: Info, run_id: strawberry.ID, after: EventsAfter = None
    ) -> AsyncGenerator[TransitionBatch, None]:
        context = info.context
        following = follow_step_transitions(
            context.service, context.scope, run_id, after, context.stretch
        )
        async with aclosing(following) as batches:
            async for batch in batches:
                context.renew_loaders()
                yield TransitionBatch.of(batch)

    @subscription(
        "The list of runs, live. The first message is RESET; then comes what enters, changes in or "
        "leaves the filter, coalesced per run, at most one a second each. New log lines and signs "
        "of life are no change. RESET again where the server had to drop something.",
    )
    async def run_updates(
        self, info: Info, filter: RunFilter | None = None
    ) -> AsyncGenerator[RunUpdate, None]:
        context = info.context
        following = follow_run_updates(
            context.service, context.scope, plain_filter(filter), context.stretch
        )
        async with aclosing(following) as updates:
            async for update in updates:
                context.renew_loaders()
                yield RunUpdate.of(update)
