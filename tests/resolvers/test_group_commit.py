"""Appends that arrive together are committed together, and none of them pays for another."""

import asyncio
from collections.abc import Sequence
from typing import Any, Self
from uuid import UUID

import asyncpg
import pytest

from live.chunk_insert import insert, pack, place
from live.log_line import NewLine
from live.log_store import read_forward
from models.database import dialect
from models.ids import new_id
from models.run import Run
from models.run_change import RunChange
from models.states import LogLevel, LogStream
from models.transactions import DatabaseUnavailable
from resolvers import group_commit
from resolvers.append_logs import AppendedLogs
from resolvers.errors import Refused, UserErrorCode
from resolvers.group_commit import GroupCommit, Work
from resolvers.service import Service
from resolvers.uninterrupted import finish_operations
from tests.server.cli.waiting import until
from tests.support.clock import START
from tests.support.commits import commits, one_commit_fails, one_commit_loses_its_answer
from tests.support.reporting import append, begin, complete


async def stored(run: Run) -> list[str]:
    """The run's lines, which are gapless and as many as its row says."""
    page = await read_forward(run.id, 0, 10_000, 10_000, None)
    sequences = [line.sequence for line in page.lines]
    assert sequences == list(range(1, (await Run.get(id=run.id)).last_sequence + 1))
    return [line.message for line in page.lines]


async def at_once(*calls: Any) -> list[Any]:
    """What each call answers or raises."""
    return await asyncio.gather(*calls, return_exceptions=True)


async def test_appends_of_many_runs_that_arrive_together_share_one_commit(
    service: Service,
) -> None:
    runs = [await begin(service) for _ in range(20)]
    with commits() as counted:
        answers = await at_once(*(append(service, run, 0, f"of {run.id}") for run in runs))
    assert len(counted) == 1
    assert [answer.next_offset for answer in answers] == [1] * 20
    for run in runs:
        assert await stored(run) == [f"of {run.id}"]


async def test_what_arrives_while_a_group_is_committed_goes_in_few_groups_more(
    service: Service,
) -> None:
    runs = [await begin(service) for _ in range(10)]

    async def tell(run: Run) -> None:
        for offset in range(10):
            await append(service, run, offset, str(offset))

    with commits() as counted:
        await asyncio.gather(*(tell(run) for run in runs))
    assert len(counted) < 30
    for run in runs:
        assert await stored(run) == [str(offset) for offset in range(10)]


async def test_several_appends_of_one_run_in_a_group_are_stored_in_their_order(
    service: Service,
) -> None:
    run = await begin(service)
    with commits() as counted:
        answers = await at_once(
            append(service, run, 0, "a0", "a1", source="a"),
            append(service, run, 0, "b0", source="b"),
            append(service, run, 2, "a2", source="a"),
        )
    assert len(counted) == 1
    assert [answer.end_sequence for answer in answers] == [2, 3, 4]
    assert await stored(run) == ["a0", "a1", "b0", "a2"]


async def test_one_refusal_in_a_group_is_told_to_its_own_reporter_alone(service: Service) -> None:
    runs = [await begin(service) for _ in range(5)]
    over = await complete(service, await begin(service))
    answers = await at_once(
        *(append(service, run, 0, "new") for run in runs),
        append(service, over, 0, "late"),
        append(service, runs[0], 7, "gap", source="other"),
        append(service, runs[1], 0, "stale", attempt=2),
    )
    assert [answer.next_offset for answer in answers[:5]] == [1] * 5
    codes = [answer.error.code for answer in answers[5:] if isinstance(answer, Refused)]
    assert codes == [UserErrorCode.RUN_ENDED, UserErrorCode.OFFSET_GAP, UserErrorCode.INVALID]
    for run in runs:
        assert await stored(run) == ["new"]


async def test_what_the_database_refuses_of_one_fails_no_other(service: Service) -> None:
    runs = [await begin(service) for _ in range(4)]
    # A chunk that its run does not know of stands in the way of the next.
    line = NewLine("in the way", START, LogLevel.INFO, LogStream.STDOUT, None)
    await insert(place(runs[1].id, 1, 1, "main", 0, pack([line])))
    answers = await at_once(*(append(service, run, 0, "new") for run in runs))
    failed = [isinstance(answer, Exception) for answer in answers]
    assert failed == [False, True, False, False]
    for run in (runs[0], runs[2], runs[3]):
        assert await stored(run) == ["new"]


