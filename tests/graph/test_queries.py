"""Each field of Query, and what hangs on a run, through the door."""

from __future__ import annotations

from typing import Any

import pytest

from resolvers.service import Service
from tests.graph.support import (
    UNKNOWN,
    Api,
    append,
    complete,
    fail,
    start,
    told,
)

RUN = "query ($id: ID!) { run(id: $id) { %s } }"


async def run(api: Api, run_id: str, fields: str) -> dict[str, Any]:
    found: dict[str, Any] = (await api.data(RUN % fields, id=run_id))["run"]
    return found


async def test_run_is_found_by_its_id(api: Api) -> None:
    run_id = await start(api)
    found = await run(api, run_id, "id url status agent { name } cluster { name }")
    assert found == {
        "id": run_id,
        "url": f"http://127.0.0.1:8000/runs/{run_id}",
        "status": "RUNNING",
        "agent": {"name": "backup"},
        "cluster": {"name": "eu-1"},
    }


async def test_run_that_is_not_there_is_null_and_an_id_that_is_none_is_an_error(api: Api) -> None:
    assert await api.data(RUN % "id", id=f"run_{UNKNOWN}") == {"run": None}
    for wrong in ("nonsense", "", f"RUN_{UNKNOWN}", f"step_{UNKNOWN}", f"run_{UNKNOWN} "):
        code, message = await api.error(RUN % "id", id=wrong)
        assert code == "BAD_INPUT"
        assert message.startswith("id: expected an id")


async def test_nodes_of_every_kind_are_found_by_their_ids(api: Api) -> None:
    run_id = await start(api, steps=[{"key": "s"}])
    await complete(api, run_id)
    other = await start(api)
    found = await run(api, run_id, "id agent { id } cluster { id } steps { id } report { id }")
    share = await told(api, "shareReport", "share { id }", reportId=found["report"]["id"])
    deletion = await told(api, "deleteRuns", "deletion { id }", ids=[other], force=True)
    expected = {
        "Run": run_id,
        "Agent": found["agent"]["id"],
        "Cluster": found["cluster"]["id"],
        "Step": found["steps"][0]["id"],
        "Report": found["report"]["id"],
        "ReportShare": share["share"]["id"],
        "Deletion": deletion["deletion"]["id"],
    }
    ids = [*expected.values(), other, f"agent_{UNKNOWN}", run_id]
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
    answer = (await api.data(query, ids=ids))["nodes"]
    nodes = [{"__typename": kind, "id": node_id} for kind, node_id in expected.items()]
    assert answer == [*nodes, None, None, nodes[0]]
    query = "query ($id: ID!) { node(id: $id) { __typename ... on Run { status } } }"
    answer = await api.data(query, id=run_id)
    assert answer == {"node": {"__typename": "Run", "status": "COMPLETED"}}
    assert await api.data(query, id=other) == {"node": None}


async def test_nodes_takes_a_hundred_ids_and_no_malformed_one(api: Api) -> None:
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    ids = [f"run_{UNKNOWN}"] * 101
    assert await api.data(query, ids=ids[:100]) == {"nodes": [None] * 100}
    assert await api.error(query, ids=ids) == (
        "BAD_INPUT",
        "ids: expected at most 100 ids, got 101 ids",
    )
    code, message = await api.error(query, ids=[f"run_{UNKNOWN}", "nonsense"])
    assert (code, message[:28]) == ("BAD_INPUT", "ids: expected an id such as ")


RUNS = """query ($filter: RunFilter, $orderBy: RunOrder, $first: Int, $after: String, $last: Int,
    $before: String) {
    runs(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last,
        before: $before) {
        totalCount nodes { id } edges { cursor node { id } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
}"""


async def runs(api: Api, **variables: Any) -> dict[str, Any]:
    page: dict[str, Any] = (await api.data(RUNS, **variables))["runs"]
    assert page["nodes"] == [edge["node"] for edge in page["edges"]]
    return page


def ids(page: dict[str, Any]) -> list[str]:
    return [node["id"] for node in page["nodes"]]


async def started(api: Api, count: int) -> list[str]:
    """Runs, the latest first."""
    made = [await start(api, startedAt=f"2026-11-01T00:00:{second:02}Z") for second in range(count)]
    return made[::-1]


