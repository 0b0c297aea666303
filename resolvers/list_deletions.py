"""The list of what was deleted and can still be restored."""

from __future__ import annotations

from tortoise.queryset import QuerySet

from models.deletion import Deletion
from models.visibility import Scope
from resolvers.conditions import has_one
from resolvers.in_scope import deletions_in
from resolvers.keyset import Keyset
from resolvers.pages import Page, PageRequest
from resolvers.service import Service

_NEWEST_FIRST = Keyset("deletions", "at", descending=True)


async def list_deletions(service: Service, scope: Scope, request: PageRequest) -> Page[Deletion]:
    """A page of the deletions that can be undone, the newest first. Raises BadInput."""
    return await _NEWEST_FIRST.read(_restorable(service, scope), request)


async def count_deletions(service: Service, scope: Scope) -> int:
    """How many these are."""
    return await _restorable(service, scope).count()


def _restorable(service: Service, scope: Scope) -> QuerySet[Deletion]:
    """Within the grace, and not restored already: some run still carries the deletion's id."""
    left = has_one("SELECT run.id FROM run WHERE run.deletion_id = deletion.id")
    return deletions_in(scope).filter(left, restorable_until__gt=service.clock())
