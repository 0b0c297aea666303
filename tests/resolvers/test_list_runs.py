"""Pages of runs: order, both directions, cursors, and what they cost."""

import random
from datetime import timedelta

import pytest

from models.ids import new_id
from models.run import Run
from models.states import RunStatus
from models.visibility import EVERYTHING as ALL
from resolvers.cursors import encode_cursor
from resolvers.errors import BadInput
from resolvers.filter_checks import MAX_EXCLUSIONS, MAX_LABELS, MAX_VALUES
from resolvers.list_runs import MAX_BRANCHES, count_runs, list_runs
from resolvers.pages import Page, PageRequest
from resolvers.run_filter import RunExclusion, RunFilter
from resolvers.run_order import OrderDirection, RunOrder, RunOrderField
from resolvers.service import Service
from tests.support.clock import START
from tests.support.factories import make_agent, make_run
from tests.support.statements import recorded

ORDERS = [RunOrder(field, direction) for field in RunOrderField for direction in OrderDirection]
FILTERS = [
    None,
    RunFilter(statuses=(RunStatus.RUNNING, RunStatus.COMPLETED)),
    RunFilter(agent_names=("a", "b")),
]


async def runs_with_ties(count: int = 30) -> list[Run]:
    """Runs of which many began together and lasted as long, some still active, in random order."""
    source = random.Random(count)
    return [
        await make_run(
            agent=source.choice("ab"),
            started_at=START + timedelta(seconds=source.randrange(3)),
            seconds=source.choice((None, 1.0, 2.0)),
        )
        for _ in range(count)
    ]


def in_order(runs: list[Run], order: RunOrder) -> list[Run]:
    column = order.field.lower()
    descending = order.direction is OrderDirection.DESC
    return sorted(runs, key=lambda run: (getattr(run, column), run.id), reverse=descending)


async def all_pages(run_filter: RunFilter | None, order: RunOrder, *, backwards: bool) -> list[Run]:
    """Every run, by following the cursors from one end to the other."""
    found: list[Run] = []
    cursor: str | None = None
    while True:
        page: Page[Run] = (
            await list_runs(ALL, run_filter, order, PageRequest(7, before=cursor, backwards=True))
            if backwards
            else await list_runs(ALL, run_filter, order, PageRequest(7, after=cursor))
        )
        ends = (page.has_previous_page, page.has_next_page)
        behind, ahead = ends[::-1] if backwards else ends
        assert behind == (cursor is not None)
        found = page.items + found if backwards else found + page.items
        if not ahead:
            return found
        assert len(page.items) == 7
        cursor = page.cursors[0] if backwards else page.cursors[-1]


@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
async def test_pages_cover_everything_once_in_order_under_ties(
    service: Service, backwards: bool
) -> None:
    runs = await runs_with_ties()
    for run_filter in FILTERS:
        for order in ORDERS:
            found = await all_pages(run_filter, order, backwards=backwards)
            assert [run.id for run in found] == [run.id for run in in_order(runs, order)]


async def test_active_runs_come_first_in_desc_and_last_in_asc(service: Service) -> None:
    await runs_with_ties()
    for field in (RunOrderField.COMPLETED_AT, RunOrderField.DURATION):
        falling = await list_runs(ALL, None, RunOrder(field, OrderDirection.DESC), PageRequest(100))
        activity = [run.is_active for run in falling.items]
        assert activity == sorted(activity, reverse=True)
        rising = await list_runs(ALL, None, RunOrder(field, OrderDirection.ASC), PageRequest(100))
        assert [run.id for run in rising.items] == [run.id for run in falling.items][::-1]


async def test_flags_are_exact_where_the_page_is_exactly_full(service: Service) -> None:
    for _ in range(4):
        await make_run()
    first = await list_runs(ALL, None, RunOrder(), PageRequest(4))
    assert (first.has_previous_page, first.has_next_page) == (False, False)
    first = await list_runs(ALL, None, RunOrder(), PageRequest(3))
    assert (first.has_previous_page, first.has_next_page) == (False, True)
    rest = await list_runs(ALL, None, RunOrder(), PageRequest(1, after=first.cursors[-1]))
    assert (rest.has_previous_page, rest.has_next_page) == (True, False)
    last = await list_runs(ALL, None, RunOrder(), PageRequest(4, backwards=True))
    assert (last.has_previous_page, last.has_next_page) == (False, False)
    last = await list_runs(ALL, None, RunOrder(), PageRequest(3, backwards=True))
    assert (last.has_previous_page, last.has_next_page) == (True, False)


async def test_two_cursors_are_a_window_that_either_end_pages_through(service: Service) -> None:
    for _ in range(6):
        await make_run()
    whole = await list_runs(ALL, None, RunOrder(), PageRequest(6))
    after, before = whole.cursors[0], whole.cursors[5]
    first = await list_runs(ALL, None, RunOrder(), PageRequest(3, after, before))
    assert (first.items, first.has_next_page) == (whole.items[1:4], True)
    last = await list_runs(ALL, None, RunOrder(), PageRequest(3, after, before, backwards=True))
    assert (last.items, last.has_previous_page) == (whole.items[2:5], True)
    inside = await list_runs(ALL, None, RunOrder(), PageRequest(4, after, before))
    assert (inside.items, inside.has_next_page) == (whole.items[1:5], False)


