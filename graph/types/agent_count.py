from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from graph.types.agent import Agent


@strawberry.type(description="How many runs an agent has.")
class AgentCount:
    agent: Annotated[Agent, strawberry.lazy("graph.types.agent")]
    count: int
