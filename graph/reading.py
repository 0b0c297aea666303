"""Reading documents: once for all who send them, and large new ones beside the loop.

A document within all limits may take a tenth of a second and more to parse and validate, in which
nobody else would be served. So what is large and not known yet is read in a thread. Both take
turns, which costs others some milliseconds at most. docs/decisions/0021-limits.md.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor

from graphql import GraphQLSchema

from graph.documents import Prepared
from graph.errors import limit_exceeded
from graph.limits import DocumentLimits
from graph.outline import outline_of

#: Documents kept that were sent again: those of a few applications.
MAX_CACHED = 256
#: And that were sent once: as many as come between two of an application.
MAX_NEW = 64
#: Characters of a document that is kept: a client's own, not one with data written into it.
MAX_CACHED_LENGTH = 16_384
#: Characters of a new document that is read at once, in a few milliseconds.
MAX_AT_ONCE = 500

#: One thread, so that the loop takes turns with no more than one.
_beside = ThreadPoolExecutor(1, thread_name_prefix="documents")


class _Kept:
    """The documents that were sent last, by what they were read by.

    Those that were sent once give way to one another only: whoever sends ever new ones does not
    make the service forget what others send again and again.
    """

    def __init__(self) -> None:
        self._new: OrderedDict[Hashable, Prepared] = OrderedDict()
        self._known: OrderedDict[Hashable, Prepared] = OrderedDict()

    def get(self, key: Hashable) -> Prepared | None:
        found = self._new.pop(key, None) or self._known.pop(key, None)
        if found:
            _put(self._known, key, found, MAX_CACHED)
        return found

    def keep(self, key: Hashable, prepared: Prepared) -> Prepared:
        """One that was not known."""
        if len(prepared.text) <= MAX_CACHED_LENGTH:
            _put(self._new, key, prepared, MAX_NEW)
        return prepared


def _put(
    kept: OrderedDict[Hashable, Prepared], key: Hashable, prepared: Prepared, most: int
) -> None:
    kept[key] = prepared
    if len(kept) > most:
        kept.popitem(last=False)


_kept = _Kept()


def prepare(schema: GraphQLSchema, query: str, limits: DocumentLimits) -> Prepared:
    """Bound a document and parse it. Raises GraphQLError where it is none, or too large.

    Nothing is kept of one that is refused.
    """
    key = schema, query, limits
    found = _kept.get(key)
    return found or _kept.keep(key, Prepared(schema, query, outline_of(query, limits)))


def _nothing_more(_: Prepared) -> None:
    """That it keeps to the limits is enough."""


async def look_through(
    schema: GraphQLSchema,
    query: str,
    limits: DocumentLimits,
    check: Callable[[Prepared], object] = _nothing_more,
) -> Prepared:
    """The same, validated or so small that it soon is: to ask what is wrong holds up nobody.

    `check` is called before it is validated, maybe in the thread; what it raises is raised. Raises
    GraphQLError also where it takes longer than an operation may.
    """
    key = schema, query, limits
    found = _kept.get(key)
    if len(query) <= MAX_AT_ONCE or (found and found.is_validated):
        prepared = found or prepare(schema, query, limits)
        check(prepared)
        return prepared
    # What is refused by it is refused here: that is quicker than to go to the thread.
    outline = outline_of(query, limits)

    def read() -> Prepared:
        prepared = found or Prepared(schema, query, outline)
        check(prepared)
        prepared.validate()
        return prepared

    prepared = await _in_turn(read, limits.max_operation_seconds)
    return found or _kept.keep(key, prepared)


async def _in_turn(read: Callable[[], Prepared], seconds: float) -> Prepared:
    """What the thread reads. Raises GraphQLError where others keep it busy for too long."""
    try:
        async with asyncio.timeout(seconds):
            return await asyncio.get_running_loop().run_in_executor(_beside, read)
    except TimeoutError:
        expected = f"a document whose turn to be read comes within {seconds:g} s"
        raise limit_exceeded("MAX_OPERATION_SECONDS", seconds, expected) from None
