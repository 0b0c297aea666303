from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from graph.types.cluster import Cluster


@strawberry.type(description="How many runs a cluster has.")
class ClusterCount:
    cluster: Annotated[Cluster, strawberry.lazy("graph.types.cluster")]
    count: int
