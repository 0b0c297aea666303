"""Links that show a report to whoever holds their secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from models.agent import Agent
from models.audit_entry import AuditAction
from models.ids import Kind
from models.instants import format_instant
from models.report import Report, ReportShare, ReportWithSections
from models.transactions import is_passing, transact
from models.visibility import EVERYTHING, Scope, visible_runs
from resolvers.addresses import shared_report_url
from resolvers.audit import record
from resolvers.errors import invalid
from resolvers.find_report import document_of
from resolvers.report_document import ReportDocument
from resolvers.reporter import not_found, parse_key
from resolvers.secrets import hash_secret
from resolvers.service import Service
from resolvers.uninterrupted import uninterrupted
from resolvers.viewer import Viewer

#: How long a link holds unless told.
DEFAULT_LIFETIME = timedelta(days=30)
#: The last use of a link is recorded at most this often: reading stays cheap.
USE_RESOLUTION = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SharedLink:
    share: ReportShare
    #: Holds the secret: shown this once, only its hash is kept.
    url: str


@dataclass(frozen=True, slots=True)
class SharedReport:
    document: ReportDocument
    expires_at: datetime | None
    token: str


@uninterrupted
async def share_report(
    service: Service,
    viewer: Viewer,
    report_id: str,
    expires_at: datetime | None,
    never_expires: bool,
) -> SharedLink:
    """Make a link to a report. Raises Refused: INVALID, NOT_FOUND."""
    key = parse_key(Kind.REPORT, report_id, "reportId")
    now = service.clock()
    secret, call = service.new_secret(), service.new_id()
    share = ReportShare(
        id=service.new_id(),
        report_id=key,
        secret_hash=hash_secret(secret),
        created_by=viewer.name,
        created_at=now,
        expires_at=_expiry(expires_at, never_expires, now),
    )

    async def body() -> None:
        report = await _locked_report(viewer.scope, key, "reportId")
        share.run_id = report.run_id
        await ReportShare.bulk_create([share], ignore_conflicts=True)
        await record(service, viewer, AuditAction.SHARE_REPORT, [share.id], call)

    await transact(body)
    return SharedLink(share, shared_report_url(service, secret))


def _expiry(expires_at: datetime | None, never: bool, now: datetime) -> datetime | None:
    if never and expires_at is not None:
        raise invalid(("expiresAt",), "nothing beside neverExpires", format_instant(expires_at))
    if expires_at is not None and expires_at <= now:
        raise invalid(("expiresAt",), "a time to come", format_instant(expires_at))
    return None if never else expires_at or now + DEFAULT_LIFETIME


@uninterrupted
async def revoke_report_share(service: Service, viewer: Viewer, share_id: str) -> ReportShare:
    """Make a link worthless. Revoked twice, the first time stays. Raises Refused."""
    key = parse_key(Kind.SHARE, share_id, "shareId")
    call = service.new_id()

    async def body() -> ReportShare:
        share = await ReportShare.filter(id=key).select_for_update().first()
        if share is None or not await _sees(viewer.scope, share.run_id):
            raise not_found(Kind.SHARE, key, "shareId")
        if share.revoked_at is None:
            share.revoked_at = service.clock()
            await ReportShare.filter(id=key).update(revoked_at=share.revoked_at)
            await record(service, viewer, AuditAction.REVOKE_SHARE, [key], call)
        return share

    return await transact(body)


async def _sees(scope: Scope, run_id: UUID) -> bool:
    return await visible_runs(scope).filter(id=run_id).exists()


async def _locked_report(scope: Scope, key: UUID, field: str) -> Report:
    """The report, its run locked: no purge goes between this look and the new link."""
    report = await Report.filter(id=key).first()
    run = report and await visible_runs(scope).filter(id=report.run_id).select_for_update().first()
    if report is None or run is None:
        raise not_found(Kind.REPORT, key, field)
    return report


async def find_shared_report(service: Service, token: str) -> SharedReport | None:
    """What the secret opens; None for unknown, expired, revoked and deleted alike."""
    now = service.clock()
    share = await ReportShare.filter(secret_hash=hash_secret(token)).first()
    if share is None or share.revoked_at is not None or _is_expired(share, now):
        return None
    run = await visible_runs(EVERYTHING).filter(id=share.run_id).first()
    report = await ReportWithSections.filter(id=share.report_id).first()
    if run is None or report is None:
        return None
    await _note_use(share, now)
    agent = await Agent.get(id=run.agent_id)
    document = document_of(report, report.sections, run, agent.name)
    return SharedReport(document, share.expires_at, token)


def _is_expired(share: ReportShare, now: datetime) -> bool:
    return share.expires_at is not None and share.expires_at <= now


async def _note_use(share: ReportShare, now: datetime) -> None:
    if share.last_used_at is not None and share.last_used_at > now - USE_RESOLUTION:
        return
    try:
        await ReportShare.filter(id=share.id).update(last_used_at=now)
    except Exception as error:
        # Nobody is kept from reading because the database cannot be written at the moment.
        if not is_passing(error):
            raise
