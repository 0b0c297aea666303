"""What a page of 100,000 runs costs: each filter alone, in each order, from either end."""

import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from itertools import product
from typing import Any, Protocol

import asyncpg
import pytest

from models.database import DatabaseUrl, database
from models.instants import from_micros
from models.states import RunStatus, TriggerSource
from models.visibility import EVERYTHING
from resolvers.cursors import encode_cursor
from resolvers.list_runs import MAX_BRANCHES, list_runs
from resolvers.pages import PageRequest
from resolvers.run_filter import InstantRange, NumberRange, RunExclusion, RunFilter
from resolvers.run_order import OrderDirection, RunOrder, RunOrderField
from tests.support.many_runs import (
    AGENTS,
    COUNT,
    MEDIAN_US,
    RARE_AGENT,
    RARE_CLUSTER,
    RARE_SOURCE,
    RARE_STATUS,
    RARE_USER,
    fill,
    run_id,
    started,
)
from tests.support.statements import Statement, recorded

MIDDLE = COUNT // 2 + 5
DAY_US = 86_400_000_000
DAY = InstantRange(from_micros(started(MIDDLE)), from_micros(started(MIDDLE) + DAY_US))

#: A page that is read off its index visits some rows for each of its 20 and of its values; one that
#: is not visits 50,000 (see many_runs.RARE). PostgreSQL tells of rows.
MAX_ROWS = 1_500
#: SQLite does not, but counts the steps of its virtual machine: about 5 for a row passed over, 50
#: for one that is sorted.
MAX_STEPS = 60_000
#: Steps between two counts.
STEPS = 100

#: Read off an index, whatever the order and from wherever.
BOUNDED = {
    "no filter": RunFilter(),
    "ids": RunFilter(ids=tuple(run_id(index) for index in range(MIDDLE, MIDDLE + 1_000))),
    "a status": RunFilter(statuses=(RARE_STATUS,)),
    "statuses": RunFilter(statuses=(RARE_STATUS, RunStatus.RUNNING, RunStatus.FAILED)),
    "all statuses": RunFilter(statuses=tuple(RunStatus)),
    "an agent": RunFilter(agent_names=(RARE_AGENT,)),
    "agents": RunFilter(agent_names=(RARE_AGENT, *AGENTS[: MAX_BRANCHES - 1])),
    "an unknown agent": RunFilter(agent_names=("nobody",)),
    "a cluster": RunFilter(cluster_names=(RARE_CLUSTER,)),
    "clusters": RunFilter(cluster_names=(RARE_CLUSTER, "cluster-1", "unknown")),
    "a trigger's name": RunFilter(triggered_by=(RARE_USER,)),
    "triggers' names": RunFilter(triggered_by=(RARE_USER, "user-8")),
    "a source": RunFilter(trigger_sources=(RARE_SOURCE,)),
    "sources": RunFilter(trigger_sources=(RARE_SOURCE, TriggerSource.MANUAL)),
    "a day": RunFilter(started_at=DAY),
    "a day of ends": RunFilter(completed_at=DAY),
    "a narrow range of durations": RunFilter(duration_seconds=NumberRange(599.99, 600.01)),
    "an agent, statuses and a day": RunFilter(
        agent_names=("agent-1",), statuses=(RunStatus.FAILED, RunStatus.RUNNING), started_at=DAY
    ),
}
#: As much for their first page in the order that lists have unless told.
BOUNDED_AT_FIRST = {
    "what began early": RunFilter(started_at=InstantRange(None, DAY.start)),
    "what ended early": RunFilter(completed_at=InstantRange(None, DAY.start)),
    "all but the usual": RunFilter(exclude=(RunExclusion(statuses=(RunStatus.COMPLETED,)),)),
}
#: An index at any rate, though perhaps much of it: list_runs says when.
INDEXED = {
    "a wide range of durations": RunFilter(duration_seconds=NumberRange(10, 600)),
    "more agents than are read apart": RunFilter(agent_names=tuple(AGENTS[: MAX_BRANCHES + 1])),
    "a search": RunFilter(search="user-rare"),
    "a label": RunFilter(labels=(("team", "team-3"),)),
}

ORDERS = [RunOrder(*pair) for pair in product(RunOrderField, OrderDirection)]