async def test_runs_are_paged_forwards_and_backwards(api: Api) -> None:
    all_ids = await started(api, 5)
    page = await runs(api, first=2)
    assert ids(page) == all_ids[:2]
    assert page["totalCount"] == 5
    assert page["pageInfo"] == {
        "hasNextPage": True,
        "hasPreviousPage": False,
        "startCursor": page["edges"][0]["cursor"],
        "endCursor": page["edges"][1]["cursor"],
    }
    page = await runs(api, first=2, after=page["pageInfo"]["endCursor"])
    assert ids(page) == all_ids[2:4]
    page = await runs(api, last=2, before=page["pageInfo"]["startCursor"])
    assert ids(page) == all_ids[:2]
    assert ids(await runs(api, last=2)) == all_ids[3:]
    ascending = {"field": "STARTED_AT", "direction": "ASC"}
    assert ids(await runs(api, orderBy=ascending)) == all_ids[::-1]
    assert ids(await runs(api, orderBy=None)) == all_ids


async def test_empty_page_has_no_cursors(api: Api) -> None:
    page = await runs(api)
    assert page["nodes"] == []
    assert page["pageInfo"] == {
        "hasNextPage": False,
        "hasPreviousPage": False,
        "startCursor": None,
        "endCursor": None,
    }


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"first": 0}, "first: expected a number from 1 to 200, got 0"),
        ({"first": -1}, "first: expected a number from 1 to 200, got -1"),
        ({"first": 1, "last": 1}, "last: expected nothing beside first, got 1"),
        ({"after": "nonsense"}, "after: expected a cursor"),
        ({"before": ""}, "before: expected a cursor"),
        ({"after": "\ud800\0"}, "after: expected a cursor"),
        ({"after": "x" * 1_000_000}, "after: expected a cursor"),
    ],
)
async def test_page_that_cannot_be_is_an_error(
    api: Api, variables: dict[str, Any], message: str
) -> None:
    code, told_message = await api.error(RUNS, **variables)
    assert code == "BAD_INPUT"
    assert told_message.startswith(message)
    assert len(told_message) < 300


async def test_cursor_of_another_list_or_order_is_an_error(api: Api) -> None:
    run_id = await start(api)
    await append(api, run_id, 0, "line")
    cursor = (await runs(api))["pageInfo"]["startCursor"]
    other = {"field": "DURATION", "direction": "DESC"}
    code, _ = await api.error(RUNS, after=cursor, orderBy=other)
    assert code == "BAD_INPUT"
    for list_ in (
        "agents(after: $after) { totalCount }",
        "clusters(after: $after) { totalCount }",
        "deletions(after: $after) { totalCount }",
        f'run(id: "{run_id}") {{ logs(after: $after) {{ isComplete }} }}',
    ):
        query = f"query ($after: String) {{ {list_} }}"
        code, message = await api.error(query, after=cursor)
        assert (code, message[:7]) == ("BAD_INPUT", "after: ")


BAD_FILTERS = {
    "an id that is none": ({"ids": ["nonsense"]}, "filter.ids: expected an id"),
    "an id of something else": (
        {"ids": [f"step_{UNKNOWN}"]},
        "filter.ids: expected an id of a run",
    ),
    "too many ids": ({"ids": [f"run_{UNKNOWN}"] * 1_001}, "filter.ids: expected at most 1000"),
    "a range that ends before it begins": (
        {"startedAt": {"from": "2026-11-02T00:00:00Z", "until": "2026-11-01T00:00:00Z"}},
        "filter.startedAt",
    ),
    "a number range that ends before it begins": (
        {"durationSeconds": {"from": 2, "until": 1}},
        "filter.durationSeconds",
    ),
    "NUL in a name": ({"agentNames": ["a\0"]}, "filter.agentNames"),
    "a lone surrogate in a search": ({"search": "\ud800"}, "filter.search"),
    "NUL in a label": ({"labels": [{"name": "a", "value": "\0"}]}, "filter.labels"),
    "an exclusion of nothing": ({"exclude": [{}]}, "filter.exclude"),
    "a search of a megabyte": ({"search": "x" * 1_000_000}, "filter.search"),
    "too many names": ({"clusterNames": ["x"] * 1_001}, "filter: expected at most 1000"),
}


