"""Whoever may see some clusters or agents sees, counts, follows and searches nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from models.agent import Agent
from models.ids import Kind, global_id
from models.report import Report
from models.run import Run
from models.step import Step
from models.visibility import Scope
from resolvers.delete_runs import delete_runs, restore_runs
from resolvers.service import Service
from resolvers.share_report import share_report
from resolvers.viewer import LOCAL_VIEWER, Role
from tests.graph.logins import ask, client_of, codes, token_of
from tests.graph.support import app_of
from tests.support.reporting import append, begin, complete, run_id, steps

SCOPES = {
    "by cluster": Scope(None, frozenset({"mine"})),
    "by agent": Scope(frozenset({"mine"}), None),
    "by both": Scope(frozenset({"mine"}), frozenset({"mine"})),
}


@dataclass(frozen=True)
class Things:
    """A run and all that hangs on it, by what a client calls it."""

    run: str
    step: str
    report: str
    share: str
    agent: str
    cluster: str
    deletion: str

    @property
    def nodes(self) -> list[str]:
        return [self.run, self.step, self.report, self.share, self.agent, self.cluster]


async def things(service: Service, name: str) -> Things:
    """Of an agent and on a cluster of this name."""
    run = await begin(service, agent_name=name, cluster=name, steps=("a",), trigger_name=name)
    await append(service, run, 0, f"a line of {name}")
    await steps(service, run, a="COMPLETED")
    await complete(service, run)
    [report, step] = [await Report.get(run_id=run.id), await Step.get(run_id=run.id)]
    report_id = global_id(Kind.REPORT, report.id)
    link = await share_report(service, LOCAL_VIEWER, report_id, None, False)
    gone = await begin(service, agent_name=name, cluster=name, steps=("a",))
    deleted = await delete_runs(service, LOCAL_VIEWER, [run_id(gone)], force=True)
    assert deleted.deletion is not None
    row = await Run.get(id=run.id)
    return Things(
        run=run_id(run),
        step=global_id(Kind.STEP, step.id),
        report=report_id,
        share=global_id(Kind.SHARE, link.share.id),
        agent=global_id(Kind.AGENT, row.agent_id),
        cluster=global_id(Kind.CLUSTER, row.cluster_id),
        deletion=global_id(Kind.DELETION, deleted.deletion.id),
    )


@dataclass(frozen=True)
class House:
    """A service with what is mine and what is foreign, and somebody who may see mine."""

    service: Service
    mine: Things
    foreign: Things
    http: httpx.AsyncClient

    async def ask(self, query: str, **variables: Any) -> Any:
        return await ask(self.http, query, **variables)

    async def data(self, query: str, **variables: Any) -> Any:
        answer = await self.ask(query, **variables)
        assert "errors" not in answer, answer
        return answer["data"]


@asynccontextmanager
async def house_of(service: Service, scope: Scope, role: Role) -> AsyncIterator[House]:
    mine, foreign = await things(service, "mine"), await things(service, "foreign")
    token = await token_of(service, role, scope=scope)
    async with client_of(app_of(service, requires_login=True), token) as http:
        yield House(service, mine, foreign, http)


@pytest.fixture(params=SCOPES.values(), ids=list(SCOPES))
async def house(request: pytest.FixtureRequest, service: Service) -> AsyncIterator[House]:
    async with house_of(service, request.param, Role.OPERATOR) as made:
        yield made


async def test_ids_of_what_is_foreign_are_of_nothing(house: House) -> None:
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    ids = [*house.mine.nodes, house.mine.deletion, *house.foreign.nodes, house.foreign.deletion]
    nodes = (await house.data(query, ids=ids))["nodes"]
    seen = [node and node["id"] for node in nodes]
    assert seen == [*house.mine.nodes, house.mine.deletion, *[None] * 7]
    query = "query ($id: ID!) { run(id: $id) { id } node(id: $id) { id } }"
    assert await house.data(query, id=house.foreign.run) == {"run": None, "node": None}


async def test_lists_counts_and_searches_hold_nothing_foreign(house: House) -> None:
    data = await house.data(
        """{ runs { totalCount nodes { id agent { name } cluster { name } } }
        found: runs(filter: {search: "foreign"}) { totalCount }
        byName: runs(filter: {agentNames: ["foreign", "mine"]}) { totalCount }
        others: runs(filter: {exclude: [{agentNames: ["mine"]}]}) { totalCount }
        foreign: runs(filter: {clusterNames: ["foreign"]}) { totalCount }
        agents { totalCount nodes { name } } clusters { totalCount nodes { name } }
        deletions { totalCount nodes { id } }
        runStats { total deletableCount byStatus { count } bySource { count } durationP95Seconds
          byAgent { agent { name } count } byCluster { cluster { name } count }
          buckets(size: DAY) { byStatus { count } } } }"""
    )
    assert [run["id"] for run in data["runs"]["nodes"]] == [house.mine.run]
    counts = {name: data[name]["totalCount"] for name in ("found", "byName", "others", "foreign")}
    assert counts == {"found": 0, "byName": 1, "others": 0, "foreign": 0}
    assert data["agents"] == {"totalCount": 1, "nodes": [{"name": "mine"}]}
    assert data["clusters"] == {"totalCount": 1, "nodes": [{"name": "mine"}]}
    assert data["deletions"] == {"totalCount": 1, "nodes": [{"id": house.mine.deletion}]}
    stats = data["runStats"]
    assert (stats["total"], stats["deletableCount"]) == (1, 1)
    assert sum(each["count"] for each in stats["byStatus"]) == 1
    assert sum(each["count"] for each in stats["bySource"]) == 1
    assert stats["byAgent"] == [{"agent": {"name": "mine"}, "count": 1}]
    assert stats["byCluster"] == [{"cluster": {"name": "mine"}, "count": 1}]
    assert sum(each["count"] for day in stats["buckets"] for each in day["byStatus"]) == 1


async def test_what_is_foreign_cannot_be_changed_and_is_told_of_like_nothing(
    house: House,
) -> None:
    calls = {
        "deleteRuns": {"ids": [house.foreign.run]},
        "cancelRuns": {"ids": [house.foreign.run]},
        "restoreRuns": {"deletionId": house.foreign.deletion},
        "shareReport": {"reportId": house.foreign.report},
        "revokeReportShare": {"shareId": house.foreign.share},
    }
    for name, given in calls.items():
        type_ = f"{name[0].upper()}{name[1:]}Input!"
        query = f"mutation ($i: {type_}) {{ {name}(input: $i) {{ userErrors {{ code }} }} }}"
        data = await house.data(query, i=given)
        assert data[name]["userErrors"] == [{"code": "NOT_FOUND"}], name
    query = """mutation { deleteRunsMatching(input: {filter: {search: "foreign"}, expectedCount: 0})
        { matchedCount deletedCount } }"""
    assert await house.data(query) == {"deleteRunsMatching": {"matchedCount": 0, "deletedCount": 0}}
    assert await Run.filter(deleted_at__isnull=True).count() == 2


async def test_what_is_mine_can_be_deleted_and_restored(house: House) -> None:
    query = """mutation ($ids: [ID!]!) { deleteRuns(input: {ids: $ids})
        { deletedRunIds deletion { id } } }"""
    deleted = (await house.data(query, ids=[house.mine.run]))["deleteRuns"]
    assert deleted["deletedRunIds"] == [house.mine.run]
    query = """mutation ($id: ID!) { restoreRuns(input: {deletionId: $id}) { restoredCount } }"""
    restored = await house.data(query, id=deleted["deletion"]["id"])
    assert restored == {"restoreRuns": {"restoredCount": 1}}


async def test_nothing_foreign_is_followed(house: House) -> None:
    events = {"Accept": "text/event-stream"}
    for name in ("logLines", "stepTransitions"):
        query = f"subscription ($id: ID!) {{ {name}(runId: $id) {{ endCursor }} }}"
        for run, expected in ((house.mine.run, False), (house.foreign.run, True)):
            body = {"query": query, "variables": {"id": run}}
            response = await house.http.post("/graphql", json=body, headers=events)
            assert ("NOT_FOUND" in response.text) == expected, (name, response.text)


async def test_a_deletion_that_took_more_than_mine_is_not_shown(service: Service) -> None:
    async with house_of(service, SCOPES["by cluster"], Role.OPERATOR) as house:
        both = [house.mine.run, house.foreign.run]
        await delete_runs(service, LOCAL_VIEWER, both, force=False)
        data = await house.data("{ deletions { nodes { id count } } }")
        assert data == {"deletions": {"nodes": [{"id": house.mine.deletion, "count": 1}]}}


async def test_a_deletion_does_not_tell_of_what_was_restored_or_purged_of_it(
    service: Service,
) -> None:
    async with house_of(service, SCOPES["by cluster"], Role.OPERATOR) as house:
        both = [house.mine.run, house.foreign.run]
        deleted = await delete_runs(service, LOCAL_VIEWER, both, force=False)
        assert deleted.deletion is not None
        await restore_runs(service, LOCAL_VIEWER, None, [house.foreign.run])
        node = global_id(Kind.DELETION, deleted.deletion.id)
        query = "query ($id: ID!) { node(id: $id) { id } deletions { nodes { id } } }"
        seen = {"node": None, "deletions": {"nodes": [{"id": house.mine.deletion}]}}
        assert await house.data(query, id=node) == seen
        restored = await restore_runs(service, LOCAL_VIEWER, node, None)
        assert restored.count == 1


async def test_a_call_for_a_foreign_run_is_no_sign_of_life_of_it(service: Service) -> None:
    foreign = await begin(service, agent_name="foreign", cluster="foreign")
    query = "mutation ($id: ID!) { heartbeat(input: {runId: $id}) { userErrors { code } } }"
    for scope in SCOPES.values():
        token = await token_of(service, Role.REPORTER, scope=scope)
        async with client_of(app_of(service, requires_login=True), token) as http:
            answer = await ask(http, query, id=run_id(foreign))
            assert answer["data"]["heartbeat"]["userErrors"] == [{"code": "NOT_FOUND"}]
    row = await Run.get(id=foreign.id)
    assert (row.revision, row.last_heard_at) == (foreign.revision, foreign.last_heard_at)


async def test_a_reporter_begins_runs_of_its_scope_only(service: Service) -> None:
    query = """mutation ($agent: String!, $cluster: String!) { startRun(input: {
        agent: {name: $agent}, cluster: $cluster, trigger: {source: EVENT, name: "t"}})
        { run { id } userErrors { code } } }"""
    for scope in SCOPES.values():
        token = await token_of(service, Role.REPORTER, scope=scope)
        async with client_of(app_of(service, requires_login=True), token) as http:
            begun = await ask(http, query, agent="mine", cluster="mine")
            assert begun["data"]["startRun"]["userErrors"] == []
            refused = await ask(http, query, agent="foreign", cluster="foreign")
            assert codes(refused) == {"FORBIDDEN"}


async def test_a_reporter_does_not_describe_an_agent_that_others_run(service: Service) -> None:
    query = """mutation { startRun(input: {agent: {name: "a", description: "mine"}, cluster: "mine",
        trigger: {source: EVENT, name: "t"}}) { run { id } } }"""
    for described, expected in ((None, "mine"), ("theirs", "theirs")):
        if described:
            await begin(service, agent_name="a", cluster="foreign", agent_description=described)
        token = await token_of(service, Role.REPORTER, scope=SCOPES["by cluster"])
        async with client_of(app_of(service, requires_login=True), token) as http:
            assert (await ask(http, query))["data"]["startRun"]["run"]
        assert (await Agent.get(name="a")).description == expected


async def test_an_idempotency_key_tells_nothing_of_another_reporters_run(
    service: Service,
) -> None:
    query = """mutation { startRun(input: {agent: {name: "a"}, cluster: "c", idempotencyKey: "k",
        trigger: {source: EVENT, name: "t"}}) { created run { id } userErrors { code } } }"""
    app, begun = app_of(service, requires_login=True), []
    for name in ("one", "another", "one"):
        async with client_of(app, await token_of(service, Role.REPORTER, name)) as http:
            begun.append((await ask(http, query))["data"]["startRun"])
    assert [started["created"] for started in begun] == [True, True, False]
    assert begun[0]["run"] == begun[2]["run"] != begun[1]["run"]


@pytest.mark.parametrize("call", ["heartbeat", "appendLogs", "failRun", "completeRun"])
async def test_a_reporter_writes_only_what_its_principal_started(
    service: Service, call: str
) -> None:
    given = {
        "heartbeat": "",
        "appendLogs": ', offset: 0, lines: [{message: "x"}]',
        "failRun": ', error: {message: "x"}',
        "completeRun": "",
    }[call]
    started = """mutation { startRun(input: {agent: {name: "a"}, cluster: "c",
        trigger: {source: EVENT, name: "t"}}) { run { id } } }"""
    told = f"{call}(input: {{runId: $id{given}}}) {{ userErrors {{ code }} }}"
    query = f"mutation ($id: ID!) {{ {told} }}"
    app = app_of(service, requires_login=True)
    async with client_of(app, await token_of(service, Role.REPORTER, "one")) as one:
        run = (await ask(one, started))["data"]["startRun"]["run"]["id"]
    async with client_of(app, await token_of(service, Role.REPORTER, "another")) as another:
        assert codes(await ask(another, query, id=run)) == {"FORBIDDEN"}
        assert (await ask(another, "query ($id: ID!) { run(id: $id) { id } }", id=run))["data"][
            "run"
        ]
    # A token that replaced the first, and an admin.
    async with client_of(app, await token_of(service, Role.REPORTER, "one")) as rotated:
        assert "errors" not in await ask(rotated, query, id=run)
    async with client_of(app, await token_of(service, Role.ADMIN, "root")) as admin:
        assert "errors" not in await ask(admin, query, id=run)


async def test_scopes_that_are_narrowed_meet(service: Service) -> None:
    scope = replace(SCOPES["by agent"], clusters=frozenset({"foreign"}))
    async with house_of(service, scope, Role.VIEWER) as house:
        data = await house.data("{ runs { totalCount } agents { nodes { name } } }")
        assert data == {"runs": {"totalCount": 0}, "agents": {"nodes": []}}
