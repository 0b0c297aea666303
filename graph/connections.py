"""Relay connections over keyset pages: cursors name rows, so no page costs more than the first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Generic, Self, TypeVar

import strawberry

from graph.fields import computed
from graph.types.page_info import PageInfo
from resolvers.pages import Page

NodeT = TypeVar("NodeT")
Row = TypeVar("Row")

#: Counts what a connection pages through. Called when a client asks for `totalCount`, not before.
Count = Callable[[], Awaitable[int]]


@strawberry.type(description="One row of a page, with its place in the list.")
class Edge(Generic[NodeT]):
    cursor: str = strawberry.field(description="Opaque; goes into `after` or `before`.")
    node: NodeT


@strawberry.type(description="One page of a list.")
class Connection(Generic[NodeT]):
    edges: list[Edge[NodeT]]
    page_info: PageInfo
    count: strawberry.Private[Count]

    @classmethod
    def of(cls, page: Page[Row], node: Callable[[Row], NodeT], count: Count) -> Self:
        """The page as clients see it."""
        rows = zip(page.cursors, page.items, strict=True)
        edges = [Edge(cursor=cursor, node=node(row)) for cursor, row in rows]
        return cls(edges=edges, page_info=PageInfo.of(page), count=count)

    @computed("The rows of `edges`, without their cursors.")
    def nodes(self) -> list[NodeT]:
        return [edge.node for edge in self.edges]

    @computed("Rows in the whole list, over all pages; counted only when asked for.")
    async def total_count(self) -> int | None:
        return await self.count()
