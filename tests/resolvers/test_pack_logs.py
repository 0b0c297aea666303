"""The chore of packing: which runs, how much at a time, and what it leaves alone."""

import asyncio

import pytest

from live.log_store import read_forward
from models.log_chunk import LogChunk
from models.run import Run
from resolvers import pack_logs as chore
from resolvers.errors import Refused, UserErrorCode
from resolvers.pack_logs import pack_logs
from resolvers.service import Service
from tests.support.reporting import append, begin, complete


async def chatty(service: Service, lines: int) -> Run:
    """An active run whose lines came one by one."""
    run = await begin(service)
    for n in range(lines):
        await append(service, run, n, str(n))
    return run


async def chunks(run: Run) -> int:
    return await LogChunk.filter(run_id=run.id).count()


async def test_logs_of_ended_runs_are_packed_and_those_of_active_ones_are_not(
    service: Service,
) -> None:
    active, over = await chatty(service, 5), await chatty(service, 5)
    silent = await complete(service, await begin(service))
    before = await complete(service, over)
    assert await pack_logs(service, asyncio.Event()) == 2
    assert (await chunks(active), await chunks(over)) == (5, 1)
    assert (await Run.get(id=silent.id)).unpacked_from is None
    after = await Run.get(id=over.id)
    assert (after.revision, after.changed_at) == (before.revision, before.changed_at)
    assert await pack_logs(service, asyncio.Event()) == 0


async def test_a_packed_run_still_knows_what_it_was_told(service: Service) -> None:
    run = await chatty(service, 5)
    await complete(service, run)
    await pack_logs(service, asyncio.Event())
    assert (await append(service, run, 2, "2", "3")).next_offset == 5
    with pytest.raises(Refused) as refusal:
        await append(service, run, 3, "other")
    assert refusal.value.error.code is UserErrorCode.OFFSET_CONFLICT


async def test_a_round_is_bounded_and_the_next_goes_on(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("live.chunk_packing.MAX_PACKED_LINES", 4)
    monkeypatch.setattr(chore, "ROUND_LINES", 5)
    run = await complete(service, await chatty(service, 12))
    assert await pack_logs(service, asyncio.Event()) == 0
    assert (await Run.get(id=run.id)).unpacked_from == 9
    assert await pack_logs(service, asyncio.Event()) == 1
    assert await chunks(run) == 3
    page = await read_forward(run.id, 0, 12, 12, None)
    assert [line.message for line in page.lines] == [str(n) for n in range(12)]


async def test_told_to_stop_it_stops_between_two_transactions(service: Service) -> None:
    run = await complete(service, await chatty(service, 3))
    stop = asyncio.Event()
    stop.set()
    assert await pack_logs(service, stop) == 0
    assert await chunks(run) == 3


async def test_a_log_that_cannot_be_read_does_not_hold_up_the_others(service: Service) -> None:
    broken = await complete(service, await chatty(service, 3))
    await LogChunk.filter(run_id=broken.id, first_sequence=2).update(payload=b"\x09")
    good = await complete(service, await chatty(service, 3))
    await pack_logs(service, asyncio.Event())
    assert (await chunks(broken), await chunks(good)) == (3, 1)
    assert await pack_logs(service, asyncio.Event()) == 0
