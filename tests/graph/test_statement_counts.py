"""A page of 50 runs costs as many statements as one of 5."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from tortoise.connection import get_connection

from tests.graph.support import Api, complete, fail, start, told

PAGE = """query ($first: Int!) { runs(first: $first) { totalCount nodes {
    id status url inputs labels { name value }
    agent { name latestRun { id } } cluster { name latestRun { id } } trigger { name }
    steps { key parent { key } run { id } } stepCounts { status count } currentStep { key }
    attempts { number } error { message step { key } }
    report { title html run { id } shares { id report { id } } }
} } }"""


@contextmanager
def statements(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The statements that reach the database within the block."""
    seen: list[str] = []
    client = get_connection("default")
    for name in ("execute_query", "execute_query_dict", "execute_insert", "execute_many"):
        original = getattr(client, name)

        async def counted(query: str, *args: Any, _call: Any = original) -> Any:
            seen.append(query)
            return await _call(query, *args)

        monkeypatch.setattr(client, name, counted)
    yield seen
    monkeypatch.undo()


async def make_runs(api: Api, count: int) -> None:
    for number in range(count):
        steps = [{"key": "a"}, {"key": "b", "parentKey": "a"}]
        agent = {"name": f"agent {number}", "kind": "WORKFLOW"}
        run_id = await start(api, agent=agent, cluster=f"cluster {number}", steps=steps)
        running = [{"key": "b", "status": "RUNNING"}]
        await told(api, "updateSteps", "steps { id }", runId=run_id, steps=running)
        if number % 3 == 1:
            await complete(api, run_id)
        elif number % 3 == 2:
            await fail(api, run_id, stepKey="b")


async def test_page_of_50_runs_costs_as_many_statements_as_one_of_5(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make_runs(api, 50)
    costs = []
    for first in (5, 50):
        with statements(monkeypatch) as seen:
            page = await api.data(PAGE, first=first)
        assert len(page["runs"]["nodes"]) == first
        costs.append(len(seen))
    assert costs[0] == costs[1]
    assert costs[0] <= 20


async def test_total_is_counted_only_when_asked_for(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    with statements(monkeypatch) as seen:
        await api.data("{ runs { nodes { id } pageInfo { hasNextPage } } }")
    assert len(seen) == 1
    with statements(monkeypatch) as seen:
        await api.data("{ runs { totalCount } }")
    assert len(seen) == 2


async def test_stats_find_both_percentiles_at_once(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    costs = []
    for fields in ("durationP50Seconds", "durationP50Seconds durationP95Seconds"):
        with statements(monkeypatch) as seen:
            await api.data(f"{{ runStats {{ {fields} }} }}")
        costs.append(len(seen))
    assert costs[0] == costs[1]
