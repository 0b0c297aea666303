"""What people change, through the door."""

from __future__ import annotations

from typing import Any

from tests.graph.support import (
    UNKNOWN,
    Api,
    complete,
    fail,
    refused,
    start,
    tell,
    told,
)


async def ended(api: Api) -> str:
    run_id = await start(api)
    await complete(api, run_id)
    return run_id


async def is_there(api: Api, run_id: str) -> bool:
    return (await api.data("query ($id: ID!) { run(id: $id) { id } }", id=run_id))[
        "run"
    ] is not None


async def test_deletion_goes_through_for_the_rest_when_some_ids_are_wrong(api: Api) -> None:
    first, second, active = await ended(api), await ended(api), await start(api)
    ids = [first, "nonsense", f"run_{UNKNOWN}", active, second, first]
    payload = await tell(api, "deleteRuns", "deletedRunIds deletion { count by }", ids=ids)
    assert sorted(payload["deletedRunIds"]) == sorted([first, second])
    assert payload["deletion"] == {"count": 2, "by": "local"}
    told_errors = {(error["code"], *error["field"]) for error in payload["userErrors"]}
    assert told_errors == {
        ("INVALID", "ids", "1"),
        ("NOT_FOUND", "ids", "2"),
        ("RUN_ACTIVE", "ids", "3"),
    }
    assert [await is_there(api, run_id) for run_id in (first, second, active)] == [
        False,
        False,
        True,
    ]
    payload = await tell(api, "deleteRuns", "deletedRunIds deletion { id }", ids=[first])
    assert (payload["deletedRunIds"], payload["deletion"]) == ([], None)
    assert payload["userErrors"][0]["code"] == "NOT_FOUND"


async def test_active_run_is_deleted_by_force(api: Api) -> None:
    run_id = await start(api)
    payload = await told(api, "deleteRuns", "deletedRunIds", ids=[run_id], force=True)
    assert payload["deletedRunIds"] == [run_id]


async def test_too_many_ids_are_refused_whole(api: Api) -> None:
    run_id = await ended(api)
    ids = [run_id] * 1_001
    assert (await refused(api, "deleteRuns", "deletedRunIds", ids=ids))["code"] == "INVALID"
    assert (await refused(api, "restoreRuns", "restoredCount", ids=ids))["code"] == "INVALID"
    query = "mutation ($i: CancelRunsInput!) { cancelRuns(input: $i) { runs { id } } }"
    assert await api.error(query, i={"ids": ids}) == (
        "BAD_INPUT",
        "input.ids: expected at most 1000 ids, got 1001 ids",
    )
    assert await is_there(api, run_id)


async def test_matching_runs_are_deleted_if_they_are_as_many_as_were_seen(api: Api) -> None:
    for _ in range(3):
        await fail(api, await start(api))
    fields = "deletedCount matchedCount deletion { id count }"
    given: dict[str, Any] = {"filter": {"statuses": ["FAILED"]}, "expectedCount": 2}
    payload = await tell(api, "deleteRunsMatching", fields, **given)
    assert (payload["deletedCount"], payload["matchedCount"], payload["deletion"]) == (0, 3, None)
    assert payload["userErrors"][0]["code"] == "COUNT_CHANGED"
    payload = await told(api, "deleteRunsMatching", fields, **(given | {"expectedCount": 3}))
    assert (payload["deletedCount"], payload["deletion"]["count"]) == (3, 3)
    back = await told(api, "restoreRuns", "restoredCount", deletionId=payload["deletion"]["id"])
    assert back["restoredCount"] == 3


async def test_empty_filter_deletes_nothing(api: Api) -> None:
    run_id = await ended(api)
    for empty in ({}, {"statuses": None}):
        error = await refused(
            api, "deleteRunsMatching", "deletedCount", filter=empty, expectedCount=1
        )
        assert (error["code"], error["field"]) == ("INVALID", ["filter"])
    assert await is_there(api, run_id)


async def test_single_runs_are_restored(api: Api) -> None:
    gone, there = await ended(api), await ended(api)
    await told(api, "deleteRuns", "deletedRunIds", ids=[gone])
    payload = await tell(
        api, "restoreRuns", "restoredCount", ids=[gone, there, f"run_{UNKNOWN}", "x"]
    )
    assert payload["restoredCount"] == 1
    codes = {(error["code"], error["field"][1]) for error in payload["userErrors"]}
    assert codes == {("CONFLICT", "1"), ("NOT_FOUND", "2"), ("INVALID", "3")}
    assert await is_there(api, gone)


async def test_restoring_takes_either_a_deletion_or_runs(api: Api) -> None:
    query = "mutation ($i: RestoreRunsInput!) { restoreRuns(input: $i) { restoredCount } }"
    for given in ({}, {"deletionId": f"deletion_{UNKNOWN}", "ids": []}, {"ids": None}):
        code, message = await api.error(query, i=given)
        assert code == "BAD_INPUT"
        assert "one key" in message or "must be non-null" in message
    error = await refused(api, "restoreRuns", "restoredCount", deletionId=f"deletion_{UNKNOWN}")
    assert (error["code"], error["field"]) == ("NOT_FOUND", ["deletionId"])
    error = await refused(api, "restoreRuns", "restoredCount", deletionId=f"run_{UNKNOWN}")
    assert (error["code"], error["field"]) == ("INVALID", ["deletionId"])


