"""One execution serves all who ask for the same, and nobody gets what is another's."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.context import Context
from graph.schema import schema
from live import broadcast as broadcasts
from live import follow_logs as follows
from live import follow_runs
from live.broadcast import BrokenOff, Message
from live.hub import Hub
from models.database import database
from models.visibility import Scope
from resolvers.cursors import log_cursor
from resolvers.delete_runs import delete_runs
from resolvers.service import Service
from resolvers.viewer import LOCAL_VIEWER, Role, Viewer
from server.graphql_request import GraphQLRequest
from server.subscriptions import Subscriptions
from tests.support.reporting import append, begin, complete, run_id, steps
from tests.support.statements import recorded

SECONDS = 20
LOG = """subscription Log($id: ID!, $after: String, $filter: LogFilter) {
    logLines(runId: $id, after: $after, filter: $filter) {
        lines { sequence message } endCursor end } }"""
SHORT_LOG = """subscription ($id: ID!, $after: String) {
    logLines(runId: $id, after: $after) { lines { s: sequence } end } }"""
TRANSITIONS = """subscription ($id: ID!, $after: String) {
    stepTransitions(runId: $id, after: $after) {
        transitions { to step { key } } run { status } endCursor end } }"""
UPDATES = "subscription ($filter: RunFilter) { runUpdates(filter: $filter) { kind run { id } } }"

Json = dict[str, Any]


@pytest.fixture
async def service(database_url: str) -> AsyncIterator[Service]:
    async with database(database_url):
        yield Service(hub=Hub())


@pytest.fixture
def subscriptions() -> Subscriptions:
    return Subscriptions(schema)


class Subscriber:
    """One who subscribes, and keeps what came."""

    def __init__(
        self, subscriptions: Subscriptions, service: Service, query: str, **variables: Any
    ) -> None:
        self.came: list[Json] = []
        self.viewer = variables.pop("viewer", LOCAL_VIEWER)
        self.variables = variables
        self._request = GraphQLRequest(query, variables, None)
        self._subscriptions, self._service = subscriptions, service

    async def messages(self, resume: str | None = None) -> AsyncGenerator[Message, None]:
        context = Context(self._service, self.viewer)
        asked = await self._subscriptions.find(self._request, context, resume=resume)
        assert asked is not None
        async with aclosing(self._subscriptions.messages(asked)) as messages:
            async for message in messages:
                yield message

    async def take(self, most: int = 10**9, pause: Callable[[], Any] | None = None) -> None:
        """Take messages until the end, or so many."""
        async with asyncio.timeout(SECONDS), aclosing(self.messages()) as messages:
            async for message in messages:
                self.came.append(json.loads(message.payload)["data"])
                if pause:
                    await pause()
                if len(self.came) >= most:
                    return

    def of(self, field: str, part: str) -> list[Any]:
        """What came of a list in each message, as one list."""
        return [item for data in self.came for item in data[field][part]]


def ends(subscriber: Subscriber, field: str) -> list[str]:
    return [data[field]["end"] for data in subscriber.came if data[field]["end"]]


async def caught_up(subscriptions: Subscriptions, subscribers: int) -> None:
    """Wait until so many have taken everything that there is."""
    async with asyncio.timeout(SECONDS):
        while subscriptions.resting < subscribers:  # noqa: ASYNC110 - nobody tells it
            await asyncio.sleep(0.001)


async def came(subscriber: Subscriber, messages: int) -> None:
    async with asyncio.timeout(SECONDS):
        while len(subscriber.came) < messages:  # noqa: ASYNC110 - nobody tells it
            await asyncio.sleep(0.001)


async def arrived(followers: list[Subscriber], lines: int) -> None:
    async with asyncio.timeout(SECONDS):
        while any(  # noqa: ASYNC110 - nobody tells it
            len(one.of("logLines", "lines")) < lines for one in followers
        ):
            await asyncio.sleep(0.001)


async def test_a_hundred_who_follow_a_run_cost_the_database_what_one_does(
    service: Service, subscriptions: Subscriptions
) -> None:
    costs = []
    for number in (1, 100):
        run = await begin(service)
        followers = [Subscriber(subscriptions, service, LOG, id=run_id(run)) for _ in range(number)]
        following = [asyncio.create_task(follower.take()) for follower in followers]
        await caught_up(subscriptions, number)
        with recorded() as statements:
            for offset in range(5):
                await append(service, run, offset, str(offset))
                await arrived(followers, offset + 1)
                await caught_up(subscriptions, number)
            costs.append(sum("log_chunk" in statement.sql for statement in statements))
        assert subscriptions.executions == 1
        await complete(service, run)
        await asyncio.gather(*following)
        for follower in followers:
            assert [line["message"] for line in follower.of("logLines", "lines")] == [*"01234"]
            assert ends(follower, "logLines") == ["RUN_ENDED"]
    # The execution's first look at the log may have been before or after the counting began.
    assert abs(costs[0] - costs[1]) <= 1


async def test_what_is_sent_is_one_text_for_all(
    service: Service, subscriptions: Subscriptions
) -> None:
    run = await begin(service)
    one, other = (
        Subscriber(subscriptions, service, LOG, id=run_id(run)).messages() for _ in range(2)
    )
    async with aclosing(one), aclosing(other):
        nexts = [asyncio.ensure_future(anext(messages)) for messages in (one, other)]
        await caught_up(subscriptions, 2)
        await append(service, run, 0, "line")
        first, second = await asyncio.gather(*nexts)
        assert first.payload is second.payload


async def test_viewers_of_different_rights_never_share(
    service: Service, subscriptions: Subscriptions
) -> None:
    run = await begin(service)
    scope = Scope(None, frozenset({"eu-1"}))
    viewers = [
        LOCAL_VIEWER,
        Viewer("ada", Role.ADMIN),  # who may do the same, by another name
        LOCAL_VIEWER.within("chat-7f3a"),  # and in a session
        Viewer("local", Role.VIEWER),
        Viewer("local", Role.VIEWER, scope=scope),
    ]
    followers = [
        Subscriber(subscriptions, service, LOG, id=run_id(run), viewer=viewer)
        for viewer in (*viewers, *viewers)
    ]
    following = [asyncio.create_task(follower.take()) for follower in followers]
    await caught_up(subscriptions, len(followers))
    assert subscriptions.executions == 3
    await complete(service, run)
    await asyncio.gather(*following)


async def test_nothing_is_left_once_the_last_has_gone(
    service: Service, subscriptions: Subscriptions
) -> None:
    run = await begin(service, steps=("a",))
    tasks = asyncio.all_tasks()
    following = [
        asyncio.create_task(Subscriber(subscriptions, service, query, id=run_id(run)).take())
        for query in (LOG, LOG, SHORT_LOG, TRANSITIONS)
    ] + [asyncio.create_task(Subscriber(subscriptions, service, UPDATES).take())]
    await caught_up(subscriptions, 5)
    for task in following:
        task.cancel()
    await asyncio.wait(following)
    assert (subscriptions.executions, service.hub.follower_count, service.hub.attendance) == (
        0,
    ) * 3
    assert asyncio.all_tasks() == tasks


async def test_one_that_falls_behind_reads_the_rest_from_the_store_and_joins_again(
    service: Service, subscriptions: Subscriptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcasts, "MAX_MESSAGES", 2)
    run = await begin(service)
    fast, slow = (Subscriber(subscriptions, service, LOG, id=run_id(run)) for _ in range(2))
    free = asyncio.Event()
    following = [asyncio.create_task(fast.take()), asyncio.create_task(slow.take(pause=free.wait))]
    await caught_up(subscriptions, 2)
    for offset in range(10):
        await append(service, run, offset, str(offset))
        await arrived([fast], offset + 1)
    assert len(slow.came) == 1
    free.set()
    await arrived([slow], 10)
    assert len(slow.came) < 10, "what it missed came in larger batches"
    await caught_up(subscriptions, 2)
    assert subscriptions.executions == 1
    await complete(service, run)
    await asyncio.gather(*following)
    assert slow.of("logLines", "lines") == fast.of("logLines", "lines")
    assert ends(slow, "logLines") == ends(fast, "logLines") == ["RUN_ENDED"]


async def test_a_run_deleted_between_two_stretches_still_ends_its_streams(
    service: Service, subscriptions: Subscriptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await begin(service, steps=("a",))
    await append(service, run, 0, "line")
    for query, field in ((LOG, "logLines"), (TRANSITIONS, "stepTransitions")):
        follower = Subscriber(subscriptions, service, query, id=run_id(run))
        async with aclosing(follower.messages()) as messages:
            await anext(messages)
            await delete_runs(service, LOCAL_VIEWER, [run_id(run)], force=True)
            told = [json.loads(message.payload)["data"][field] async for message in messages]
            assert [batch["end"] for batch in told] == ["RUN_DELETED"]
        run = await begin(service, steps=("a",))
        await append(service, run, 0, "line")


async def test_a_cursor_given_beside_the_request_counts(
    service: Service, subscriptions: Subscriptions
) -> None:
    run = await begin(service)
    await append(service, run, 0, *"abc")
    await complete(service, run)
    follower = Subscriber(subscriptions, service, LOG, id=run_id(run), after=log_cursor(run.id, 1))
    payloads = [m.payload async for m in follower.messages(resume=log_cursor(run.id, 2))]
    assert [line["message"] for line in json.loads(payloads[0])["data"]["logLines"]["lines"]] == [
        "c"
    ]


@pytest.mark.parametrize("after", ["no cursor", 9])
async def test_a_bad_cursor_is_an_error_for_its_own_subscriber_only(
    service: Service, subscriptions: Subscriptions, after: Any
) -> None:
    run = await begin(service)
    cursor = after if isinstance(after, str) else log_cursor(run.id, after)
    good = Subscriber(subscriptions, service, LOG, id=run_id(run))
    following = asyncio.create_task(good.take())
    await caught_up(subscriptions, 1)
    with pytest.raises(BrokenOff) as raised:
        await Subscriber(subscriptions, service, LOG, id=run_id(run), after=cursor).take()
    [error] = raised.value.reason
    assert error.message.startswith("after: expected a cursor")
    await complete(service, run)
    await following
    assert ends(good, "logLines") == ["RUN_ENDED"]


async def test_a_shutdown_reaches_all_who_share_after_what_was_committed(
    service: Service, subscriptions: Subscriptions
) -> None:
    run = await begin(service)
    followers = [Subscriber(subscriptions, service, LOG, id=run_id(run)) for _ in range(3)]
    following = [asyncio.create_task(follower.take()) for follower in followers]
    await caught_up(subscriptions, 3)
    await append(service, run, 0, "committed")
    service.hub.close()
    async with asyncio.timeout(SECONDS):
        await service.hub.deserted()
    for follower, task in zip(followers, following, strict=True):
        with pytest.raises(BrokenOff) as raised:
            await task
        assert raised.value.reason[0].extensions == {"code": "INTERRUPTED"}
        assert [line["message"] for line in follower.of("logLines", "lines")] == ["committed"]


# ---------------------------------------------------------------- the list of runs


async def test_who_joins_the_list_later_begins_with_reset_and_gets_what_the_others_get(
    service: Service, subscriptions: Subscriptions
) -> None:
    early, late = (Subscriber(subscriptions, service, UPDATES) for _ in range(2))
    following = asyncio.create_task(early.take(3))
    await caught_up(subscriptions, 1)
    first = await begin(service)
    await came(early, 2)
    joining = asyncio.create_task(late.take(2))
    await caught_up(subscriptions, 2)
    assert subscriptions.executions == 1
    second = await begin(service)
    await asyncio.gather(following, joining)
    kinds = [(data["runUpdates"]["kind"], data["runUpdates"]["run"]) for data in early.came]
    assert kinds == [
        ("RESET", None),
        ("ENTERED", {"id": run_id(first)}),
        ("ENTERED", {"id": run_id(second)}),
    ]
    assert late.came == [early.came[0], early.came[2]]


async def test_a_newcomer_hears_of_a_run_that_leaves_before_the_others_were_told_of_it(
    service: Service, subscriptions: Subscriptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It read the list while the run was in it, and would show it for ever."""
    running = {"filter": {"statuses": ["RUNNING"]}}
    early = Subscriber(subscriptions, service, UPDATES, **running)
    following = asyncio.create_task(early.take(2))
    await caught_up(subscriptions, 1)
    # The others are told of nothing until the run has come and gone.
    monkeypatch.setattr(follow_runs._Due, "take", lambda _: [])
    run = await begin(service)
    late = Subscriber(subscriptions, service, UPDATES, **running)
    joining = asyncio.create_task(late.take(2))
    await came(late, 1)
    await complete(service, run)
    monkeypatch.undo()
    await asyncio.gather(following, joining)
    assert [data["runUpdates"]["kind"] for data in late.came] == ["RESET", "LEFT"]


