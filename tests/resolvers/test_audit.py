"""What destroys, ends or shares leaves an entry, in its own transaction and once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest

from models.audit_entry import AuditAction, AuditEntry
from models.ids import Kind, global_id
from models.report import Report
from resolvers.audit import targets_of
from resolvers.cancel_runs import cancel_runs
from resolvers.delete_runs import delete_runs, restore_runs
from resolvers.errors import Refused
from resolvers.purge import purge
from resolvers.service import Service
from resolvers.share_report import revoke_report_share, share_report
from resolvers.viewer import SERVICE, Role, Viewer
from tests.support.clock import Clock
from tests.support.reporting import begin, complete, run_id

ADA = Viewer("ada", Role.OPERATOR, principal="token:ada", via="token ar_123456…")

Entry = tuple[AuditAction, str, str, int, Sequence[UUID]]


async def entries() -> list[Entry]:
    """The oldest first: what, by whom, how, how many, to what."""
    found = await AuditEntry.all().order_by("at", "id")
    return [(one.action, one.principal, one.via, one.count, targets_of(one)) for one in found]


def by_ada(action: AuditAction, *targets: UUID) -> Entry:
    return action, ADA.principal, ADA.via, len(targets), list(targets)


async def test_deleting_restoring_and_purging_are_written_down(
    service: Service, clock: Clock
) -> None:
    runs = [await complete(service, await begin(service)) for _ in range(2)]
    ids = [run_id(run) for run in runs]
    deletion = (await delete_runs(service, ADA, ids, force=False)).deletion
    assert deletion is not None
    clock.advance(1)
    await restore_runs(service, ADA, None, [ids[0]])
    clock.advance(service.policy.delete_grace.total_seconds() + 1)
    await purge(service, asyncio.Event())
    assert await entries() == [
        by_ada(AuditAction.DELETE_RUNS, runs[0].id, runs[1].id),
        by_ada(AuditAction.RESTORE_RUNS, runs[0].id),
        (AuditAction.PURGE_RUNS, SERVICE.principal, SERVICE.via, 1, [runs[1].id]),
    ]


async def test_cancelling_and_sharing_are_written_down_and_twice_is_once(service: Service) -> None:
    active, done = await begin(service), await complete(service, await begin(service))
    for _ in range(2):
        await cancel_runs(service, ADA, [run_id(active)], None)
    report = await Report.get(run_id=done.id)
    link = await share_report(service, ADA, global_id(Kind.REPORT, report.id), None, False)
    for _ in range(2):
        await revoke_report_share(service, ADA, global_id(Kind.SHARE, link.share.id))
    assert await entries() == [
        by_ada(AuditAction.CANCEL_RUNS, active.id),
        by_ada(AuditAction.SHARE_REPORT, link.share.id),
        by_ada(AuditAction.REVOKE_SHARE, link.share.id),
    ]


async def test_what_is_refused_is_not_written_down(service: Service) -> None:
    missing = "0199f0a4-7c1e-7a51-9d0c-5b8f0e6a1b2c"
    await delete_runs(service, ADA, [f"run_{missing}"], force=True)
    with pytest.raises(Refused):
        await share_report(service, ADA, f"report_{missing}", None, False)
    with pytest.raises(Refused):
        await revoke_report_share(service, ADA, f"share_{missing}")
    assert await entries() == []