@pytest.mark.parametrize(("given", "message"), BAD_FILTERS.values(), ids=BAD_FILTERS)
async def test_filter_that_cannot_be_is_an_error_that_names_it(
    api: Api, given: dict[str, Any], message: str
) -> None:
    code, told_message = await api.error(RUNS, filter=given)
    assert code == "BAD_INPUT"
    assert told_message.startswith(message)
    assert len(told_message) < 300


async def test_filters_narrow_the_list_and_its_count(api: Api) -> None:
    backup = await start(api, labels=[{"name": "env", "value": "prod"}])
    deploy = await start(
        api, agent={"name": "deploy"}, cluster="us-1", trigger={"source": "EVENT", "name": "push"}
    )
    await fail(api, deploy, "disk FULL")
    for given, expected in [
        ({"agentNames": ["deploy"]}, [deploy]),
        ({"clusterNames": ["eu-1"]}, [backup]),
        ({"triggerSources": ["EVENT"]}, [deploy]),
        ({"triggeredBy": ["ada"]}, [backup]),
        ({"statuses": ["FAILED"]}, [deploy]),
        ({"statuses": []}, []),
        ({"ids": [backup]}, [backup]),
        ({"labels": [{"name": "env", "value": "prod"}]}, [backup]),
        ({"search": "disk full"}, [deploy]),
        ({"exclude": [{"agentNames": ["deploy"], "statuses": ["FAILED"]}]}, [backup]),
        ({"durationSeconds": {"from": 0.0}}, [deploy]),
        ({"completedAt": {"until": "2000-01-01T00:00:00Z"}}, []),
        ({"startedAt": {"from": "2000-01-01T00:00:00+01:00"}}, [deploy, backup]),
        ({"agentNames": None}, [deploy, backup]),
    ]:
        page = await runs(api, filter=given)
        assert (ids(page), page["totalCount"]) == (expected, len(expected)), given


async def test_run_stats_count_what_the_filter_leaves(api: Api) -> None:
    await start(api)
    for ending in (complete, fail):
        await ending(api, await start(api, agent={"name": "deploy"}))
    query = """query ($filter: RunFilter) { runStats(filter: $filter) {
        total deletableCount successRate durationP50Seconds durationP95Seconds
        byStatus { status count } bySource { source count }
        byAgent { agent { name } count } byCluster(first: 1) { cluster { name } count }
        buckets(size: DAY) { start byStatus { status count } }
    } }"""
    stats = (await api.data(query, filter={"statuses": ["COMPLETED", "FAILED"]}))["runStats"]
    by_status = {row["status"]: row["count"] for row in stats["byStatus"]}
    assert by_status == {
        "RUNNING": 1,
        "RETRYING": 0,
        "COMPLETED": 1,
        "FAILED": 1,
        "CANCELLED": 0,
    }
    assert {row["source"]: row["count"] for row in stats["bySource"]}["MANUAL"] == 2
    assert (stats["total"], stats["deletableCount"], stats["successRate"]) == (2, 2, 0.5)
    assert stats["byAgent"] == [{"agent": {"name": "deploy"}, "count": 2}]
    assert stats["byCluster"] == [{"cluster": {"name": "eu-1"}, "count": 2}]
    assert stats["durationP50Seconds"] <= stats["durationP95Seconds"]
    [bucket] = stats["buckets"]
    assert bucket["start"].endswith("T00:00:00.000000Z")
    assert sum(row["count"] for row in bucket["byStatus"]) == 2


async def test_stats_that_cannot_be_fail_alone_and_name_the_argument(api: Api) -> None:
    query = "{ runStats { total buckets(size: DAY, timeZone: %s) { start } } viewer { name } }"
    answer = await api.ask(query % '"Nowhere/Land"')
    assert answer["data"] == {"runStats": None, "viewer": {"name": "local"}}
    [error] = answer["errors"]
    assert error["extensions"] == {"code": "BAD_INPUT"}
    assert error["message"].startswith("timeZone: expected")
    assert (await api.data(query % "null"))["runStats"] == {"total": 0, "buckets": []}
    code, message = await api.error("{ runStats { byAgent(first: 0) { count } } }")
    assert (code, message[:6]) == ("BAD_INPUT", "first:")


