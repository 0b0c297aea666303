"""A commit whose answer was lost is answered as what it did: twice is the same as once."""

from models.ids import Kind, global_id
from models.run import Run
from models.states import RunStatus
from models.visibility import EVERYTHING, visible_runs
from resolvers.cancel_runs import cancel_runs
from resolvers.delete_runs import delete_runs, delete_runs_matching, restore_runs
from resolvers.run_filter import RunFilter
from resolvers.service import Service
from resolvers.viewer import LOCAL_VIEWER
from tests.support.commits import one_commit_loses_its_answer
from tests.support.reporting import append, begin, complete, retry, run_id


async def test_a_run_is_begun_once(service: Service) -> None:
    with one_commit_loses_its_answer():
        run = await begin(service)
    with one_commit_loses_its_answer():
        other = await begin(service, idempotency_key="key")
    assert {row.id for row in await Run.all()} == {run.id, other.id}


async def test_lines_are_stored_once(service: Service) -> None:
    run = await begin(service)
    with one_commit_loses_its_answer():
        appended = await append(service, run, 0, "one", "two")
    assert (appended.next_offset, appended.end_sequence) == (2, 2)


async def test_deleted_runs_are_told_as_deleted(service: Service) -> None:
    run = await complete(service, await begin(service))
    with one_commit_loses_its_answer():
        answer = await delete_runs(service, LOCAL_VIEWER, [run_id(run)], force=False)
    assert (answer.run_ids, answer.errors) == ([run.id], [])
    assert answer.deletion is not None
    assert answer.deletion.count == 1


async def test_matching_runs_are_told_as_deleted_and_restored_ones_as_restored(
    service: Service,
) -> None:
    for _ in range(3):
        await complete(service, await begin(service))
    with one_commit_loses_its_answer():
        answer = await delete_runs_matching(
            service, LOCAL_VIEWER, RunFilter(agent_names=("nightly-etl",)), 3, force=False
        )
    assert (answer.deleted_count, answer.errors) == (3, [])
    assert answer.deletion is not None
    with one_commit_loses_its_answer():
        restored = await restore_runs(
            service, LOCAL_VIEWER, global_id(Kind.DELETION, answer.deletion.id), None
        )
    assert restored.count == 3
    assert await visible_runs(EVERYTHING).count() == 3


async def test_a_cancelled_run_is_told_as_cancelled(service: Service) -> None:
    run = await begin(service)
    await retry(service, run)
    with one_commit_loses_its_answer():
        answer = await cancel_runs(service, LOCAL_VIEWER, [run_id(run)], None)
    assert [row.status for row in answer.runs] == [RunStatus.CANCELLED]
    assert answer.errors == []
