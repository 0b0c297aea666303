"""What people do to runs: delete, restore, share; and what the worker does by itself."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from live import log_store
from models.deletion import Deletion
from models.hearing import Hearing
from models.ids import Kind, global_id
from models.log_chunk import LogChunk
from models.report import Report, ReportShare
from models.run import Run
from models.run_attempt import RunAttempt
from models.run_event import RunEvent
from models.states import RunErrorCode, RunStatus
from models.step import Step
from models.visibility import EVERYTHING, visible_runs
from resolvers.cancel_runs import cancel_runs
from resolvers.delete_runs import delete_runs, delete_runs_matching, restore_runs
from resolvers.errors import Refused
from resolvers.heartbeat import heartbeat
from resolvers.lost_runs import end_unconfirmed_cancels, fail_lost_runs, hear
from resolvers.purge import purge
from resolvers.run_filter import RunFilter
from resolvers.service import Service
from resolvers.share_report import (
    find_shared_report,
    revoke_report_share,
    share_report,
)
from resolvers.viewer import LOCAL_VIEWER
from tests.support.clock import Clock
from tests.support.reporting import append, begin, complete, fail, retry, run_id

MISSING = "run_0199f0a4-7c1e-7a51-9d0c-5b8f0e6a1b2c"


async def ended(service: Service, **told: Any) -> Run:
    run = await begin(service, **told)
    await append(service, run, 0, "line")
    return await complete(service, run)


async def visible() -> set[str]:
    return {run_id(run) for run in await visible_runs(EVERYTHING)}


# ---------------------------------------------------------------- deleting


async def test_the_rest_is_deleted_when_one_id_is_wrong(service: Service) -> None:
    one, other, active = await ended(service), await ended(service), await begin(service)
    ids = [run_id(one), "nonsense", MISSING, run_id(active), run_id(other), run_id(one)]
    answer = await delete_runs(service, LOCAL_VIEWER, ids, force=False)
    assert answer.run_ids == [one.id, other.id]
    assert answer.deletion is not None
    assert answer.deletion.count == 2
    assert [(e.code, e.field) for e in answer.errors] == [
        ("INVALID", ("ids", "1")),
        ("NOT_FOUND", ("ids", "2")),
        ("RUN_ACTIVE", ("ids", "3")),
    ]
    assert await visible() == {run_id(active)}


async def test_deleting_twice_finds_nothing_the_second_time(service: Service) -> None:
    run = await ended(service)
    await delete_runs(service, LOCAL_VIEWER, [run_id(run)], force=False)
    again = await delete_runs(service, LOCAL_VIEWER, [run_id(run)], force=False)
    assert (again.run_ids, again.deletion) == ([], None)
    assert [error.code for error in again.errors] == ["NOT_FOUND"]


async def test_an_active_run_is_deleted_by_force_and_its_reporter_hears_of_it(
    service: Service,
) -> None:
    run = await begin(service)
    await delete_runs(service, LOCAL_VIEWER, [run_id(run)], force=True)
    with pytest.raises(Refused) as refusal:
        await heartbeat(service, LOCAL_VIEWER, run_id(run), 1)
    assert refusal.value.error.code == "NOT_FOUND"


async def test_exactly_the_matching_runs_are_deleted_if_they_are_as_many_as_was_seen(
    service: Service,
) -> None:
    for _ in range(3):
        await ended(service, agent_name="noisy")
    await begin(service, agent_name="noisy")
    kept = await ended(service, agent_name="kept")
    matching = RunFilter(agent_names=("noisy",))
    refused = await delete_runs_matching(service, LOCAL_VIEWER, matching, 4, force=False)
    assert (refused.deleted_count, refused.matched_count) == (0, 3)
    assert [error.code for error in refused.errors] == ["COUNT_CHANGED"]
    assert len(await visible()) == 5
    done = await delete_runs_matching(service, LOCAL_VIEWER, matching, 3, force=False)
    assert (done.deleted_count, done.matched_count) == (3, 3)
    forced = await delete_runs_matching(service, LOCAL_VIEWER, matching, 1, force=True)
    assert forced.deleted_count == 1
    assert await visible() == {run_id(kept)}


async def test_an_empty_filter_deletes_nothing(service: Service) -> None:
    with pytest.raises(Refused) as refusal:
        await delete_runs_matching(service, LOCAL_VIEWER, RunFilter(), 0, force=False)
    assert refusal.value.error.field == ("filter",)


async def test_a_deletion_is_undone_whole_or_run_by_run(service: Service) -> None:
    runs = [await ended(service) for _ in range(3)]
    ids = [run_id(run) for run in runs]
    deleted = await delete_runs(service, LOCAL_VIEWER, ids, force=False)
    assert deleted.deletion is not None
    some = await restore_runs(service, LOCAL_VIEWER, None, [ids[0], "nonsense", MISSING])
    assert (some.count, [e.code for e in some.errors]) == (1, ["INVALID", "NOT_FOUND"])
    deletion_id = global_id(Kind.DELETION, deleted.deletion.id)
    rest = await restore_runs(service, LOCAL_VIEWER, deletion_id, None)
    assert rest.count == 2
    assert await visible() == set(ids)
    again = await restore_runs(service, LOCAL_VIEWER, None, ids)
    assert [error.code for error in again.errors] == ["CONFLICT"] * 3
    with pytest.raises(Refused):
        await restore_runs(service, LOCAL_VIEWER, deletion_id, None)


async def test_what_is_deleted_changes_its_revision_and_its_time_of_change(
    service: Service,
) -> None:
    run = await ended(service)
    await delete_runs(service, LOCAL_VIEWER, [run_id(run)], force=False)
    row = await Run.get(id=run.id)
    assert row.revision == run.revision + 1
    assert row.changed_at > run.changed_at  # although the clock stood still


async def test_a_purge_after_the_grace_leaves_no_row(service: Service, clock: Clock) -> None:
    run = await ended(service, steps=("a",))
    report = await Report.get(run_id=run.id)
    await share_report(service, LOCAL_VIEWER, global_id(Kind.REPORT, report.id), None, False)
    await delete_runs(service, LOCAL_VIEWER, [run_id(run)], force=False)
    clock.advance(24 * 3600 - 1)
    assert await purge(service, asyncio.Event()) == 0
    clock.advance(1)
    assert await purge(service, asyncio.Event()) == 1
    for model in (Run, Step, RunAttempt, RunEvent, LogChunk, Report, ReportShare, Deletion):
        assert await model.all().count() == 0, model


async def test_a_purge_goes_through_many_chunks_and_spares_other_runs(
    service: Service, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resolvers.purge.CHUNKS", 2)
    run, kept = await begin(service), await ended(service)
    for offset in range(7):
        await append(service, run, offset, f"line {offset}")
    await fail(service, run)
    await delete_runs(service, LOCAL_VIEWER, [run_id(run)], force=False)
    clock.advance(24 * 3600)
    await purge(service, asyncio.Event())
    assert await visible() == {run_id(kept)}
    assert await LogChunk.filter(run_id=run.id).count() == 0
    assert (await log_store.read_forward(kept.id, 0, 1, 10, None)).lines


# ---------------------------------------------------------------- sharing


async def shared(service: Service, **told: Any) -> tuple[str, ReportShare]:
    run = await ended(service)
    report = await Report.get(run_id=run.id)
    link = await share_report(
        service,
        LOCAL_VIEWER,
        global_id(Kind.REPORT, report.id),
        told.get("expires_at"),
        told.get("never_expires", False),
    )
    return link.url.rsplit("/", 1)[1], link.share


async def test_a_secret_opens_the_report_and_only_its_hash_is_stored(service: Service) -> None:
    token, share = await shared(service)
    assert len(token) >= 43  # 256 bits in base64url
    assert token not in share.secret_hash
    found = await find_shared_report(service, token)
    assert found is not None
    assert found.document.agent_name == "nightly-etl"
    assert (await ReportShare.get(id=share.id)).last_used_at == service.clock()
    assert await find_shared_report(service, token[:-1]) is None


async def test_a_link_holds_thirty_days_unless_told(service: Service, clock: Clock) -> None:
    token, _ = await shared(service)
    forever, _ = await shared(service, never_expires=True)
    clock.advance(30 * 86400 - 1)
    assert await find_shared_report(service, token) is not None
    clock.advance(1)
    assert await find_shared_report(service, token) is None
    assert await find_shared_report(service, forever) is not None


async def test_a_revoked_link_opens_nothing_and_revoking_twice_is_fine(
    service: Service, clock: Clock
) -> None:
    token, share = await shared(service)
    text = global_id(Kind.SHARE, share.id)
    first = await revoke_report_share(service, LOCAL_VIEWER, text)
    clock.advance(5)
    again = await revoke_report_share(service, LOCAL_VIEWER, text)
    assert first.revoked_at == again.revoked_at
    assert await find_shared_report(service, token) is None


async def test_a_link_is_gone_with_the_run_and_back_with_it(service: Service) -> None:
    token, share = await shared(service)
    run = await Run.get(id=share.run_id)
    await delete_runs(service, LOCAL_VIEWER, [run_id(run)], force=False)
    assert await find_shared_report(service, token) is None
    await restore_runs(service, LOCAL_VIEWER, None, [run_id(run)])
    assert await find_shared_report(service, token) is not None


async def test_an_expiry_that_is_past_or_beside_never_is_refused(
    service: Service, clock: Clock
) -> None:
    with pytest.raises(Refused):
        await shared(service, expires_at=clock.now)
    with pytest.raises(Refused):
        await shared(service, expires_at=clock.now + timedelta(1), never_expires=True)


# ---------------------------------------------------------------- the worker


async def hearing_for(service: Service, clock: Clock, seconds: float) -> None:
    """Let time pass in which the service could hear all along."""
    for _ in range(int(seconds // 5)):
        await hear(service)
        clock.advance(5)
    await hear(service)


async def test_a_silent_run_is_lost_and_one_that_was_heard_is_not(
    service: Service, clock: Clock
) -> None:
    silent, heard, done = await begin(service), await begin(service), await ended(service)
    await hearing_for(service, clock, 200)
    await heartbeat(service, LOCAL_VIEWER, run_id(heard), 1)
    await hearing_for(service, clock, 105)
    assert await fail_lost_runs(service) == 1
    row = await Run.get(id=silent.id)
    assert (row.status, row.error_code) == (RunStatus.FAILED, RunErrorCode.LOST)
    assert (await Run.get(id=heard.id)).status is RunStatus.RUNNING
    assert (await Run.get(id=done.id)).revision == done.revision
    with pytest.raises(Refused) as refusal:
        await heartbeat(service, LOCAL_VIEWER, run_id(silent), 1)
    assert "LOST" in refusal.value.error.message


async def test_after_an_outage_each_run_gets_its_full_time_again(
    service: Service, clock: Clock
) -> None:
    run = await begin(service)
    await hearing_for(service, clock, 10)
    clock.advance(3600)  # nobody could hear
    assert await fail_lost_runs(service) == 0
    await hearing_for(service, clock, 295)
    assert await fail_lost_runs(service) == 0
    await hearing_for(service, clock, 10)
    assert await fail_lost_runs(service) == 1
    assert (await Run.get(id=run.id)).error_code is RunErrorCode.LOST


async def test_a_retrying_run_is_silent_only_once_its_next_attempt_is_due(
    service: Service, clock: Clock
) -> None:
    run = await begin(service)
    await retry(service, run, next_attempt_at=clock.now + timedelta(hours=1))
    await hearing_for(service, clock, 1800)
    assert await fail_lost_runs(service) == 0
    await hearing_for(service, clock, 1800 + 305)
    assert await fail_lost_runs(service) == 1


async def test_of_two_that_hear_the_gap_is_theirs_together(service: Service, clock: Clock) -> None:
    await hear(service)
    since = clock.now
    for _ in range(10):
        clock.advance(15)
        await hear(service)
    assert (await Hearing.get(id=1)).since == since
    clock.advance(21)
    await hear(service)
    assert (await Hearing.get(id=1)).since == clock.now


async def test_a_cancel_that_nobody_confirms_is_ended_after_the_grace(
    service: Service, clock: Clock
) -> None:
    run = await begin(service)
    await cancel_runs(service, LOCAL_VIEWER, [run_id(run)], None)
    clock.advance(60)
    assert await end_unconfirmed_cancels(service) == 0
    clock.advance(1)
    assert await end_unconfirmed_cancels(service) == 1
    assert (await Run.get(id=run.id)).status is RunStatus.CANCELLED


async def test_runs_that_wait_for_a_retry_do_not_hide_one_that_is_silent(
    service: Service, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resolvers.lost_runs.ROUND", 2)
    for _ in range(3):
        waiting = await begin(service)
        await retry(service, waiting, next_attempt_at=clock.now + timedelta(hours=1))
    silent = await begin(service)
    await hearing_for(service, clock, 400)
    assert await fail_lost_runs(service) == 1
    assert (await Run.get(id=silent.id)).error_code is RunErrorCode.LOST


async def test_a_restored_active_run_gets_its_full_time_again(
    service: Service, clock: Clock
) -> None:
    run = await begin(service)
    await delete_runs(service, LOCAL_VIEWER, [run_id(run)], force=True)
    await hearing_for(service, clock, 600)
    await restore_runs(service, LOCAL_VIEWER, None, [run_id(run)])
    assert await fail_lost_runs(service) == 0
