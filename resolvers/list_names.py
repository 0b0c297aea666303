"""Lists of agents and clusters, by name."""

from __future__ import annotations

from typing import TypeVar

from tortoise.queryset import QuerySet

from models.agent import Agent, Cluster
from models.run import fold
from models.visibility import Scope
from resolvers.conditions import contains
from resolvers.filter_checks import check_text
from resolvers.in_scope import named_in
from resolvers.keyset import Keyset
from resolvers.pages import Page, PageRequest

N = TypeVar("N", Agent, Cluster)

_AGENTS = Keyset("agents", "name", kind=str)
_CLUSTERS = Keyset("clusters", "name", kind=str)


async def list_agents(scope: Scope, name_contains: str | None, request: PageRequest) -> Page[Agent]:
    """A page of the agents whose name contains the text, whatever the case. Raises BadInput."""
    return await _AGENTS.read(_named(scope, Agent, name_contains), request)


async def count_agents(scope: Scope, name_contains: str | None) -> int:
    """How many agents these are."""
    return await _named(scope, Agent, name_contains).count()


async def list_clusters(
    scope: Scope, name_contains: str | None, request: PageRequest
) -> Page[Cluster]:
    """A page of the clusters whose name contains the text, whatever the case. Raises BadInput."""
    return await _CLUSTERS.read(_named(scope, Cluster, name_contains), request)


async def count_clusters(scope: Scope, name_contains: str | None) -> int:
    """How many clusters these are."""
    return await _named(scope, Cluster, name_contains).count()


def _named(scope: Scope, model: type[N], name_contains: str | None) -> QuerySet[N]:
    seen = named_in(scope, model)
    if not name_contains:
        return seen
    return seen.filter(contains("folded_name", fold(check_text("nameContains", name_contains))))
