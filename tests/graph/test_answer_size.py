"""An operation whose answer would be too large is ended before it is there."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from graph.context import LOG_PAGES_AT_ONCE
from graph.limits import DocumentLimits
from graph.rows import VALUE_BYTES
from graph.types.log_line_connection import LogLineConnection
from live.hub import Hub
from models.database import database
from models.run import Run
from resolvers.service import Service
from tests.graph.sockets import serving, socket_to
from tests.graph.support import RUN_INPUT, Api, app_of, append, connected, start, told
from tests.support.statements import recorded

# A field's task that is cut off before it began has never awaited what graphql-core made for it.
pytestmark = pytest.mark.filterwarnings(
    "ignore:coroutine .* was never awaited:RuntimeWarning",
)

LIMIT = 64 * 1024
LIMITS = DocumentLimits(max_answer_bytes=LIMIT, refusal_seconds=0)
MANY = {"x": "y" * 100_000}


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """Such coroutines are gone before the next test, which is not to hear of them."""
    yield
    gc.collect()


@asynccontextmanager
async def served(url: str, limits: DocumentLimits = LIMITS) -> AsyncIterator[Api]:
    async with database(url), connected(Service(hub=Hub()), limits=limits) as api:
        yield api


@pytest.fixture
async def api(database_url: str) -> AsyncIterator[Api]:
    async with served(database_url) as api:
        yield api


def refusal(answer: dict[str, Any]) -> str:
    """The message of an answer that was too large, of which nothing else is left."""
    assert answer["data"] is None
    [error] = answer["errors"]
    told = {"code": "LIMIT_EXCEEDED", "setting": "MAX_ANSWER_BYTES", "limit": LIMIT}
    assert error["extensions"] == told
    message: str = error["message"]
    return message


async def test_large_values_of_rows_are_not_even_read(api: Api) -> None:
    for _ in range(2):
        await start(api, inputs=MANY)
    pages = " ".join(f"a{n}: runs(first: 20) {{ nodes {{ inputs }} }}" for n in range(10))
    with recorded() as statements:
        answer = await api.ask(f"{{ {pages} }}")
    assert refusal(answer) == (
        "expected an answer of at most 65,536 bytes, got more (MAX_ANSWER_BYTES)"
    )
    # How large the values are is asked for, where the column stands without quotes.
    assert any("LENGTH" in statement.sql for statement in statements)
    assert not any('"inputs"' in statement.sql for statement in statements)


async def test_value_counts_each_time_that_it_is_told_and_is_read_once(api: Api) -> None:
    await start(api, inputs={"x": "y" * 20_000})
    pages = [f"a{n}: runs {{ nodes {{ inputs }} }}" for n in range(4)]
    with recorded() as statements:
        assert len(await api.data(f"{{ {' '.join(pages[:3])} }}")) == 3
    assert len(statements) == 3 + 2
    assert refusal(await api.ask(f"{{ {' '.join(pages)} }}"))


async def test_outputs_of_steps_are_not_even_read(api: Api) -> None:
    run_id = await start(api)
    steps = [{"key": key, "output": MANY} for key in "abc"]
    await told(api, "updateSteps", "steps { key }", runId=run_id, steps=steps)
    query = "query ($id: ID!) { run(id: $id) { steps { key output } } }"
    with recorded() as statements:
        assert refusal(await api.ask(query, id=run_id))
    assert len(statements) == 3  # the run, its steps, and how large the outputs are


async def test_answer_of_just_that_size_passes(sqlite_url: str) -> None:
    query = "query ($id: ID!) { run(id: $id) { inputs } }"
    size = VALUE_BYTES + len(json.dumps(MANY, separators=(",", ":")))
    async with served(sqlite_url, DocumentLimits(max_answer_bytes=size)) as api:
        run_id = await start(api, inputs=MANY)
        assert (await api.data(query, id=run_id))["run"]["inputs"] == MANY
    async with served(sqlite_url, DocumentLimits(max_answer_bytes=size - 1)) as api:
        answer = await api.ask(query, id=run_id)
    assert answer["errors"][0]["extensions"]["limit"] == size - 1


@pytest.mark.parametrize("fields", ["nodes { message }", "edges { node { message } }"])
@pytest.mark.parametrize("message", ["x" * 10_000, "é" * 5_000], ids=["ascii", "utf-8"])
async def test_lines_of_logs_count(sqlite_url: str, fields: str, message: str) -> None:
    query = f"query ($id: ID!, $n: Int) {{ run(id: $id) {{ logs(first: $n) {{ {fields} }} }} }}"
    async with served(sqlite_url) as api:
        run_id = await start(api)
        await append(api, run_id, 0, *[message] * 7)
        await api.data(query, id=run_id, n=6)
        assert refusal(await api.ask(query, id=run_id, n=7))


async def test_many_small_values_count(sqlite_url: str) -> None:
    async with served(sqlite_url, DocumentLimits(max_answer_bytes=1_000)) as api:
        for _ in range(4):
            await start(api)
        await api.data("{ runs { nodes { revision } } }")
        many = "{ runs { nodes { " + " ".join(f"a{n}: revision" for n in range(20)) + " } } }"
        assert (await api.error(many))[0] == "LIMIT_EXCEEDED"


async def test_what_else_the_operation_waits_for_is_cut_off(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import graph.query

    is_cut = False

    async def find_shared_report(*_: Any) -> None:
        nonlocal is_cut
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            is_cut = True
            raise

    monkeypatch.setattr(graph.query, "find_shared_report", find_shared_report)
    async with served(sqlite_url) as api:
        run_id = await start(api, inputs=MANY)
        # What is null without it is the run alone, for which nothing beside it would have to end.
        query = 'query ($id: ID!) { run(id: $id) { inputs } sharedReport(token: "x") { title } }'
        async with asyncio.timeout(LIMITS.max_operation_seconds / 2):
            assert refusal(await api.ask(query, id=run_id))
    assert is_cut


async def test_mutation_may_be_done_and_none_begins_behind_it(api: Api) -> None:
    # It may be read just so, and is found too large in the step that would begin the next one.
    given = RUN_INPUT | {"inputs": "x" * (LIMIT - 2)}
    calls = " ".join(f"{name}: startRun(input: $input) {{ run {{ inputs }} }}" for name in "ab")
    answer = await api.ask(f"mutation ($input: StartRunInput!) {{ {calls} }}", input=given)
    assert "it may still be done" in refusal(answer)
    assert await Run.all().count() == 1


async def test_few_pages_of_logs_are_read_at_once(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, most = 0, 0
    read = LogLineConnection.read

    async def counting(*told: Any) -> LogLineConnection:
        nonlocal reading, most
        reading += 1
        most = max(most, reading)
        try:
            return await read(*told)
        finally:
            reading -= 1

    monkeypatch.setattr(LogLineConnection, "read", counting)
    async with served(sqlite_url) as api:
        for _ in range(LOG_PAGES_AT_ONCE + 1):
            await append(api, await start(api), 0, "a line")
        page = await api.data("{ runs { nodes { logs { nodes { message } } } } }")
    assert len(page["runs"]["nodes"]) == LOG_PAGES_AT_ONCE + 1
    assert most == LOG_PAGES_AT_ONCE


async def test_socket_is_told_the_same_and_an_event_may_hold_more(sqlite_url: str) -> None:
    service = Service(hub=Hub())
    subscription = """subscription ($id: ID!) { stepTransitions(runId: $id) {
        transitions { step { output } } } }"""
    async with database(sqlite_url), connected(service) as api:
        run_id = await start(api)
        steps = [{"key": "a", "output": MANY}]
        await told(api, "updateSteps", "steps { key }", runId=run_id, steps=steps)
        app = app_of(service, limits=LIMITS)
        async with serving(app) as address, socket_to(address) as socket:
            await socket.init()
            query = "query ($id: ID!) { run(id: $id) { steps { output } } }"
            await socket.subscribe("1", query, id=run_id)
            ended = await socket.receive()
            assert ended["type"] == "error"
            assert refusal({"data": None, "errors": ended["payload"]})
            await socket.subscribe("2", subscription, id=run_id)
            batch = (await socket.receive())["payload"]["data"]["stepTransitions"]
    assert batch["transitions"] == [{"step": {"output": MANY}}]