class Planner(Protocol):
    """Tells how the database goes about a statement."""

    async def reads_a_table(self, statement: Statement) -> bool:
        """Whether a table is read from end to end without an index."""

    async def cost(self, statement: Statement) -> float:
        """What part of the allowed it takes."""


class Sqlite:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def reads_a_table(self, statement: Statement) -> bool:
        explain = f"EXPLAIN QUERY PLAN {statement.sql}"
        details = [row[3] for row in self._connection.execute(explain, statement.values)]
        return any(detail.startswith("SCAN run") and "INDEX" not in detail for detail in details)

    async def cost(self, statement: Statement) -> float:
        steps = 0

        def count() -> None:
            nonlocal steps
            steps += STEPS

        self._connection.set_progress_handler(count, STEPS)
        self._connection.execute(*statement).fetchall()
        self._connection.set_progress_handler(None, 0)
        return steps / MAX_STEPS


class Postgres:
    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def reads_a_table(self, statement: Statement) -> bool:
        return any(node["Node Type"] == "Seq Scan" for node in await self._nodes(statement))

    async def cost(self, statement: Statement) -> float:
        return max(map(_rows, await self._nodes(statement, "ANALYZE, TIMING OFF, "))) / MAX_ROWS

    async def _nodes(self, statement: Statement, how: str = "") -> list[dict[str, Any]]:
        explain = f"EXPLAIN ({how}FORMAT JSON) {statement.sql}"
        answer = await self._connection.fetchval(explain, *statement.values)
        return list(_nodes(json.loads(answer)[0]["Plan"]))


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)


def _rows(node: dict[str, Any]) -> float:
    """Rows that a node of a plan looked at."""
    removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return float((node["Actual Rows"] + removed) * node["Actual Loops"])


@asynccontextmanager
async def planner(url: str) -> AsyncIterator[Planner]:
    """Beside the service's own connection, to the same database."""
    file = DatabaseUrl.parse(url).file
    if file is not None:
        with closing(sqlite3.connect(file)) as connection:
            yield Sqlite(connection)
    else:
        connection = await asyncpg.connect(url)
        try:
            yield Postgres(connection)
        finally:
            await connection.close()


def pages(order: RunOrder) -> Iterator[tuple[str, PageRequest]]:
    """A page from either end, and from a cursor in the middle towards either."""
    values = {
        RunOrderField.STARTED_AT: started(MIDDLE),
        RunOrderField.COMPLETED_AT: started(MIDDLE) + MEDIAN_US,
        RunOrderField.DURATION: MEDIAN_US,
    }
    middle = encode_cursor(order.keyset().list_name, values[order.field], str(run_id(MIDDLE)))
    yield "first", PageRequest(20)
    yield "last", PageRequest(20, backwards=True)
    yield "after the middle", PageRequest(20, after=middle)
    yield "before the middle", PageRequest(20, before=middle, backwards=True)


def cases() -> Iterator[tuple[str, RunFilter, RunOrder, PageRequest, bool]]:
    """What is asked for, in words and as it is, and whether its cost is bounded."""
    for (name, run_filter), order in product(BOUNDED.items(), ORDERS):
        for place, request in pages(order):
            yield (
                f"{name}, {order.field} {order.direction}, {place}",
                run_filter,
                order,
                request,
                True,
            )
    for name, run_filter in BOUNDED_AT_FIRST.items():
        yield f"{name}, first", run_filter, RunOrder(), PageRequest(20), True
    for (name, run_filter), order in product((BOUNDED_AT_FIRST | INDEXED).items(), ORDERS):
        yield f"{name}, {order.field} {order.direction}", run_filter, order, PageRequest(20), False


async def offences(url: str) -> AsyncIterator[str]:
    """Every page that costs more than it may."""
    async with database(url), planner(url) as plans:
        for what, run_filter, order, request, is_bounded in cases():
            with recorded() as statements:
                await list_runs(EVERYTHING, run_filter, order, request)
            if await plans.reads_a_table(statements[-1]):
                yield f"{what}: a table is read without an index"
            if is_bounded and (part := await plans.cost(statements[-1])) > 1:
                yield f"{what}: {part:.1f} times what it may cost"


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_no_filter_in_any_order_reads_more_of_100_000_runs_than_its_page(
    request: pytest.FixtureRequest, kind: str
) -> None:
    url: str = request.getfixturevalue(f"{kind}_url")
    await fill(url)
    found = [offence async for offence in offences(url)]
    assert found == []