async def test_a_first_mention_of_a_step_keeps_what_comes_behind_it_in_order(
    service: Service,
) -> None:
    run = await begin(service)
    answers = await at_once(
        append(service, run, 0, "one"),
        append(service, run, 1, "two", step_key="build"),
        append(service, run, 2, "three"),
        append(service, run, 3, "four", step_key="build"),
    )
    assert [answer.end_sequence for answer in answers] == [1, 2, 3, 4]
    assert await stored(run) == ["one", "two", "three", "four"]
    # Known by now, it needs no transaction of its own.
    other = await begin(service, steps=("build",))
    with commits() as counted:
        await at_once(
            append(service, run, 4, "five", step_key="build"),
            append(service, other, 0, "one", step_key="build"),
        )
    assert len(counted) == 1


async def test_a_group_whose_answer_was_lost_is_stored_once(service: Service) -> None:
    runs = [await begin(service) for _ in range(5)]
    with one_commit_loses_its_answer():
        answers = await at_once(*(append(service, run, 0, "one", "two") for run in runs))
    assert [(a.next_offset, a.end_sequence) for a in answers] == [(2, 2)] * 5
    for run in runs:
        assert await stored(run) == ["one", "two"]


async def test_a_group_that_cannot_be_committed_is_done_one_by_one(service: Service) -> None:
    runs = [await begin(service) for _ in range(3)]
    calls = [append(service, run, offset, "x") for run in runs for offset in range(3)]
    with one_commit_fails(ValueError("for a reason of its own")):
        answers = await at_once(*calls)
    assert all(isinstance(answer, AppendedLogs) for answer in answers)
    for run in runs:
        assert await stored(run) == ["x"] * 3


async def test_while_the_database_is_away_nobody_waits_twice(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = [await begin(service) for _ in range(4)]
    monkeypatch.setattr(group_commit, "GROUPS_AT_ONCE", 1)
    monkeypatch.setattr("models.transactions.PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(group_commit, "MAX_GROUP", 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RunChange, "lock_free", _unreachable)
        answers = await at_once(*(append(service, run, 0, "x") for run in runs))
    assert [type(answer) for answer in answers] == [DatabaseUnavailable] * 4
    for run in runs:
        assert (await append(service, run, 0, "x")).next_offset == 1


def _unreachable(*_: Any, **__: Any) -> Any:
    raise ConnectionRefusedError("no database")


class Held(Work[str]):
    """Work that is committed once its gate opens; notes who is at it."""

    def __init__(self, key: UUID, begun: list[Work[Any]]) -> None:
        super().__init__(key, 1)
        self.gate = asyncio.get_running_loop().create_future()
        self.begun = begun

    @classmethod
    async def together(cls, group: Sequence[Self]) -> list[str | None]:
        for work in group:
            work.begun.append(work)
        return [await work.gate for work in group]

    async def alone(self) -> str:
        raise AssertionError("nothing is left to be done alone")


async def test_a_group_that_fails_does_not_free_the_runs_that_another_is_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(group_commit, "MAX_GROUP", 1)
    commit, begun = GroupCommit(), list[Work[Any]]()
    run, other = new_id(), new_id()
    first, failing, waiting, next_one = (Held(key, begun) for key in (run, other, run, run))
    tasks = [asyncio.create_task(commit.do(work)) for work in (first, failing, waiting)]
    await until(lambda: begun == [first, failing])
    failing.gate.set_exception(DatabaseUnavailable("away"))
    for task in tasks[1:]:
        with pytest.raises(DatabaseUnavailable):
            await task
    next_one.gate.set_result("next")
    last = asyncio.create_task(commit.do(next_one))
    await asyncio.wait({last}, timeout=0.1)
    assert begun == [first, failing]
    first.gate.set_result("first")
    assert (await tasks[0], await last) == ("first", "next")


async def test_a_run_that_somebody_else_holds_locked_holds_up_no_other(
    service: Service, request: pytest.FixtureRequest
) -> None:
    if dialect() == "sqlite":
        pytest.skip("SQLite has one lock for all runs")
    held, free = await begin(service), await begin(service)
    elsewhere = await asyncpg.connect(request.getfixturevalue("database_url"))
    try:
        async with elsewhere.transaction():
            await elsewhere.execute("SELECT 1 FROM run WHERE id = $1 FOR UPDATE", held.id)
            waiting = asyncio.create_task(append(service, held, 0, "held"))
            second = asyncio.create_task(append(service, held, 1, "second"))
            assert (await append(service, free, 0, "free")).next_offset == 1
            assert (await append(service, free, 1, "free")).next_offset == 2
            assert not waiting.done()
        assert (await waiting).next_offset == 1
        assert (await second).next_offset == 2
    finally:
        await elsewhere.close()


async def test_what_was_told_by_a_client_that_is_gone_is_stored_before_a_stop(
    service: Service,
) -> None:
    runs = [await begin(service) for _ in range(3)]
    calls = [asyncio.create_task(append(service, run, 0, "last words")) for run in runs]
    await asyncio.sleep(0)
    for call in calls:
        call.cancel()
    await finish_operations(10)
    for run in runs:
        assert await stored(run) == ["last words"]
