"""SQL statements of a page, counted in this process."""

from __future__ import annotations

from benchmarks.figures import Base, Figure, Unit
from benchmarks.measures.listing import PAGE, SECTION
from benchmarks.size import PAGE_RUNS
from graph.context import Context
from graph.schema import schema
from live.hub import Hub
from models.database import database
from resolvers.service import Service
from resolvers.viewer import LOCAL_VIEWER
from tests.support.statements import recorded

SHORT_PAGE = 5


async def measure(url: str) -> list[Figure]:
    """Of the same query, for a short page and for a full one. No other process may have the URL."""
    async with database(url):
        short, full = [await _statements(first) for first in (SHORT_PAGE, PAGE_RUNS)]
    base = Base(f"page of {SHORT_PAGE}", [short])
    return [Figure(SECTION, f"page of {PAGE_RUNS}", Unit.STATEMENTS, [full], base)]


async def _statements(first: int) -> int:
    context = Context(Service(hub=Hub()), LOCAL_VIEWER)
    with recorded() as statements:
        result = await schema.execute(PAGE, {"first": first}, context_value=context)
    assert not result.errors, result.errors
    return len(statements)
