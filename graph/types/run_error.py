from __future__ import annotations

from typing import Self

import strawberry

import models
from graph.context import Info
from graph.enums import RunErrorCode, RunStatus
from graph.fields import computed
from graph.types.step import Step


@strawberry.type(description="Why a run failed, and where.")
class RunError:
    run: strawberry.Private[models.Run]
    code: RunErrorCode
    message: str
    details: str | None = strawberry.field(
        description="What stands below the message, such as a stack trace or the last lines."
    )

    @classmethod
    def of(cls, run: models.Run) -> Self | None:
        """None unless the run failed."""
        if run.status is not RunStatus.FAILED:
            return None
        return cls(
            run=run,
            code=run.error_code or RunErrorCode.AGENT_ERROR,
            message=run.error_message or "",
            details=run.error_details,
        )

    @computed("The step in which it failed, where the agent named one.")
    async def step(self, info: Info) -> Step | None:
        if self.run.error_step_id is None:
            return None
        return Step.maybe_of(await info.context.loaders.step.load(self.run.error_step_id))
