"""What is pushed, in whole frames, from a real server on both databases."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from typing import Any

import pytest
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import Operation

from resolvers.service import Service
from tests.graph.sockets import PATIENCE, Socket, serving, socket_to
from tests.graph.support import UNKNOWN, Api, app_of, append, complete, fail, start, told

LOG = """subscription ($run: ID!, $after: String, $filter: LogFilter) {
    logLines(runId: $run, after: $after, filter: $filter) {
        lines { sequence message } endCursor end } }"""
TRANSITIONS = """subscription ($run: ID!, $after: String) {
    stepTransitions(runId: $run, after: $after) {
        transitions { from to attempt step { key status output } }
        run { status revision eventCursor } endCursor end } }"""
UPDATES = """subscription ($filter: RunFilter) {
    runUpdates(filter: $filter) { kind deletedRunId run { id status agent { name } } } }"""


@pytest.fixture
async def address(service: Service) -> AsyncIterator[str]:
    async with serving(app_of(service)) as address:
        yield address


@pytest.fixture
async def socket(address: str) -> AsyncIterator[Socket]:
    async with socket_to(address) as socket:
        await socket.init()
        yield socket


async def next_of(socket: Socket, field: str, operation_id: str = "1") -> dict[str, Any]:
    frame = await socket.receive()
    assert (frame["id"], frame["type"]) == (operation_id, "next"), frame
    assert "errors" not in frame["payload"], frame
    batch: dict[str, Any] = frame["payload"]["data"][field]
    return batch


async def batches(socket: Socket, field: str) -> list[dict[str, Any]]:
    """All batches until the one that carries `end`, after which comes `complete`."""
    found = [await next_of(socket, field)]
    while found[-1]["end"] is None:
        found.append(await next_of(socket, field))
    assert await socket.receive() == {"id": "1", "type": "complete"}
    return found


def lines(found: list[dict[str, Any]]) -> list[tuple[int, str]]:
    return [(line["sequence"], line["message"]) for batch in found for line in batch["lines"]]


async def test_log_is_replayed_then_followed_then_ended(api: Api, socket: Socket) -> None:
    run_id = await start(api)
    await append(api, run_id, 0, "one", "two")
    await socket.subscribe("1", LOG, run=run_id)
    first = await next_of(socket, "logLines")
    assert (lines([first]), first["end"]) == ([(1, "one"), (2, "two")], None)
    await append(api, run_id, 2, "three")
    second = await next_of(socket, "logLines")
    assert lines([second]) == [(3, "three")]
    await complete(api, run_id)
    [last] = await batches(socket, "logLines")
    assert (last["lines"], last["end"]) == ([], "RUN_ENDED")


async def test_log_goes_on_from_a_cursor_wherever_that_came_from(api: Api, socket: Socket) -> None:
    run_id = await start(api)
    pushed = await append(api, run_id, 0, "one", "two")
    await append(api, run_id, 2, "three")
    query = "query ($id: ID!) { run(id: $id) { logs(first: 2) { endCursor } } }"
    paged = (await api.data(query, id=run_id))["run"]["logs"]["endCursor"]
    assert paged == pushed["endCursor"]
    await complete(api, run_id)
    await socket.subscribe("1", LOG, run=run_id, after=paged)
    found = await batches(socket, "logLines")
    assert lines(found) == [(3, "three")]
    await socket.subscribe("1", LOG, run=run_id, after=found[-1]["endCursor"])
    assert lines(await batches(socket, "logLines")) == []


async def test_follower_that_joins_mid_write_sees_each_line_once(api: Api, socket: Socket) -> None:
    run_id = await start(api)

    async def write() -> None:
        for offset in range(60):
            await append(api, run_id, offset, str(offset))
        await complete(api, run_id)

    writing = asyncio.create_task(write())
    await socket.subscribe("1", LOG, run=run_id)
    found = await batches(socket, "logLines")
    await writing
    assert lines(found) == [(offset + 1, str(offset)) for offset in range(60)]


async def test_filtered_log_holds_only_what_matches(api: Api, socket: Socket) -> None:
    run_id = await start(api)
    await append(api, run_id, 0, "quiet", level="DEBUG")
    await append(api, run_id, 1, "loud", level="ERROR")
    await complete(api, run_id)
    await socket.subscribe("1", LOG, run=run_id, filter={"minLevel": "ERROR"})
    assert lines(await batches(socket, "logLines")) == [(2, "loud")]


async def test_deletion_ends_the_log(api: Api, socket: Socket) -> None:
    run_id = await start(api)
    await append(api, run_id, 0, "one")
    await socket.subscribe("1", LOG, run=run_id)
    await next_of(socket, "logLines")
    await told(api, "deleteRuns", "deletedRunIds", ids=[run_id], force=True)
    assert (await batches(socket, "logLines"))[-1]["end"] == "RUN_DELETED"


async def test_transitions_are_replayed_then_followed_with_the_step_as_it_is(
    api: Api, socket: Socket
) -> None:
    run_id = await start(api, steps=[{"key": "a"}])
    await socket.subscribe("1", TRANSITIONS, run=run_id)
    first = await next_of(socket, "stepTransitions")
    step: dict[str, Any] = {"key": "a", "status": "PENDING", "output": None}
    assert first["transitions"] == [{"from": None, "to": "PENDING", "attempt": 1, "step": step}]
    assert first["endCursor"] == first["run"]["eventCursor"]
    done = [{"key": "a", "status": "COMPLETED", "output": {"n": 1}}]
    await told(api, "updateSteps", "steps { id }", runId=run_id, steps=done)
    second = await next_of(socket, "stepTransitions")
    step = {"key": "a", "status": "COMPLETED", "output": {"n": 1}}
    expected = {"from": "PENDING", "to": "COMPLETED", "attempt": 1, "step": step}
    assert second["transitions"] == [expected]
    assert second["run"]["revision"] > first["run"]["revision"]
    await told(api, "scheduleRetry", "run { id }", runId=run_id, reason="no answer")
    third = await next_of(socket, "stepTransitions")
    assert (third["transitions"], third["run"]["status"]) == ([], "RETRYING")
    await fail(api, run_id)
    rest = await batches(socket, "stepTransitions")
    assert (rest[-1]["run"]["status"], rest[-1]["end"]) == ("FAILED", "RUN_ENDED")


async def test_transitions_go_on_from_exactly_the_state_that_was_read(
    api: Api, socket: Socket
) -> None:
    run_id = await start(api, steps=[{"key": "a"}])
    query = "query ($id: ID!) { run(id: $id) { eventCursor } }"
    cursor = (await api.data(query, id=run_id))["run"]["eventCursor"]
    running = [{"key": "a", "status": "RUNNING"}]
    await told(api, "updateSteps", "steps { id }", runId=run_id, steps=running)
    await complete(api, run_id)
    await socket.subscribe("1", TRANSITIONS, run=run_id, after=cursor)
    found = await batches(socket, "stepTransitions")
    moves = [(move["from"], move["to"]) for batch in found for move in batch["transitions"]]
    assert moves == [("PENDING", "RUNNING"), ("RUNNING", "COMPLETED")]


async def test_list_begins_with_reset_and_tells_what_enters_changes_leaves_and_is_deleted(
    api: Api, socket: Socket
) -> None:
    await socket.subscribe("1", UPDATES, filter={"statuses": ["RUNNING"], "agentNames": ["a"]})
    reset = {"kind": "RESET", "run": None, "deletedRunId": None}
    assert await next_of(socket, "runUpdates") == reset
    await start(api)
    run_id = await start(api, agent={"name": "a"})
    shown = {"id": run_id, "status": "RUNNING", "agent": {"name": "a"}}
    entered = {"kind": "ENTERED", "run": shown, "deletedRunId": None}
    assert await next_of(socket, "runUpdates") == entered
    await told(api, "cancelRuns", "runs { id }", ids=[run_id])
    assert await next_of(socket, "runUpdates") == entered | {"kind": "CHANGED"}
    await complete(api, run_id)
    left = entered | {"kind": "LEFT", "run": shown | {"status": "COMPLETED"}}
    assert await next_of(socket, "runUpdates") == left
    other = await start(api, agent={"name": "a"})
    assert (await next_of(socket, "runUpdates"))["run"]["id"] == other
    await told(api, "deleteRuns", "deletedRunIds", ids=[other], force=True)
    deleted = {"kind": "DELETED", "run": None, "deletedRunId": other}
    assert await next_of(socket, "runUpdates") == deleted
    await socket.send({"id": "1", "type": "complete"})
    await socket.send({"type": "ping"})
    assert await socket.receive() == {"type": "pong"}


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        (LOG, {"run": "nonsense"}, "BAD_INPUT"),
        (LOG, {"run": f"step_{UNKNOWN}"}, "BAD_INPUT"),
        (LOG, {"run": f"run_{UNKNOWN}"}, "NOT_FOUND"),
        (TRANSITIONS, {"run": "nonsense"}, "BAD_INPUT"),
        (TRANSITIONS, {"run": f"run_{UNKNOWN}"}, "NOT_FOUND"),
        (UPDATES, {"filter": {"ids": ["nonsense"]}}, "BAD_INPUT"),
        (UPDATES, {"filter": {"search": "\0"}}, "BAD_INPUT"),
    ],
)
async def test_subscription_to_what_cannot_be_gets_error(
    socket: Socket, query: str, variables: dict[str, Any], code: str
) -> None:
    await socket.subscribe("1", query, **variables)
    frame = await socket.receive()
    assert (frame["id"], frame["type"]) == ("1", "error")
    [error] = frame["payload"]
    assert error["extensions"] == {"code": code}


async def test_cursor_of_another_stream_gets_error(api: Api, socket: Socket) -> None:
    run_id, other = await start(api), await start(api)
    query = "query ($id: ID!) { run(id: $id) { eventCursor logs { endCursor } } }"
    cursors = (await api.data(query, id=other))["run"]
    for cursor in (cursors["logs"]["endCursor"], cursors["eventCursor"], "nonsense", ""):
        await socket.subscribe("1", LOG, run=run_id, after=cursor)
        frame = await socket.receive()
        assert frame["type"] == "error"
        assert frame["payload"][0]["message"].startswith("after: expected a cursor")


async def test_restart_closes_the_socket_with_1012_and_no_complete(
    api: Api, service: Service, socket: Socket
) -> None:
    run_id = await start(api)
    await append(api, run_id, 0, "one")
    await socket.subscribe("1", LOG, run=run_id)
    await next_of(socket, "logLines")
    service.hub.close()
    code, reason = await socket.closed()
    assert (code, reason) == (1012, "the service restarts; come back with your last cursor")


async def test_nothing_follows_once_the_client_has_gone(
    api: Api, service: Service, address: str
) -> None:
    run_id = await start(api, steps=[{"key": "a"}])
    async with socket_to(address) as socket:
        await socket.init()
        await socket.subscribe("log", LOG, run=run_id)
        await socket.subscribe("1", TRANSITIONS, run=run_id)
        await next_of(socket, "stepTransitions")
        await socket.subscribe("list", UPDATES)
        await next_of(socket, "runUpdates", "list")
        # Between what is stored and what is to come a history follows nothing for a moment.
        await followers(service, 3)
        socket.connection.transport.abort()
    await followers(service, 0)


async def followers(service: Service, count: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while service.hub.follower_count != count:  # noqa: ASYNC110 - the hub tells it nowhere else
            await asyncio.sleep(0.01)


async def test_completed_operation_stops_following(
    api: Api, service: Service, socket: Socket
) -> None:
    run_id = await start(api)
    await append(api, run_id, 0, "one")
    await socket.subscribe("1", LOG, run=run_id)
    await next_of(socket, "logLines")
    await socket.send({"id": "1", "type": "complete"})
    async with asyncio.timeout(PATIENCE):
        while service.hub.follower_count:  # noqa: ASYNC110 - the hub tells it nowhere else
            await asyncio.sleep(0.01)


async def test_a_document_is_held_once_for_all_who_follow_with_it(api: Api, address: str) -> None:
    """Clients' documents take some KiB each, and followers stay for hours."""
    run_id = await start(api)
    await append(api, run_id, 0, "one")
    document = f"{LOG} # {run_id}"  # which no other test's is
    async with socket_to(address) as one, socket_to(address) as other:
        for socket in (one, other):
            await socket.init()
            await socket.subscribe("1", document, run=run_id)
            await next_of(socket, "logLines")
        gc.collect()
        things = gc.get_objects()
        first, second = [
            thing for thing in things if type(thing) is Operation and thing.query == document
        ]
        assert first.query is second.query
        told = [thing for thing in things if type(thing) is dict and thing.get("query") == document]
        assert told == [], "the messages that told it are let go"


async def test_query_on_a_socket_reads_anew_each_time(api: Api, socket: Socket) -> None:
    run_id = await start(api, steps=[{"key": "a"}])
    query = "query ($id: ID!) { run(id: $id) { steps { status } } }"
    for status in ("RUNNING", "COMPLETED"):
        steps = [{"key": "a", "status": status}]
        await told(api, "updateSteps", "steps { id }", runId=run_id, steps=steps)
        await socket.subscribe("1", query, id=run_id)
        assert (await next_of(socket, "run"))["steps"] == [{"status": status}]
        assert (await socket.receive())["type"] == "complete"
