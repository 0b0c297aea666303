"""Runs are locked as they are stored."""

from typing import Any
from uuid import UUID

from models.database import database
from models.ids import new_id
from models.instants import utc_now
from models.run import Run
from models.run_change import RunChange
from models.states import RunErrorCode, RunStatus
from models.transactions import transact
from tests.support.factories import make_run


async def locked(*keys: UUID) -> dict[UUID, RunChange]:
    return await transact(lambda: RunChange.lock_free(keys, utc_now()))


def typed(run: Run) -> dict[str, tuple[type, Any]]:
    """All that is in it, with the types, since a status equals its text."""
    return {name: (type(value), value) for name, value in vars(run).items()}


async def test_a_run_that_is_locked_beside_others_is_what_tortoise_reads(database_url: str) -> None:
    now = utc_now()
    async with database(database_url):
        active = await make_run()
        failed = await make_run(
            status=RunStatus.FAILED,
            error_code=RunErrorCode.LOST,
            error_step_id=new_id(),
            deleted_at=now,
        )
        changes = await locked(failed.id, active.id, new_id())
        assert list(changes) == sorted([active.id, failed.id])
        for key, change in changes.items():
            assert typed(change.run) == typed(await Run.get(id=key))


async def test_a_run_that_was_locked_beside_others_can_be_changed(database_url: str) -> None:
    async with database(database_url):
        run = await make_run()

        async def body() -> None:
            (change,) = (await RunChange.lock_free([run.id], utc_now())).values()
            change.set(last_sequence=3, log_sources='[[1,"main",3]]', listed=False)
            await RunChange.save_together([change])

        await transact(body)
        stored = await Run.get(id=run.id)
        assert (stored.last_sequence, stored.revision) == (3, run.revision + 1)