async def test_agents_and_clusters_are_listed_with_their_runs_and_stats(api: Api) -> None:
    first, second = await start(api), await start(api)
    await start(api, agent={"name": "Deploy"}, cluster="US-1")
    for kind, part, name in (("agents", "ack", "backup"), ("clusters", "EU", "eu-1")):
        query = f"""query ($part: String) {{ {kind}(nameContains: $part) {{ totalCount nodes {{
            name description latestRun {{ id }}
            runs(first: 1, filter: {{agentNames: ["backup", "Deploy"]}}) {{
                totalCount nodes {{ id }} pageInfo {{ hasNextPage endCursor }}
            }}
            stats(filter: {{clusterNames: ["eu-1"]}}) {{ total }}
            nothing: stats(filter: {{agentNames: ["x"], clusterNames: ["x"]}}) {{ total }}
        }} }} }}"""
        page = (await api.data(query, part=part))[kind]
        assert page["totalCount"] == 1
        [node] = page["nodes"]
        assert (node["name"], node["latestRun"]) == (name, {"id": second})
        assert node["runs"]["nodes"] == [{"id": second}]
        assert (node["runs"]["totalCount"], node["stats"]["total"]) == (2, 2)
        assert node["nothing"]["total"] == 0
        everyone = (await api.data(query))[kind]
        assert everyone["totalCount"] == 2
    query = """query ($after: String) { agents(nameContains: "ack") { nodes {
        runs(first: 1, after: $after) { nodes { id } } } } }"""
    page = await api.data(query, after=node["runs"]["pageInfo"]["endCursor"])
    assert page["agents"]["nodes"][0]["runs"]["nodes"] == [{"id": first}]


async def test_viewer_is_told_who_asks(api: Api) -> None:
    assert await api.data("{ viewer { name role } }") == {
        "viewer": {"name": "local", "role": "ADMIN"}
    }


async def test_deletions_are_listed_until_they_are_restored(api: Api) -> None:
    run_id = await start(api)
    await complete(api, run_id)
    deletion = (await told(api, "deleteRuns", "deletion { id }", ids=[run_id]))["deletion"]
    query = """{ deletions(first: 5) { totalCount nodes { id count by at restorableUntil } } }"""
    page = (await api.data(query))["deletions"]
    assert page["totalCount"] == 1
    assert {**page["nodes"][0], "at": None, "restorableUntil": None} == {
        "id": deletion["id"],
        "count": 1,
        "by": "local",
        "at": None,
        "restorableUntil": None,
    }
    await told(api, "restoreRuns", "restoredCount", deletionId=deletion["id"])
    assert (await api.data(query))["deletions"] == {"totalCount": 0, "nodes": []}


LOGS = """query ($id: ID!, $filter: LogFilter, $first: Int, $after: String, $last: Int,
    $before: String) {
    run(id: $id) { lastSequence logSources { attempt name nextOffset }
        logs(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
            isComplete endCursor nodes { sequence message }
            edges { cursor node { sequence at level stream stepKey attempt source truncatedBytes } }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        }
    }
}"""


async def logs(api: Api, run_id: str, **variables: Any) -> dict[str, Any]:
    page: dict[str, Any] = (await api.data(LOGS, id=run_id, **variables))["run"]["logs"]
    return page


def messages(page: dict[str, Any]) -> list[str]:
    return [line["message"] for line in page["nodes"]]


async def test_log_is_read_from_its_end_unless_told_and_in_pages(api: Api) -> None:
    run_id = await start(api)
    await append(api, run_id, 0, *(f"line {number}" for number in range(150)))
    page = await logs(api, run_id)
    assert messages(page) == [f"line {number}" for number in range(50, 150)]
    assert page["isComplete"] is False
    assert page["pageInfo"]["hasPreviousPage"] is True
    page = await logs(api, run_id, last=50, before=page["pageInfo"]["startCursor"])
    assert messages(page)[-1] == "line 49"
    page = await logs(api, run_id, first=3)
    page = await logs(api, run_id, first=3, after=page["endCursor"])
    assert messages(page) == ["line 3", "line 4", "line 5"]
    await complete(api, run_id)
    assert (await logs(api, run_id))["isComplete"] is True
    code, message = await api.error(LOGS, id=run_id, first=1_001)
    assert (code, message) == (
        "LIMIT_EXCEEDED",
        "first: expected a number from 1 to 1000, got 1001 (MAX_LOG_PAGE_SIZE)",
    )


