"""Lists of runs: which, in what order, how many.

A page is read off an index that begins with the column of one filter and goes on in the list's order
(models/migrations/0001_initial.py), from the place where the page before ended. It costs what it
shows, not what there is, with these exceptions, which read along the order's index until the page
is full, and at worst to its end:

- `search` and `labels`, which no index knows (docs/decisions/0006): the fewer match, the longer;
- `exclude`: as long as most runs are not excluded, it costs little;
- what stands beside the one filter that the index is chosen by: rarely much, since that is the
  filter that usually leaves least;
- a range of another column than the order's, and more values of one column than MAX_BRANCHES:
  the database weighs sorting what matches against skipping what does not.
"""

from __future__ import annotations

from models.run import Run
from models.visibility import visible_runs
from resolvers.criteria import Choice, KnownIds
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


async def count_runs(run_filter: RunFilter | None) -> int:
    """How many visible runs match. Reads them all, at best in an index."""
    return await (await filtered(run_filter)).count()


async def list_runs(
    run_filter: RunFilter | None, order: RunOrder, request: PageRequest
) -> Page[Run]:
    """A page of the visible runs that match, in one statement besides those that look names up.

    Raises BadInput for a cursor of another list or order.
    """
    keyset = order.keyset()
    wanted = run_filter or RunFilter()
    known = await ids_of_names(wanted.names)
    matching = visible_runs().filter(wanted.criterion.condition(known))
    values = _branches(wanted, known)
    if len(values) < 2:
        return await keyset.read(matching, request)
    branches = [
        keyset.window(matching.filter(**{column: value}), request).values("id")
        for column, value in values
    ]
    return await keyset.read(visible_runs().filter(id__in=Merged(branches)), request)


def _branches(run_filter: RunFilter, known: KnownIds) -> list[tuple[str, object]]:
    """The values of one column, which divide the runs that match; none: nothing to divide them by.

    A list of values in one query would leave the database the choice between sorting all that match
    and walking past all that do not. Value by value it reads a page of each and no more.
    """
    choices = {part.column: part for part in run_filter.criterion.parts if isinstance(part, Choice)}
    for column in INDEXED:
        if column in choices:
            values = choices[column].stored(known)
            return [(column, value) for value in values] if len(values) <= MAX_BRANCHES else []
    return []
