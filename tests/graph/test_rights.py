"""Who may do what, by role."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from graph.schema import schema
from live.hub import Hub
from resolvers.identity import Identity
from resolvers.service import Service
from resolvers.viewer import Role, Viewer
from server import authentication
from tests.graph.sockets import Socket, serving, socket_to
from tests.graph.support import UNKNOWN, Api, app_of, complete, start, told
from tests.graph.test_http import post

OPERATING = {
    "deleteRuns": "{ids: []}",
    "deleteRunsMatching": "{filter: {}, expectedCount: 0}",
    "restoreRuns": "{ids: []}",
    "cancelRuns": "{ids: []}",
    "shareReport": '{reportId: ""}',
    "revokeReportShare": '{shareId: ""}',
}
REPORTING = {
    "startRun": '{agent: {name: "a"}, cluster: "c", trigger: {source: EVENT, name: "t"}}',
    "appendLogs": '{runId: "", offset: 0, lines: []}',
    "updateSteps": '{runId: "", steps: []}',
    "scheduleRetry": '{runId: "", reason: ""}',
    "startAttempt": '{runId: "", number: 2}',
    "heartbeat": '{runId: ""}',
    "confirmCancel": '{runId: ""}',
    "completeRun": '{runId: ""}',
    "failRun": '{runId: "", error: {message: ""}}',
}


def test_every_mutation_stands_in_one_of_the_two_tables() -> None:
    mutation = schema._schema.mutation_type
    assert mutation is not None
    assert set(mutation.fields) == OPERATING.keys() | REPORTING.keys()


def as_role(monkeypatch: pytest.MonkeyPatch, role: Role) -> None:
    monkeypatch.setattr(authentication, "LOCAL", Identity(Viewer("ada", role)))


@pytest.mark.parametrize(
    ("role", "table", "expected"),
    [
        (Role.VIEWER, OPERATING, "admin or operator"),
        (Role.VIEWER, REPORTING, "admin or reporter"),
        (Role.REPORTER, OPERATING, "admin or operator"),
        (Role.OPERATOR, REPORTING, "admin or reporter"),
    ],
)
async def test_role_that_may_not_is_told_which_may(
    door: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
    role: Role,
    table: dict[str, str],
    expected: str,
) -> None:
    as_role(monkeypatch, role)
    for name, given in table.items():
        query = f"mutation {{ {name}(input: {given}) {{ userErrors {{ code }} }} }}"
        answer = (await post(door, {"query": query})).json()
        assert "data" not in answer
        [error] = answer["errors"]
        assert error["extensions"] == {"code": "FORBIDDEN"}
        told = f"Mutation.{name}: this takes the role {expected}, got {role.lower()}"
        assert error["message"] == told


async def test_viewer_sees_no_links_and_may_change_nothing(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = await start(api)
    await complete(api, run_id)
    query = """query ($id: ID!) { viewer { role } run(id: $id) {
        viewerCanCancel viewerCanDelete viewerCanShare report { id shares { id } } } }"""
    report = (await api.data(query, id=run_id))["run"]["report"]
    await told(api, "shareReport", "url", reportId=report["id"])
    as_role(monkeypatch, Role.VIEWER)
    answer = await api.data(query, id=run_id)
    assert answer == {
        "viewer": {"role": "VIEWER"},
        "run": {
            "viewerCanCancel": False,
            "viewerCanDelete": False,
            "viewerCanShare": False,
            "report": {"id": report["id"], "shares": []},
        },
    }


@pytest.fixture
async def socket() -> AsyncIterator[Socket]:
    async with serving(app_of(Service(hub=Hub()))) as address, socket_to(address) as socket:
        yield socket


async def test_every_role_may_follow(monkeypatch: pytest.MonkeyPatch, socket: Socket) -> None:
    as_role(monkeypatch, Role.VIEWER)
    await socket.init()
    query = 'subscription { logLines(runId: "x") { endCursor } }'
    await socket.subscribe("1", query)
    frame = await socket.receive()
    assert frame["payload"][0]["extensions"] == {"code": "BAD_INPUT"}


async def test_refusal_reveals_nothing_of_the_run(
    door: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_role(monkeypatch, Role.VIEWER)
    query = f'mutation {{ heartbeat(input: {{runId: "run_{UNKNOWN}"}}) {{ intervalSeconds }} }}'
    answer = (await post(door, {"query": query})).json()
    assert UNKNOWN not in str(answer)
    assert only_error_of(answer) == "FORBIDDEN"


def only_error_of(answer: dict) -> str:
    [error] = answer["errors"]
    return error["extensions"]["code"]
