from __future__ import annotations

from datetime import datetime

import strawberry

from graph.enums import AgentKind, TriggerSource
from graph.inputs.given import given
from graph.inputs.label import LabelInput, plain_labels
from graph.json_text import JsonText
from resolvers.commands import NewStep, StartRun


@strawberry.input(description="The agent, by its name; made at its first mention.")
class AgentInput:
    name: str
    kind: AgentKind | None = strawberry.field(
        default=None, description="Absent: unchanged, and TASK for a new one."
    )
    description: str | None = strawberry.field(default=None, description="Absent: unchanged.")


@strawberry.input(description="Who or what began the run.")
class TriggerInput:
    source: TriggerSource
    name: str
    url: str | None = strawberry.field(default=None, description="http or https.")
    external_id: str | None = None


@strawberry.input(description="A step that is known beforehand; it is pending.")
class StepInput:
    key: str = strawberry.field(description="The workflow's own name for it.")
    name: str | None = strawberry.field(default=None, description="For people; absent: the key.")
    parent_key: str | None = strawberry.field(
        default=None, description="The step of this call that it is a part of."
    )

    def plain(self) -> NewStep:
        return NewStep(self.key, self.name, self.parent_key)


@strawberry.input
class StartRunInput:
    agent: AgentInput
    cluster: str = strawberry.field(description="By its name; made at its first mention.")
    trigger: TriggerInput
    inputs: JsonText | None = strawberry.field(default=None, description="Absent: `{}`.")
    labels: list[LabelInput] | None = None
    steps: list[StepInput] | None = strawberry.field(default=None, description="1000 at most.")
    started_at: datetime | None = strawberry.field(
        default=None, description="Absent: now. At most 5 minutes ahead."
    )
    idempotency_key: str | None = strawberry.field(
        default=None,
        description=(
            "Unique per agent and reporter: the same input with it again is the same run, another "
            "is CONFLICT."
        ),
    )

    def plain(self) -> StartRun:
        return StartRun(
            agent_name=self.agent.name,
            agent_kind=self.agent.kind,
            agent_description=self.agent.description,
            cluster=self.cluster,
            trigger_source=self.trigger.source,
            trigger_name=self.trigger.name,
            trigger_url=self.trigger.url,
            trigger_external_id=self.trigger.external_id,
            inputs=given(self.inputs, JsonText("{}")),
            labels=plain_labels(self.labels or ()),
            steps=tuple(step.plain() for step in self.steps or ()),
            started_at=self.started_at,
            idempotency_key=self.idempotency_key,
        )
