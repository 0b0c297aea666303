"""Agents and clusters by name, and what can be restored."""

from datetime import timedelta

import pytest

from models.deletion import Deletion
from models.ids import new_id
from models.run import Run
from models.visibility import EVERYTHING as ALL
from resolvers.errors import BadInput
from resolvers.list_deletions import count_deletions, list_deletions
from resolvers.list_names import count_agents, count_clusters, list_agents, list_clusters
from resolvers.pages import PageRequest
from resolvers.service import Service
from tests.support.clock import START, Clock
from tests.support.factories import make_agent, make_cluster, make_run

NAMES = ["b", "B", "a", "ä", "Straße", "a%b", "a_b", "*", "z" * 200, "\x01", "😀", '"']


async def test_names_are_paged_in_the_order_of_code_points_from_both_ends(service: Service) -> None:
    for name in NAMES:
        await make_agent(name)
    forwards: list[str] = []
    cursor = None
    while len(forwards) < len(NAMES):
        page = await list_agents(ALL, None, PageRequest(5, after=cursor))
        forwards += [agent.name for agent in page.items]
        assert page.has_next_page == (len(forwards) < len(NAMES))
        cursor = page.cursors[-1]
    assert forwards == sorted(NAMES)
    last = await list_agents(ALL, None, PageRequest(5, backwards=True))
    assert [agent.name for agent in last.items] == sorted(NAMES)[-5:]
    before = await list_agents(ALL, None, PageRequest(5, before=last.cursors[0], backwards=True))
    assert [agent.name for agent in before.items] == sorted(NAMES)[-10:-5]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("STRASSE", ["Straße"]),
        ("Ä", ["ä"]),
        ("%", ["a%b"]),
        ("_", ["a_b"]),
        ("*", ["*"]),
        ("B", ["B", "a%b", "a_b", "b"]),
        ("", sorted(NAMES)),
        ("nobody", []),
    ],
)
async def test_a_part_of_a_name_is_literal_whatever_its_case(
    service: Service, text: str, found: list[str]
) -> None:
    for name in NAMES:
        await make_cluster(name)
    page = await list_clusters(ALL, text, PageRequest(200))
    assert [cluster.name for cluster in page.items] == found
    assert await count_clusters(ALL, text) == len(found)
    assert await count_agents(ALL, text) == 0


async def test_a_part_of_a_name_that_cannot_be_is_refused(service: Service) -> None:
    for text in ("\0", "\ud800", "x" * 201):
        with pytest.raises(BadInput, match="nameContains: expected"):
            await list_agents(ALL, text, PageRequest(1))
        with pytest.raises(BadInput, match="nameContains: expected"):
            await count_clusters(ALL, text)


async def test_cursors_of_agents_are_none_of_clusters(service: Service) -> None:
    await make_agent()
    page = await list_agents(ALL, None, PageRequest(1))
    with pytest.raises(BadInput, match="after: expected a cursor of clusters, got 'agents'"):
        await list_clusters(ALL, None, PageRequest(1, after=page.cursors[0]))


async def test_deletions_are_listed_while_something_of_them_can_be_restored(
    service: Service, clock: Clock
) -> None:
    deletions = [
        await Deletion.create(
            id=new_id(),
            count=1,
            by="ada",
            at=START + timedelta(minutes=n),
            restorable_until=START + timedelta(hours=1, minutes=n),
        )
        for n in range(4)
    ]
    runs = [
        await make_run(deleted_at=deletion.at, deletion_id=deletion.id) for deletion in deletions
    ]
    await Run.filter(id=runs[2].id).update(deleted_at=None, deletion_id=None)  # restored

    async def listed(request: PageRequest) -> list[Deletion]:
        return (await list_deletions(service, ALL, request)).items

    assert [d.id for d in await listed(PageRequest(9))] == [deletions[n].id for n in (3, 1, 0)]
    assert await count_deletions(service, ALL) == 3
    first = await list_deletions(service, ALL, PageRequest(2))
    assert first.has_next_page
    rest = await list_deletions(service, ALL, PageRequest(2, after=first.cursors[-1]))
    assert [d.id for d in rest.items] == [deletions[0].id]
    clock.advance(3601)
    assert [d.id for d in await listed(PageRequest(9))] == [deletions[n].id for n in (3, 1)]
    clock.advance(3600)
    assert await count_deletions(service, ALL) == 0
