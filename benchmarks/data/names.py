"""Agents, clusters and triggers, and how often each occurs: some everywhere, some hardly ever."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from random import Random
from uuid import UUID

from models.ids import new_id
from models.states import AgentKind, TriggerSource

AGENTS = 40
CLUSTERS = 12

_VERBS = ("nightly", "triage", "deploy", "review", "index", "backup", "sync", "report")
_NOUNS = ("etl", "tickets", "web", "pulls", "docs")

#: Of 100 runs, how many each source triggers, and how many names it has.
_SOURCES = {
    TriggerSource.SCHEDULE: (45, 60),
    TriggerSource.EVENT: (20, 30),
    TriggerSource.WEBHOOK: (15, 20),
    TriggerSource.MANUAL: (12, 200),
    TriggerSource.COPILOT: (8, 100),
}


@dataclass(frozen=True, slots=True)
class Named:
    """An agent or a cluster."""

    id: UUID
    name: str
    #: Of agents only: workflows have steps.
    kind: AgentKind = AgentKind.TASK


def agents() -> list[Named]:
    """Every second one is a workflow."""
    names = [f"{verb}-{noun}" for noun in _NOUNS for verb in _VERBS][:AGENTS]
    kinds = (AgentKind.WORKFLOW, AgentKind.TASK)
    return [Named(new_id(), name, kinds[index % 2]) for index, name in enumerate(names)]


def clusters() -> list[Named]:
    """Such as `eu-3`."""
    return [
        Named(new_id(), f"{('eu', 'us', 'ap')[index % 3]}-{index // 3 + 1}")
        for index in range(CLUSTERS)
    ]


class Draw:
    """Draws from a list by Zipf's law: the second occurs half as often as the first, and so on."""

    def __init__(self, random: Random, choices: list[Named]) -> None:
        self._random, self._choices = random, choices
        self._weights = list(accumulate(1 / rank for rank in range(1, len(choices) + 1)))

    def __call__(self) -> Named:
        return self._random.choices(self._choices, cum_weights=self._weights)[0]


def draw_trigger(random: Random) -> tuple[TriggerSource, str]:
    """A source and the name of who or what it was."""
    sources = list(_SOURCES)
    [source] = random.choices(sources, weights=[_SOURCES[one][0] for one in sources])
    return source, f"{source.lower()}-{random.randrange(_SOURCES[source][1])}"
