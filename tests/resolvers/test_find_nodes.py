"""Finding things by id, and what hangs on runs that are not to be seen."""

from typing import Any

from models.deletion import Deletion
from models.ids import Kind, new_id
from models.report import ReportShare, ReportWithSections
from models.run import Run
from models.visibility import EVERYTHING
from resolvers.find_nodes import find_nodes, find_run
from resolvers.service import Service
from resolvers.viewer import LOCAL_VIEWER
from tests.support.clock import START
from tests.support.factories import make_agent, make_cluster, make_run, make_step
from tests.support.statements import recorded


async def belongings(run: Run) -> list[tuple[Kind, Any]]:
    """A step, a report and a share of the run, by kind and id."""
    step = await make_step(run.id, "build", 1)
    report = await ReportWithSections.create(
        id=new_id(), run_id=run.id, title="t", created_at=START
    )
    share = await ReportShare.create(
        id=new_id(),
        run_id=run.id,
        report_id=report.id,
        secret_hash=str(report.id),
        created_by="ada",
        created_at=START,
    )
    return [(Kind.STEP, step.id), (Kind.REPORT, report.id), (Kind.SHARE, share.id)]


async def test_nodes_come_in_the_order_of_their_ids_with_none_for_what_is_not_there(
    service: Service,
) -> None:
    run = await make_run(seconds=1)
    deletion = await Deletion.create(
        id=new_id(), count=1, by="ada", at=START, restorable_until=START
    )
    keys = [
        (Kind.RUN, run.id),
        *await belongings(run),
        (Kind.AGENT, (await make_agent()).id),
        (Kind.RUN, new_id()),
        (Kind.CLUSTER, (await make_cluster()).id),
        (Kind.CLUSTER, run.id),  # another thing's id
        (Kind.DELETION, deletion.id),
        (Kind.RUN, run.id),
    ]
    found = await find_nodes(LOCAL_VIEWER, keys)
    missing = {5, 7}
    assert [row and row.pk for row in found] == [
        None if index in missing else key for index, (_, key) in enumerate(keys)
    ]
    assert await find_nodes(LOCAL_VIEWER, []) == []


async def test_what_hangs_on_a_deleted_run_is_gone_with_it(service: Service) -> None:
    run = await make_run(seconds=1, deleted_at=START)
    keys = [(Kind.RUN, run.id), *await belongings(run)]
    assert await find_nodes(LOCAL_VIEWER, keys) == [None] * 4
    assert await find_run(EVERYTHING, run.id) is None
    await Run.filter(id=run.id).update(deleted_at=None)
    assert None not in await find_nodes(LOCAL_VIEWER, keys)
    found = await find_run(EVERYTHING, run.id)
    assert found is not None
    assert found.id == run.id


async def test_each_kind_costs_one_statement_however_many_ids(service: Service) -> None:
    keys = []
    for _ in range(5):
        run = await make_run(seconds=1)
        keys += [(Kind.RUN, run.id), *await belongings(run)]
    with recorded() as statements:
        await find_nodes(LOCAL_VIEWER, keys)
    assert len(statements) == 4