async def test_restoring_no_runs_restores_none(api: Api) -> None:
    assert (await told(api, "restoreRuns", "restoredCount", ids=[]))["restoredCount"] == 0


async def test_runs_are_asked_to_stop_and_a_retrying_one_ends_at_once(api: Api) -> None:
    running, retrying, over = await start(api), await start(api), await ended(api)
    await told(api, "scheduleRetry", "run { id }", runId=retrying, reason="no answer")
    fields = "runs { id status viewerCanCancel cancellation { by reason } }"
    payload = await tell(
        api, "cancelRuns", fields, ids=[running, retrying, over, "x"], reason="enough"
    )
    asked = {"by": "local", "reason": "enough"}
    assert payload["runs"] == [
        {"id": running, "status": "RUNNING", "viewerCanCancel": False, "cancellation": asked},
        {"id": retrying, "status": "CANCELLED", "viewerCanCancel": False, "cancellation": asked},
    ]
    assert [error["code"] for error in payload["userErrors"]] == ["RUN_ENDED", "INVALID"]


async def test_viewer_is_told_what_it_may_do(api: Api) -> None:
    fields = "viewerCanCancel viewerCanDelete viewerCanShare"
    query = f"query ($id: ID!) {{ run(id: $id) {{ {fields} }} }}"
    answers = [
        tuple((await api.data(query, id=run_id))["run"].values())
        for run_id in (await start(api), await ended(api))
    ]
    assert answers == [(True, True, False), (False, True, True)]


SHARED = """query ($token: String!) { sharedReport(token: $token) {
    title agentName completedAt summary expiresAt html markdown
    sections { heading markdown } downloads { format url }
} }"""


async def share(api: Api, run_id: str, **given: Any) -> dict[str, Any]:
    query = "query ($id: ID!) { run(id: $id) { report { id } } }"
    report_id = (await api.data(query, id=run_id))["run"]["report"]["id"]
    fields = "url share { id status createdBy expiresAt report { run { id } } }"
    return await told(api, "shareReport", fields, reportId=report_id, **given)


async def test_shared_report_is_read_by_its_token_until_it_is_revoked(api: Api) -> None:
    run_id = await ended(api)
    link = await share(api, run_id)
    assert link["share"]["status"] == "ACTIVE"
    assert link["share"]["report"] == {"run": {"id": run_id}}
    token = link["url"].rpartition("/")[2]
    shared = (await api.data(SHARED, token=token))["sharedReport"]
    assert shared["agentName"] == "backup"
    assert shared["expiresAt"] == link["share"]["expiresAt"]
    assert [download["url"] for download in shared["downloads"]] == [
        f"{link['url']}/download.{extension}" for extension in ("md", "html", "json")
    ]
    query = "query ($id: ID!) { run(id: $id) { report { shares { id status lastUsedAt } } } }"
    [listed] = (await api.data(query, id=run_id))["run"]["report"]["shares"]
    assert listed["lastUsedAt"]
    fields = "share { status revokedAt }"
    revoked = await told(api, "revokeReportShare", fields, shareId=link["share"]["id"])
    assert revoked["share"]["status"] == "REVOKED"
    again = await told(api, "revokeReportShare", fields, shareId=link["share"]["id"])
    assert again == revoked
    assert await api.data(SHARED, token=token) == {"sharedReport": None}


async def test_unknown_tokens_and_those_of_deleted_runs_open_nothing(api: Api) -> None:
    run_id = await ended(api)
    token = (await share(api, run_id, neverExpires=True))["url"].rpartition("/")[2]
    assert (await api.data(SHARED, token=token))["sharedReport"]["expiresAt"] is None
    await told(api, "deleteRuns", "deletedRunIds", ids=[run_id])
    for unknown in (token, "", "nonsense", "\ud800\0", "x" * 100_000):
        assert await api.data(SHARED, token=unknown) == {"sharedReport": None}


async def test_link_that_cannot_be_is_refused(api: Api) -> None:
    for given, code, field in [
        ({"reportId": f"report_{UNKNOWN}"}, "NOT_FOUND", "reportId"),
        ({"reportId": f"run_{UNKNOWN}"}, "INVALID", "reportId"),
        (
            {"reportId": f"report_{UNKNOWN}", "expiresAt": "2000-01-01T00:00:00Z"},
            "INVALID",
            "expiresAt",
        ),
    ]:
        error = await refused(api, "shareReport", "url", **given)
        assert (error["code"], error["field"]) == (code, [field])
    for share_id, code in [(f"share_{UNKNOWN}", "NOT_FOUND"), ("x", "INVALID")]:
        error = await refused(api, "revokeReportShare", "share { id }", shareId=share_id)
        assert (error["code"], error["field"]) == (code, ["shareId"])
