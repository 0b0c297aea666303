"""Names of agents and clusters, and the ids that runs hold in their place.

A name once given stays: agents and clusters are neither renamed nor deleted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from models.agent import Agent, Cluster

#: The columns of Run that hold ids of named things.
AGENT = "agent_id"
CLUSTER = "cluster_id"


async def ids_of_names(names: Mapping[str, Collection[str]]) -> dict[str, dict[str, UUID]]:
    """By column of Run, the ids of those names that there are: a statement for each kind asked."""
    return {
        AGENT: await _ids(Agent, names[AGENT]),
        CLUSTER: await _ids(Cluster, names[CLUSTER]),
    }


async def _ids(model: type[Agent] | type[Cluster], names: Collection[str]) -> dict[str, UUID]:
    if not names:
        return {}
    pairs = await model.filter(name__in=names).values_list("name", "id")
    return dict(pairs)


#: Names that a NameCache holds: more agents or clusters than change at the same time.
MAX_CACHED = 1_000


class NameCache:
    """Names by id, each read once while there is room: what was read first makes room."""

    def __init__(self, model: type[Agent] | type[Cluster]) -> None:
        self._model = model
        self._names: dict[UUID, str] = {}

    async def find(self, key: UUID) -> str:
        """The name of an agent or a cluster that a run holds the id of."""
        name = self._names.get(key)
        if name is None:
            name = (await self._model.get(id=key)).name
            if len(self._names) >= MAX_CACHED:
                del self._names[next(iter(self._names))]
            self._names[key] = name
        return name
