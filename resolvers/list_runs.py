"""Lists of runs: which, in what order, how many.

A page is read off an index that begins with the column of one filter and goes on in the list's
order (models/migrations/0001_initial.py), from the place where the page before ended. It costs what
it shows, not what there is, with these exceptions, which read along an index until the page is
full, and at worst to its end:

- `search` and `labels`, which no index knows (docs/decisions/0006): the fewer match, the longer;
- `exclude`: as long as most runs are not excluded, it costs little;
- what stands beside the one filter that the index is chosen by: rarely much, since that is the
  filter that usually leaves least;
- a range of another column than the order's, and more values of one column than MAX_BRANCHES:
  the database weighs sorting what matches against skipping what does not.
"""

from __future__ import annotations

from tortoise.expressions import Q

from models.run import Run
from models.visibility import EVERYTHING, Scope, visible_runs
from resolvers.criteria import AllOf, Choice, KnownIds
from resolvers.known_names import AGENT, CLUSTER, ids_of_names
from resolvers.merged import Merged
from resolvers.pages import Page, PageRequest
from resolvers.run_filter import RunFilter, filtered
from resolvers.run_order import RunOrder

#: Columns whose index a page may be read off, the one that usually leaves least first.
INDEXED = (AGENT, "trigger_name", CLUSTER, "status", "trigger_source")
#: Values of that column that are read each along its own stretch of the index. All statuses and
#: sources fit; each costs the page again.
MAX_BRANCHES = 16


async def count_runs(scope: Scope, run_filter: RunFilter | None) -> int:
    """How many visible runs match. Reads them all, at best in an index."""
    return await (await filtered(scope, run_filter)).count()


async def list_runs(
    scope: Scope, run_filter: RunFilter | None, order: RunOrder, request: PageRequest
) -> Page[Run]:
    """A page of the visible runs that match, in one statement besides those that look names up.

    Raises BadInput for a cursor of another list or order.
    """
    keyset = order.keyset()
    wanted = (run_filter or RunFilter()).within(scope)
    known = await ids_of_names(wanted.names)
    branches = [
        visible_runs(EVERYTHING).filter(part) for part in _branches(wanted.criterion, known)
    ]
    if len(branches) == 1:
        return await keyset.read(branches[0], request)
    pages = [keyset.window(branch, request).values("id") for branch in branches]
    return await keyset.read(visible_runs(EVERYTHING).filter(id__in=Merged(pages)), request)


def _branches(criterion: AllOf, known: KnownIds) -> list[Q]:
    """The runs that match, divided by the values of one column; whole, where nothing divides them.

    A list of values in one query would leave the database the choice between sorting all that match
    and walking past all that do not. Value by value it reads a page of each and no more.
    """
    choice = _divider(criterion)
    values = choice.stored(known) if choice else ()
    if choice is None or not 0 < len(values) <= MAX_BRANCHES:
        return [criterion.condition(known)]
    others = AllOf(tuple(part for part in criterion.parts if part is not choice)).condition(known)
    return [Q(**{choice.column: value}) & others for value in values]


def _divider(criterion: AllOf) -> Choice | None:
    choices = {part.column: part for part in criterion.parts if isinstance(part, Choice)}
    return next((choices[column] for column in INDEXED if column in choices), None)
