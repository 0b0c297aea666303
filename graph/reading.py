"""Reading documents: once for all who send them, and large new ones beside the loop.

A document within all limits may take a tenth of a second and more to parse and validate, in which
nobody else would be served. So what is large and not known yet is read in a thread. Both take
turns, which costs others some milliseconds at most. docs/decisions/0021-limits.md.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from graphql import GraphQLSchema

from graph.documents import Prepared
from graph.limits import DocumentLimits
from graph.outline import outline_of

#: Documents kept: those of a few applications.
MAX_CACHED = 256
#: Characters of a document that is kept: a client's own, not one with data written into it.
MAX_CACHED_LENGTH = 16_384
#: Characters of a new document that is read at once, in a few milliseconds.
MAX_AT_ONCE = 500

#: One thread, so that the loop takes turns with no more than one.
_beside = ThreadPoolExecutor(1, thread_name_prefix="documents")


class _Kept:
    """The documents that were sent last, by what they were read by."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, Prepared] = OrderedDict()

    def get(self, key: Hashable) -> Prepared | None:
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def keep(self, key: Hashable, prepared: Prepared) -> Prepared:
        if len(prepared.text) <= MAX_CACHED_LENGTH:
            self._kept[key] = prepared
            if len(self._kept) > MAX_CACHED:
                self._kept.popitem(last=False)
        return prepared


_kept = _Kept()


def prepare(schema: GraphQLSchema, query: str, limits: DocumentLimits) -> Prepared:
    """Bound a document and parse it. Raises GraphQLError where it is none, or too large.

    Nothing is kept of one that is refused.
    """
    key = schema, query, limits
    found = _kept.get(key)
    return found or _kept.keep(key, Prepared(schema, query, outline_of(query, limits)))


async def look_through(
    schema: GraphQLSchema,
    query: str,
    operation_name: str | None,
    variables: Mapping[str, Any] | None,
    limits: DocumentLimits,
) -> Prepared:
    """The same, ready to be told what is wrong with it without holding up others.

    Raises GraphQLError also where the operation costs too much.
    """
    key = schema, query, limits
    found = _kept.get(key)
    if len(query) <= MAX_AT_ONCE or (found and found.is_validated):
        return _priced(found or prepare(schema, query, limits), operation_name, variables, limits)
    # What is refused by it is refused here: that is quicker than to go to the thread.
    outline = outline_of(query, limits)

    def read() -> Prepared:
        prepared = found or Prepared(schema, query, outline)
        _priced(prepared, operation_name, variables, limits).validate()
        return prepared

    return _kept.keep(key, await asyncio.get_running_loop().run_in_executor(_beside, read))


def _priced(
    prepared: Prepared,
    operation_name: str | None,
    variables: Mapping[str, Any] | None,
    limits: DocumentLimits,
) -> Prepared:
    prepared.cost(operation_name, variables, limits)
    return prepared