# ---------------------------------------------------------------- the property

FILTERS = [None, {"contains": "a"}, {"contains": "none"}, {"stepKeys": ["x"]}]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
async def test_each_of_many_subscribers_gets_what_it_would_have_got_alone(
    service: Service, data: st.DataObject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever they select, filter and begin with, whenever they come, however fast they read."""
    monkeypatch.setattr(follows, "MAX_BATCH_LINES", 3)
    monkeypatch.setattr(broadcasts, "MAX_MESSAGES", data.draw(st.integers(1, 4)))
    subscriptions = Subscriptions(schema)
    run = await begin(service, steps=("x", "y"))
    sizes = data.draw(st.lists(st.integers(1, 5), max_size=6))
    pauses = data.draw(st.lists(st.integers(0, 6), min_size=1, max_size=12))
    chosen = data.draw(
        st.lists(
            st.tuples(
                st.sampled_from([LOG, SHORT_LOG, TRANSITIONS]),
                st.sampled_from(FILTERS),
                st.integers(0, 3),  # how many lines it has already
                st.integers(0, 4),  # how long it takes for each message
                st.integers(0, 6),  # when it comes
            ),
            min_size=2,
            max_size=8,
        )
    )
    await append(service, run, 0, "a", "b", "c")

    async def write() -> None:
        offset = 3
        for turn, size in enumerate(sizes):
            await _yield(pauses[turn % len(pauses)])
            lines = [f"{'ab'[n % 2]}{n}" for n in range(offset, offset + size)]
            await append(service, run, offset, *lines, step_key="xy"[turn % 2])
            await steps(service, run, attempt=1, **{"xy"[turn % 2]: "RUNNING"})
            offset += size
        await complete(service, run)

    async def subscribe(choice: tuple[str, Json | None, int, int, int]) -> Subscriber:
        query, log_filter, known, speed, when = choice
        variables: Json = {"id": run_id(run)}
        if query != TRANSITIONS:
            variables["after"] = log_cursor(run.id, known)
        if query == LOG:
            variables["filter"] = log_filter
        subscriber = Subscriber(subscriptions, service, query, **variables)
        await _yield(when)
        await subscriber.take(pause=lambda: _yield(speed))
        return subscriber

    writing = asyncio.create_task(write())
    subscribers = await asyncio.gather(*map(subscribe, chosen))
    await writing
    for (query, *_), subscriber in zip(chosen, subscribers, strict=True):
        alone = Subscriber(Subscriptions(schema), service, query, **subscriber.variables)
        await alone.take()
        field, part = (
            ("stepTransitions", "transitions") if query == TRANSITIONS else ("logLines", "lines")
        )
        assert subscriber.of(field, part) == alone.of(field, part)
        assert ends(subscriber, field) == ends(alone, field) == ["RUN_ENDED"]
        assert subscriber.came[-1] == alone.came[-1]
    assert (subscriptions.executions, service.hub.follower_count) == (0, 0)


async def _yield(turns: int) -> None:
    for _ in range(turns):
        await asyncio.sleep(0.0005)
