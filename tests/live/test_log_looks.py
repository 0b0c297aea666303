"""Looks that are asked for together are one statement, and each finds what is its own."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from live import log_looks
from live.log_looks import MAX_CHUNKS, MAX_LOOKS, Look, Looks, Rows
from models.ids import new_id
from models.run import Run
from resolvers.delete_runs import delete_runs
from resolvers.service import Service
from resolvers.viewer import LOCAL_VIEWER
from tests.support.reporting import append, begin, run_id
from tests.support.statements import recorded

FAR = 1_000_000


def firsts(rows: Rows) -> list[int | None]:
    """The first sequence of each chunk; [None] for a run without news."""
    return [row["first_sequence"] for row in rows]


async def written(service: Service, *lines: str) -> Run:
    """A run with an append for each line."""
    run = await begin(service)
    for offset, line in enumerate(lines):
        await append(service, run, offset, line)
    return run


async def test_each_of_many_looks_finds_its_own(service: Service) -> None:
    one, other, silent, deleted = [await written(service, *text) for text in ("ab", "cde", "", "f")]
    await delete_runs(service, LOCAL_VIEWER, [run_id(deleted)], force=True)
    looks = Looks()
    found = await asyncio.gather(
        looks.take(Look(one.id, 0, FAR)),
        looks.take(Look(other.id, 1, 2)),
        looks.take(Look(other.id, 0, FAR)),
        looks.take(Look(silent.id, 0, FAR)),
        looks.take(Look(deleted.id, 0, FAR)),
        looks.take(Look(new_id(), 0, FAR)),
    )
    assert [firsts(rows) for rows in found] == [[1, 2], [2], [1, 2, 3], [None], [], []]
    assert [rows[0]["last_sequence"] for rows in found[:4]] == [2, 3, 3, 0]


async def test_those_of_one_turn_are_one_statement(service: Service) -> None:
    runs = [await written(service, "a") for _ in range(3)]
    looks = Looks()
    with recorded() as statements:
        for _ in range(2):
            await asyncio.gather(*(looks.take(Look(run.id, 0, FAR)) for run in runs))
    each = 1 if runs[0]._meta.db.capabilities.dialect == "postgres" else len(runs)
    assert len(statements) == 2 * each


async def test_one_that_comes_while_others_are_answered_reads_for_itself(service: Service) -> None:
    run = await written(service, "a")
    looks = Looks()
    before = asyncio.ensure_future(looks.take(Look(run.id, 0, FAR)))
    await asyncio.sleep(0)
    await append(service, run, 1, "b")
    assert firsts(await looks.take(Look(run.id, 0, FAR))) == [1, 2]
    await before


async def test_no_statement_has_too_many_looks_or_chunks(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []

    async def read(looks: Any) -> list[Rows]:
        sizes.append(len(looks))
        return [[]] * len(looks)

    run = await written(service, "a", "b", "c")
    share = MAX_CHUNKS // MAX_LOOKS
    many = await log_looks.read([Look(run.id, 0, FAR)] * MAX_LOOKS)
    assert [len(rows) for rows in many] == [share] * MAX_LOOKS
    monkeypatch.setattr(log_looks, "read", read)
    looks = Looks()
    await asyncio.gather(*(looks.take(Look(run.id, 0, FAR)) for _ in range(MAX_LOOKS + 1)))
    assert sizes == [MAX_LOOKS, 1]


async def test_all_are_told_what_went_wrong_but_who_has_gone(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_: object) -> list[Rows]:
        gone.cancel()
        raise ConnectionResetError

    monkeypatch.setattr(log_looks, "read", broken)
    looks, look = Looks(), Look(new_id(), 0, FAR)
    gone, *others = [asyncio.ensure_future(looks.take(look)) for _ in range(3)]
    outcomes = await asyncio.gather(gone, *others, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [
        asyncio.CancelledError,
        ConnectionResetError,
        ConnectionResetError,
    ]


async def test_nothing_is_left_of_a_look_once_all_who_asked_have_gone(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_begun = asyncio.Event()

    async def endless(_: object) -> list[Rows]:
        has_begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(log_looks, "read", endless)
    tasks = asyncio.all_tasks()
    looks, look = Looks(), Look(new_id(), 0, FAR)
    gone = [asyncio.ensure_future(looks.take(look)) for _ in range(2)]
    await has_begun.wait()
    for one in gone:
        one.cancel()
    await asyncio.wait(gone)
    assert asyncio.all_tasks() == tasks


async def test_one_that_goes_before_the_look_takes_nobody_with_it(service: Service) -> None:
    run = await written(service, "a")
    looks, look = Looks(), Look(run.id, 0, FAR)
    gone = asyncio.ensure_future(looks.take(look))
    await asyncio.sleep(0)  # it has asked, and nothing was read
    gone.cancel()
    stays = asyncio.ensure_future(looks.take(look))
    await asyncio.wait({gone})
    assert gone.cancelled()
    assert firsts(await stays) == [1]