async def test_rows_that_come_and_go_shift_no_page(service: Service) -> None:
    runs = [await make_run(started_at=START + timedelta(seconds=n)) for n in range(6)]
    first = await list_runs(ALL, None, RunOrder(), PageRequest(3))
    await make_run(started_at=START + timedelta(seconds=9))
    await Run.filter(id__in=[runs[5].id, runs[3].id]).update(deleted_at=START)
    rest = await list_runs(ALL, None, RunOrder(), PageRequest(3, after=first.cursors[-1]))
    assert [run.id for run in rest.items] == [run.id for run in runs[2::-1]]


async def test_a_run_that_moves_between_values_stands_in_a_page_once(service: Service) -> None:
    """One statement reads all values: a status that changes meanwhile cannot be seen twice."""
    await runs_with_ties()
    with recorded() as statements:
        await list_runs(ALL, RunFilter(statuses=tuple(RunStatus)), RunOrder(), PageRequest(20))
    assert len(statements) == 1


async def test_names_beyond_those_read_apart_are_found_as_well(service: Service) -> None:
    names = [f"agent {number}" for number in range(MAX_BRANCHES + 1)]
    runs = [await make_run(agent=name) for name in names]
    for count in (1, MAX_BRANCHES, MAX_BRANCHES + 1):
        wanted = RunFilter(agent_names=tuple(names[:count]))
        page = await list_runs(ALL, wanted, RunOrder(), PageRequest(100))
        assert {run.id for run in page.items} == {run.id for run in runs[:count]}


async def test_the_largest_filter_is_taken_by_both_databases(service: Service) -> None:
    names = [f"agent {number}" for number in range(MAX_BRANCHES)]
    labels = [(f"label {number}", "x") for number in range(MAX_LABELS)]
    run = await make_run(agent=names[-1], labels=labels)
    for name in names:
        await make_agent(name)
    exclude = (RunExclusion(triggered_by=("nobody",), cluster_names=("a", "b")),) * MAX_EXCLUSIONS
    others = MAX_VALUES - len(names) - len(labels) - 3 * len(exclude)
    wanted = RunFilter(
        ids=(run.id, *(new_id() for _ in range(others - 1))),
        agent_names=tuple(names),
        labels=tuple(labels),
        exclude=exclude,
    )
    page = await list_runs(ALL, wanted, RunOrder(), PageRequest(1))
    assert [found.id for found in page.items] == [run.id]
    request = PageRequest(1, after=page.cursors[0], before=page.cursors[0])
    assert (await list_runs(ALL, wanted, RunOrder(), request)).items == []
    assert await count_runs(ALL, wanted) == 1


async def test_deleted_runs_are_neither_listed_nor_counted(service: Service) -> None:
    await make_run(deleted_at=START)
    kept = await make_run()
    for wanted in (None, RunFilter(), RunFilter(statuses=tuple(RunStatus))):
        page = await list_runs(ALL, wanted, RunOrder(), PageRequest(10))
        assert [run.id for run in page.items] == [kept.id]
        assert await count_runs(ALL, wanted) == 1


@pytest.mark.parametrize("run_filter", FILTERS, ids=["all", "two statuses", "two agents"])
async def test_a_page_of_50_costs_as_many_statements_as_one_of_5(
    service: Service, run_filter: RunFilter | None
) -> None:
    for name in "ab":
        await make_agent(name)
    await runs_with_ties(60)
    counts = []
    for size in (5, 50):
        with recorded() as statements:
            page = await list_runs(ALL, run_filter, RunOrder(), PageRequest(size))
        assert len(page.items) == size
        counts.append(len(statements))
    names = int(run_filter is not None and run_filter.agent_names is not None)
    assert counts == [1 + names, 1 + names]


async def test_a_cursor_of_another_order_or_list_is_refused(service: Service) -> None:
    run = await make_run()
    page = await list_runs(ALL, None, RunOrder(), PageRequest(1))
    by_end = RunOrder(RunOrderField.COMPLETED_AT)
    with pytest.raises(BadInput) as caught:
        await list_runs(ALL, None, by_end, PageRequest(1, after=page.cursors[0]))
    assert caught.value.message == (
        "after: expected a cursor of runs by COMPLETED_AT DESC, got 'runs by STARTED_AT DESC'"
    )
    for place in (("agents", "x", str(run.id)), ("runs by STARTED_AT DESC", "x", str(run.id))):
        request = PageRequest(1, before=encode_cursor(*place), backwards=True)
        with pytest.raises(BadInput, match="before: expected a cursor"):
            await list_runs(ALL, None, RunOrder(), request)


@pytest.mark.parametrize("key", ["", "x", "0199F0A4-7C1E-7A51-9D0C-5B8F0E6A1B2C", "0" * 32, "\0"])
async def test_a_cursor_with_what_is_no_id_is_refused(service: Service, key: str) -> None:
    cursor = encode_cursor("runs by STARTED_AT DESC", 1, key)
    with pytest.raises(BadInput, match="after: expected a cursor that this service gave"):
        await list_runs(ALL, None, RunOrder(), PageRequest(1, after=cursor))


async def test_a_cursor_holds_when_its_row_is_gone(service: Service) -> None:
    runs = [await make_run(started_at=START + timedelta(seconds=n)) for n in range(3)]
    page = await list_runs(ALL, None, RunOrder(), PageRequest(2))
    await Run.filter(id=runs[1].id).delete()
    rest = await list_runs(ALL, None, RunOrder(), PageRequest(2, after=page.cursors[-1]))
    assert [run.id for run in rest.items] == [runs[0].id]
    unknown = encode_cursor("runs by STARTED_AT DESC", 2**63 - 1, str(new_id()))
    whole = await list_runs(ALL, None, RunOrder(), PageRequest(5, after=unknown))
    assert len(whole.items) == 2
