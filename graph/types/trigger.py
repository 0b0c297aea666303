from __future__ import annotations

from typing import Self

import strawberry

import models
from graph.enums import TriggerSource


@strawberry.type(description="Who or what began a run.")
class Trigger:
    source: TriggerSource
    name: str = strawberry.field(
        description="Of the user, the schedule, the Copilot session, the webhook or the event."
    )
    url: str | None = strawberry.field(description="Where to read more about it.")
    external_id: str | None = strawberry.field(description="Its id in the system it comes from.")

    @classmethod
    def of(cls, run: models.Run) -> Self:
        return cls(
            source=run.trigger_source,
            name=run.trigger_name,
            url=run.trigger_url,
            external_id=run.trigger_external_id,
        )
