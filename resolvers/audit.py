"""The audit: who destroyed, ended, shared or granted what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from models.audit_entry import AuditAction, AuditEntry
from models.ids import Kind
from resolvers.keyset import Keyset
from resolvers.pages import Page, PageRequest
from resolvers.service import Service
from resolvers.viewer import Viewer

#: What the targets of an action are.
KINDS: Mapping[AuditAction, Kind] = {
    AuditAction.DELETE_RUNS: Kind.RUN,
    AuditAction.RESTORE_RUNS: Kind.RUN,
    AuditAction.PURGE_RUNS: Kind.RUN,
    AuditAction.CANCEL_RUNS: Kind.RUN,
    AuditAction.SHARE_REPORT: Kind.SHARE,
    AuditAction.REVOKE_SHARE: Kind.SHARE,
    AuditAction.CREATE_TOKEN: Kind.TOKEN,
    AuditAction.REVOKE_TOKEN: Kind.TOKEN,
}

_NEWEST_FIRST = Keyset("auditEntries", "at", descending=True)


async def record(
    service: Service, viewer: Viewer, action: AuditAction, targets: Sequence[UUID], call: UUID
) -> None:
    """Write down a call that changed something, in the caller's transaction.

    `call` is the same for each try of one call, so that one whose commit's answer was lost and that
    is tried again leaves one entry.
    """
    if not targets:
        return
    entry = AuditEntry(
        id=call,
        at=service.clock(),
        action=action,
        by=viewer.name,
        principal=viewer.principal,
        via=viewer.via,
        copilot_session=viewer.copilot_session,
        count=len(targets),
        targets=b"".join(target.bytes for target in targets),
    )
    await AuditEntry.bulk_create([entry], ignore_conflicts=True)


def targets_of(entry: AuditEntry) -> list[UUID]:
    """The ids of what it was done to."""
    data = entry.targets
    return [UUID(bytes=data[start : start + 16]) for start in range(0, len(data), 16)]


async def list_entries(request: PageRequest) -> Page[AuditEntry]:
    """A page of the audit, the newest first. Raises BadInput."""
    return await _NEWEST_FIRST.read(AuditEntry.all(), request)


async def count_entries() -> int:
    """How many entries there are."""
    return await AuditEntry.all().count()
