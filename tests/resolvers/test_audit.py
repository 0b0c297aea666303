"""The audit: who destroyed, ended, shared or granted what, written with it or not at all."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from models.audit_entry import AuditAction, AuditEntry
from models.ids import Kind, global_id
from models.report import Report
from models.run import Run
from resolvers import delete_runs as deleting
from resolvers.audit import KINDS, count_entries, list_entries, targets_of
from resolvers.cancel_runs import cancel_runs
from resolvers.delete_runs import delete_runs, delete_runs_matching, restore_runs
from resolvers.errors import Refused
from resolvers.pages import PageRequest
from resolvers.purge import purge
from resolvers.run_filter import RunFilter
from resolvers.service import Service
from resolvers.share_report import revoke_report_share, share_report
from resolvers.viewer import Role, Viewer
from tests.support.clock import Clock
from tests.support.reporting import begin, complete, run_id

ADA = Viewer("ada", Role.OPERATOR, principal="token:ada", via="token ar_abcdef…")


async def entries() -> list[tuple[str, str, int]]:
    """Action, who and how many, the oldest first."""
    rows = await AuditEntry.all().order_by("at", "id")
    return [(row.action.value, row.by, row.count) for row in rows]


async def test_deleting_and_restoring_are_told_with_the_ids(service: Service) -> None:
    runs = [await begin(service) for _ in range(3)]
    deleted = await delete_runs(service, ADA, [run_id(run) for run in runs[:2]], force=True)
    assert deleted.deletion is not None
    await delete_runs_matching(service, ADA, RunFilter(ids=(runs[2].id,)), 1, force=True)
    await restore_runs(service, ADA, global_id(Kind.DELETION, deleted.deletion.id), None)
    await restore_runs(service, ADA, None, [run_id(runs[2])])
    told = await AuditEntry.all().order_by("at", "id")
    assert [(row.action, set(targets_of(row))) for row in told] == [
        (AuditAction.DELETE_RUNS, {runs[0].id, runs[1].id}),
        (AuditAction.DELETE_RUNS, {runs[2].id}),
        (AuditAction.RESTORE_RUNS, {runs[0].id, runs[1].id}),
        (AuditAction.RESTORE_RUNS, {runs[2].id}),
    ]
    assert {(row.by, row.principal, row.via) for row in told} == {
        ("ada", "token:ada", "token ar_abcdef…")
    }


async def test_cancelling_twice_is_told_once(service: Service) -> None:
    run = await begin(service)
    for _ in range(2):
        await cancel_runs(service, ADA, [run_id(run)], "too slow")
    assert await entries() == [("CANCEL_RUNS", "ada", 1)]


async def test_sharing_and_revoking_are_told(service: Service) -> None:
    run = await begin(service)
    await complete(service, run)
    report = await Report.get(run_id=run.id)
    link = await share_report(service, ADA, global_id(Kind.REPORT, report.id), None, False)
    for _ in range(2):
        await revoke_report_share(service, ADA, global_id(Kind.SHARE, link.share.id))
    assert await entries() == [("SHARE_REPORT", "ada", 1), ("REVOKE_SHARE", "ada", 1)]


async def test_the_service_tells_of_its_own_purges(service: Service, clock: Clock) -> None:
    run = await begin(service)
    await delete_runs(service, ADA, [run_id(run)], force=True)
    clock.advance((service.policy.delete_grace + timedelta(seconds=1)).total_seconds())
    assert await purge(service, asyncio.Event()) == 1
    assert await entries() == [("DELETE_RUNS", "ada", 1), ("PURGE_RUNS", "agent-runs", 1)]


async def test_what_is_refused_leaves_no_entry(service: Service) -> None:
    run = await begin(service)
    await delete_runs(service, ADA, [run_id(run)], force=False)
    await delete_runs_matching(service, ADA, RunFilter(ids=(run.id,)), 7, force=True)
    with pytest.raises(Refused):
        await restore_runs(service, ADA, global_id(Kind.DELETION, run.id), None)
    assert await entries() == []


async def test_an_entry_that_cannot_be_written_undoes_what_it_tells_of(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("full")

    run = await begin(service)
    monkeypatch.setattr(deleting, "record", fail)
    with pytest.raises(RuntimeError, match="full"):
        await delete_runs(service, ADA, [run_id(run)], force=True)
    assert (await Run.get(id=run.id)).deleted_at is None


async def test_pages_come_newest_first_and_every_action_has_a_kind(service: Service) -> None:
    runs = [await begin(service) for _ in range(3)]
    for run in runs:
        await cancel_runs(service, replace(ADA, name=f"{runs.index(run)}"), [run_id(run)], None)
    first = await list_entries(PageRequest(2))
    rest = await list_entries(PageRequest(2, after=first.cursors[-1]))
    assert [entry.by for entry in [*first.items, *rest.items]] == ["2", "1", "0"]
    assert await count_entries() == 3
    assert set(KINDS) == set(AuditAction)
