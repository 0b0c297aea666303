"""A page of 50 runs costs as many statements as one of 5."""

from __future__ import annotations

from tests.graph.support import Api, complete, fail, start, told
from tests.support.statements import recorded

PAGE = """query ($first: Int!) { runs(first: $first) { totalCount nodes {
    id status url inputs labels { name value }
    agent { name latestRun { id } } cluster { name latestRun { id } } trigger { name }
    steps { key parent { key } run { id } } stepCounts { status count } currentStep { key }
    attempts { number } error { message step { key } }
    report { title html run { id } shares { id report { id } } }
} } }"""


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


async def test_page_of_50_runs_costs_as_many_statements_as_one_of_5(api: Api) -> None:
    await make_runs(api, 50)
    costs = []
    for first in (5, 50):
        with recorded() as seen:
            page = await api.data(PAGE, first=first)
        assert len(page["runs"]["nodes"]) == first
        costs.append(len(seen))
    assert costs[0] == costs[1]
    assert costs[0] <= 20


async def test_total_is_counted_only_when_asked_for(api: Api) -> None:
    with recorded() as seen:
        await api.data("{ runs { nodes { id } pageInfo { hasNextPage } } }")
    assert len(seen) == 1
    with recorded() as seen:
        await api.data("{ runs { totalCount } }")
    assert len(seen) == 2


async def test_stats_find_both_percentiles_at_once(api: Api) -> None:
    costs = []
    for fields in ("durationP50Seconds", "durationP50Seconds durationP95Seconds"):
        with recorded() as seen:
            await api.data(f"{{ runStats {{ {fields} }} }}")
        costs.append(len(seen))
    assert costs[0] == costs[1]