async def test_lines_come_back_byte_for_byte_but_for_what_the_door_changes(api: Api) -> None:
    run_id = await start(api)
    told_messages = ["a\r\nb\n", "\t\x1b[31mred\x1b[0m", "😀", "nul \0", "lone \ud800", ""]
    await append(api, run_id, 0, *told_messages, level="ERROR", stream="STDERR", stepKey="s")
    await append(api, run_id, len(told_messages), "x" * 1_000_000)
    page = await logs(api, run_id)
    assert messages(page)[:6] == [*told_messages[:3], "nul \u2400", "lone \ufffd", ""]
    assert messages(page)[6] == "x" * 65_536
    edge = page["edges"][0]["node"]
    assert {**edge, "at": None} == {
        "sequence": 1,
        "at": None,
        "level": "ERROR",
        "stream": "STDERR",
        "stepKey": "s",
        "attempt": 1,
        "source": "main",
        "truncatedBytes": None,
    }
    assert page["edges"][6]["node"]["truncatedBytes"] == 1_000_000 - 65_536


async def test_log_filters_narrow_what_is_read(api: Api) -> None:
    run_id = await start(api)
    await append(api, run_id, 0, "Alpha", level="DEBUG", stepKey="s")
    await append(api, run_id, 1, "beta", level="ERROR", stream="SYSTEM")
    for given, expected in [
        ({"minLevel": "WARNING"}, ["beta"]),
        ({"streams": ["STDOUT"]}, ["Alpha"]),
        ({"streams": []}, []),
        ({"stepKeys": ["s"]}, ["Alpha"]),
        ({"attempts": [2]}, []),
        ({"contains": "ALPHA"}, ["Alpha"]),
        ({"at": {"until": "2000-01-01T00:00:00Z"}}, []),
        ({"fromSequence": 2}, ["beta"]),
        (None, ["Alpha", "beta"]),
    ]:
        assert messages(await logs(api, run_id, filter=given)) == expected, given


async def test_step_shows_its_own_lines(api: Api) -> None:
    run_id = await start(api)
    await append(api, run_id, 0, "mine", stepKey="s")
    await append(api, run_id, 1, "other", stepKey="t")
    fields = """steps { key run { id } logs { nodes { message } }
        none: logs(filter: {stepKeys: ["t"]}) { nodes { message } } }"""
    step = (await run(api, run_id, fields))["steps"][0]
    assert step == {
        "key": "s",
        "run": {"id": run_id},
        "logs": {"nodes": [{"message": "mine"}]},
        "none": {"nodes": []},
    }


async def test_current_step_and_counts_follow_the_steps(api: Api) -> None:
    run_id = await start(api, agent={"name": "w"}, steps=[{"key": "a"}, {"key": "b"}])
    steps = [{"key": "a", "status": "COMPLETED"}, {"key": "b", "status": "RUNNING"}]
    await told(api, "updateSteps", "steps { id }", runId=run_id, steps=steps)
    fields = "currentStep { key } stepCounts { status count } agent { kind }"
    assert await run(api, run_id, fields) == {
        "currentStep": {"key": "b"},
        "stepCounts": [{"status": "RUNNING", "count": 1}, {"status": "COMPLETED", "count": 1}],
        "agent": {"kind": "WORKFLOW"},
    }


async def test_report_is_rendered_and_has_its_downloads(api: Api, service: Service) -> None:
    run_id = await start(api)
    sections = [{"text": {"heading": "H", "markdown": "<script>x</script> [a](javascript:x)"}}]
    await complete(api, run_id, report={"title": "Title", "sections": sections})
    fields = "report { id url html markdown downloads { format url } shares { id } }"
    report = (await run(api, run_id, fields))["report"]
    assert "<script" not in report["html"]
    assert "javascript:" not in report["html"].replace("](javascript:x)", "")
    assert report["markdown"].startswith("# Title")
    base = f"{service.policy.public_url}/reports/{report['id']}"
    assert report["url"] == base
    assert report["downloads"] == [
        {"format": "MARKDOWN", "url": f"{base}/download.md"},
        {"format": "HTML", "url": f"{base}/download.html"},
        {"format": "JSON", "url": f"{base}/download.json"},
    ]
    assert report["shares"] == []
