"""What reporters tell: exactly once, in order, by the state machine."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from live.log_store import read_forward
from models.agent import Agent
from models.report import Report, ReportWithSections
from models.run import Run, RunWithInputs
from models.run_attempt import RunAttempt
from models.run_event import RunEvent
from models.states import AgentKind, RunErrorCode, RunStatus, StepStatus, TriggerSource
from models.step import Step, StepWithOutput
from resolvers.attempts import start_attempt
from resolvers.cancel_runs import cancel_runs
from resolvers.commands import (
    ConfirmCancel,
    LogEnd,
    NewStep,
    StartRun,
    StepUpdate,
    ToldReport,
    UpdateSteps,
)
from resolvers.end_run import confirm_cancel
from resolvers.errors import Refused, UserErrorCode
from resolvers.heartbeat import heartbeat
from resolvers.report_document import TextSection
from resolvers.service import Service
from resolvers.start_run import start_run
from resolvers.update_steps import update_steps
from resolvers.viewer import LOCAL_VIEWER
from tests.support.clock import Clock
from tests.support.reporting import append, begin, complete, fail, retry, run_id, steps


def refused(code: str) -> Any:
    """Expect a refusal with this code; the exception info is what is yielded."""
    return pytest.raises(Refused, check=lambda error: error.error.code == UserErrorCode(code))


async def stored(run: Run) -> list[str]:
    page = await read_forward(run.id, 0, 10_000, 10_000, None)
    assert [line.sequence for line in page.lines] == list(range(1, len(page.lines) + 1))
    return [line.message for line in page.lines]


async def statuses(run: Run) -> dict[str, StepStatus]:
    return {step.key: step.status for step in await Step.filter(run_id=run.id)}


async def current(run: Run) -> Run:
    return await Run.get(id=run.id)


# ---------------------------------------------------------------- starting


async def test_a_run_begins_running_with_its_first_attempt_and_event(service: Service) -> None:
    run = await begin(service, inputs='{"b": 1.10, "a": 12345678901234567890123}')
    row = await RunWithInputs.get(id=run.id)
    assert (row.status, row.attempt, row.last_sequence) == (RunStatus.RUNNING, 1, 0)
    assert row.inputs == '{"b": 1.10, "a": 12345678901234567890123}'
    assert await RunAttempt.filter(run_id=run.id).count() == 1
    events = await RunEvent.filter(run_id=run.id)
    assert [(e.sequence, e.from_status, e.to_status) for e in events] == [(1, None, "RUNNING")]


async def test_agent_and_cluster_are_made_once_also_when_many_begin_at_once(
    service: Service,
) -> None:
    runs = await asyncio.gather(*(begin(service) for _ in range(8)))
    assert len({run.agent_id for run in runs}) == len({run.cluster_id for run in runs}) == 1


async def test_an_absent_kind_leaves_the_agent_as_it_is(service: Service) -> None:
    await begin(service, agent_kind=AgentKind.WORKFLOW, agent_description="nightly")
    await begin(service)
    agent = await Agent.get(name="nightly-etl")
    assert (agent.kind, agent.description) == (AgentKind.WORKFLOW, "nightly")


async def test_the_same_idempotency_key_and_input_is_the_same_run(service: Service) -> None:
    told = StartRun("a", "c", TriggerSource.EVENT, "e", idempotency_key="k")
    answers = await asyncio.gather(*(start_run(service, LOCAL_VIEWER, told) for _ in range(6)))
    assert len({answer.run.id for answer in answers}) == 1
    assert [answer.created for answer in answers].count(True) == 1
    assert await Run.all().count() == 1


async def test_the_same_idempotency_key_with_another_input_is_a_conflict(
    service: Service,
) -> None:
    await begin(service, idempotency_key="k")
    with refused("CONFLICT"):
        await begin(service, idempotency_key="k", trigger_name="bob")
    await begin(service, idempotency_key="k", agent_name="another agent's keys are its own")


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"agent_name": ""}, ("agent", "name")),
        ({"agent_name": "x" * 201}, ("agent", "name")),
        ({"agent_name": "nul\0"}, ("agent", "name")),
        ({"cluster": "\ud800"}, ("cluster",)),
        ({"trigger_name": ""}, ("trigger", "name")),
        ({"trigger_url": "javascript:alert(1)"}, ("trigger", "url")),
        ({"labels": (("", "x"),)}, ("labels", "0", "name")),
        ({"labels": tuple((f"n{i}", "v") for i in range(51))}, ("labels",)),
        ({"idempotency_key": ""}, ("idempotencyKey",)),
        ({"steps": ("a", "a")}, ("steps", "1", "key")),
    ],
)
async def test_a_start_that_cannot_be_is_refused_by_field_and_leaves_nothing(
    service: Service, told: dict[str, Any], field: tuple[str, ...]
) -> None:
    with refused("INVALID") as refusal:
        await begin(service, **told)
    assert refusal.value.error.field == field
    assert await Run.all().count() == 0


async def test_a_start_more_than_five_minutes_ahead_is_refused(
    service: Service, clock: Clock
) -> None:
    await begin(service, started_at=clock.now + timedelta(minutes=5))
    with refused("INVALID"):
        await begin(service, started_at=clock.now + timedelta(minutes=5, microseconds=1))


@pytest.mark.parametrize("parent", ["missing", "a"])
async def test_a_step_whose_parent_is_missing_or_itself_is_refused(
    service: Service, parent: str
) -> None:
    told = StartRun("a", "c", TriggerSource.MANUAL, "m", steps=(NewStep("a", parent_key=parent),))
    with refused("INVALID"):
        await start_run(service, LOCAL_VIEWER, told)


# ---------------------------------------------------------------- logs


async def test_lines_told_twice_are_stored_once(service: Service) -> None:
    run = await begin(service)
    first = await append(service, run, 0, "one", "two")
    again = await append(service, run, 0, "one", "two")
    longer = await append(service, run, 1, "two", "three")
    assert [a.next_offset for a in (first, again, longer)] == [2, 2, 3]
    assert await stored(run) == ["one", "two", "three"]


async def test_other_text_at_a_known_offset_is_a_conflict_and_stores_nothing(
    service: Service,
) -> None:
    run = await begin(service)
    await append(service, run, 0, "one", "two")
    with refused("OFFSET_CONFLICT") as refusal:
        await append(service, run, 1, "other", "three")
    assert refusal.value.next_offset == 2
    assert await stored(run) == ["one", "two"]


async def test_an_offset_that_leaves_a_gap_is_refused_with_the_one_expected(
    service: Service,
) -> None:
    run = await begin(service)
    await append(service, run, 0, "one")
    with refused("OFFSET_GAP") as refusal:
        await append(service, run, 2, "three")
    assert refusal.value.next_offset == 1


async def test_each_source_counts_for_itself_and_sequences_are_shared(service: Service) -> None:
    run = await begin(service)
    await append(service, run, 0, "a0", source="a")
    await append(service, run, 0, "b0", "b1", source="b")
    await append(service, run, 1, "a1", source="a")
    assert await stored(run) == ["a0", "b0", "b1", "a1"]
    row = await current(run)
    assert row.source_offsets() == {(1, "a"): 2, (1, "b"): 2}


async def test_many_that_append_at_once_leave_no_gap(service: Service) -> None:
    run = await begin(service)

    async def tell(source: str) -> None:
        for offset in range(10):
            await append(service, run, offset, f"{source}{offset}", source=source)

    await asyncio.gather(*(tell(source) for source in "abcde"))
    lines = await stored(run)
    for source in "abcde":
        assert [line for line in lines if line[0] == source] == [f"{source}{n}" for n in range(10)]


async def test_the_door_changes_what_cannot_be_stored_visibly(service: Service) -> None:
    run = await begin(service)
    await append(service, run, 0, "nul \0", "lone \ud800", "cr\r\nlf", "x" * 70_000)
    lines = await stored(run)
    assert lines[:3] == ["nul \u2400", "lone \ufffd", "cr\r\nlf"]
    assert len(lines[3]) == 64 * 1024
    again = await append(service, run, 0, "nul \0", "lone \ud800", "cr\r\nlf", "x" * 70_000)
    assert again.next_offset == 4


async def test_a_line_makes_the_step_that_it_mentions_and_the_agent_a_workflow(
    service: Service,
) -> None:
    run = await begin(service)
    await append(service, run, 0, "hello", step_key="build")
    assert await statuses(run) == {"build": StepStatus.PENDING}
    assert (await Agent.get(id=run.agent_id)).kind is AgentKind.WORKFLOW


async def test_an_ended_run_takes_what_it_has_and_nothing_new(service: Service) -> None:
    run = await begin(service)
    await append(service, run, 0, "one")
    await complete(service, run)
    assert (await append(service, run, 0, "one")).next_offset == 1
    with refused("RUN_ENDED"):
        await append(service, run, 1, "two")


# ---------------------------------------------------------------- steps


async def test_steps_move_forward_and_late_calls_change_nothing(
    service: Service, clock: Clock
) -> None:
    run = await begin(service, steps=("a", "b"))
    await steps(service, run, a="RUNNING")
    clock.advance(2)
    await steps(service, run, a="COMPLETED", c="RUNNING")
    before = await current(run)
    await steps(service, run, a="RUNNING", c="PENDING")
    await steps(service, run, a="COMPLETED")
    after = await current(run)
    assert after.last_event == before.last_event
    assert await statuses(run) == {"a": "COMPLETED", "b": "PENDING", "c": "RUNNING"}
    step = await Step.get(run_id=run.id, key="a")
    assert step.duration_seconds == 2.0


async def test_another_end_of_a_step_is_a_conflict_and_nothing_of_the_call_is_done(
    service: Service,
) -> None:
    run = await begin(service, steps=("a", "b"))
    await steps(service, run, a="COMPLETED")
    with refused("CONFLICT"):
        await steps(service, run, b="RUNNING", a="FAILED")
    assert await statuses(run) == {"a": "COMPLETED", "b": "PENDING"}


async def test_absent_leaves_and_null_clears(service: Service) -> None:
    run = await begin(service, steps=("a",))

    async def tell(**values: Any) -> StepWithOutput:
        told = UpdateSteps(run_id(run), (StepUpdate("a", **values),))
        return (await update_steps(service, LOCAL_VIEWER, told)).steps[0]

    await tell(name="A", output='{"n": 1}', error_message="hm")
    step = await tell(status=StepStatus.RUNNING)
    assert (step.name, step.output, step.error_message) == ("A", '{"n": 1}', "hm")
    step = await tell(name=None, output=None, error_message=None)
    assert [step.name, step.output, step.error_message] == ["a", None, None]


async def test_a_cycle_of_parents_is_refused(service: Service) -> None:
    run = await begin(service, steps=("a", "b"))

    async def put(key: str, parent: str) -> None:
        told = UpdateSteps(run_id(run), (StepUpdate(key, parent_key=parent),))
        await update_steps(service, LOCAL_VIEWER, told)

    await put("b", "a")
    with refused("INVALID"):
        await put("a", "b")


async def test_an_end_before_the_start_of_a_step_is_refused(service: Service, clock: Clock) -> None:
    run = await begin(service, steps=("a",))
    await steps(service, run, a="RUNNING")
    at = clock.now - timedelta(seconds=1)
    told = UpdateSteps(run_id(run), (StepUpdate("a", status=StepStatus.COMPLETED, at=at),))
    with refused("INVALID") as refusal:
        await update_steps(service, LOCAL_VIEWER, told)
    assert refusal.value.error.field == ("steps", "0", "at")


async def test_a_run_holds_at_most_a_thousand_steps(service: Service) -> None:
    run = await begin(service, steps=tuple(f"s{n}" for n in range(1_000)))
    with refused("INVALID"):
        await steps(service, run, one_more="RUNNING")


# ---------------------------------------------------------------- attempts


async def test_a_new_attempt_fences_the_old_and_sets_open_steps_back(
    service: Service, clock: Clock
) -> None:
    run = await begin(service, steps=("done", "open", "waiting"))
    await steps(service, run, done="COMPLETED", open="RUNNING")
    due = clock.now + timedelta(seconds=30)
    row = await retry(service, run, next_attempt_at=due)
    assert (row.status, row.next_attempt_at) == (RunStatus.RETRYING, due)
    row = await start_attempt(service, LOCAL_VIEWER, run_id(run), 2)
    assert (row.status, row.attempt, row.next_attempt_at) == (RunStatus.RUNNING, 2, None)
    assert await statuses(run) == {"done": "COMPLETED", "open": "PENDING", "waiting": "PENDING"}
    for late in (append(service, run, 0, "late"), steps(service, run, open="RUNNING")):
        with refused("STALE_ATTEMPT"):
            await late
    with refused("STALE_ATTEMPT"):
        await complete(service, run)
    attempts = await RunAttempt.filter(run_id=run.id).order_by("number")
    assert [attempt.failure for attempt in attempts] == ["connection refused", None]
    assert (await append(service, run, 0, "new", attempt=2)).next_offset == 1


async def test_the_same_attempt_told_twice_is_fine_and_a_gap_is_not(service: Service) -> None:
    run = await begin(service)
    await retry(service, run)
    await retry(service, run)
    first = await start_attempt(service, LOCAL_VIEWER, run_id(run), 2)
    again = await start_attempt(service, LOCAL_VIEWER, run_id(run), 2)
    assert first.last_event == again.last_event
    with refused("INVALID"):
        await start_attempt(service, LOCAL_VIEWER, run_id(run), 4)
    with refused("STALE_ATTEMPT"):
        await start_attempt(service, LOCAL_VIEWER, run_id(run), 1)


async def test_a_retrying_run_cannot_complete_but_can_fail(service: Service) -> None:
    run = await begin(service)
    await retry(service, run)
    with refused("CONFLICT"):
        await complete(service, run)
    assert (await fail(service, run)).status is RunStatus.FAILED


# ---------------------------------------------------------------- ends


async def test_a_run_completes_with_the_report_told_and_the_first_one_stays(
    service: Service, clock: Clock
) -> None:
    run = await begin(service, steps=("a", "b"))
    await steps(service, run, a="RUNNING")
    clock.advance(90)
    told = ToldReport("Title", "Sum", (TextSection("H", "text"),))
    row = await complete(service, run, report=told)
    assert (row.status, row.duration_seconds) == (RunStatus.COMPLETED, 90.0)
    assert await statuses(run) == {"a": "COMPLETED", "b": "SKIPPED"}
    await complete(service, run, report=ToldReport("Another"))
    assert [report.title for report in await Report.filter(run_id=run.id)] == ["Title"]


async def test_where_no_report_is_given_one_is_drawn_up(service: Service) -> None:
    run = await begin(service, steps=("build",))
    await append(service, run, 0, "the last line")
    await complete(service, run)
    report = await ReportWithSections.get(run_id=run.id)
    assert "nightly-etl" in report.title
    assert "the last line" in report.sections
    assert "build" in report.sections


async def test_a_run_fails_with_its_error_and_the_step_that_it_names(service: Service) -> None:
    run = await begin(service, steps=("a", "b", "c"))
    await steps(service, run, a="RUNNING", b="RUNNING")
    row = await fail(service, run, "Boom", step_key="b")
    assert (row.error_code, row.error_message) == (RunErrorCode.AGENT_ERROR, "Boom")
    assert await statuses(run) == {"a": "CANCELLED", "b": "FAILED", "c": "SKIPPED"}
    assert row.error_step_id == (await Step.get(run_id=run.id, key="b")).id
    assert "boom" in (await current(run)).search_text


@pytest.mark.parametrize("first", [complete, fail])
async def test_the_same_end_told_twice_is_fine_and_another_is_refused(
    service: Service, first: Any
) -> None:
    run = await begin(service)
    await first(service, run)
    row = await first(service, run)
    assert row.revision == (await current(run)).revision
    with refused("RUN_ENDED"):
        await (fail if first is complete else complete)(service, run)
    with refused("RUN_ENDED"):
        await heartbeat(service, LOCAL_VIEWER, run_id(run), 1)


async def test_of_two_ends_told_at_once_exactly_one_holds(service: Service) -> None:
    run = await begin(service)
    answers = await asyncio.gather(
        complete(service, run), fail(service, run), return_exceptions=True
    )
    assert sum(isinstance(answer, Refused) for answer in answers) == 1
    ends = await RunEvent.filter(run_id=run.id, to_status__in=["COMPLETED", "FAILED"])
    assert len(ends) == 1


async def test_an_end_waits_for_the_last_lines(service: Service) -> None:
    run = await begin(service)
    await append(service, run, 0, "one")
    with refused("LOGS_MISSING") as refusal:
        await complete(service, run, log_ends=(LogEnd("main", 2),))
    assert refusal.value.next_offset == 1
    await append(service, run, 1, "two")
    row = await complete(service, run, log_ends=(LogEnd("main", 2),))
    assert row.status is RunStatus.COMPLETED


async def test_an_end_before_the_start_is_refused_and_one_that_the_server_sets_never_is(
    service: Service, clock: Clock
) -> None:
    run = await begin(service, started_at=clock.now + timedelta(minutes=4))
    with refused("INVALID"):
        await complete(service, run, completed_at=clock.now)
    row = await complete(service, run)
    assert row.completed_at == row.started_at


@pytest.mark.parametrize("text", ["", "no id", "step_0199f0a4-7c1e-7a51-9d0c-5b8f0e6a1b2c"])
async def test_a_malformed_or_foreign_run_id_is_invalid(service: Service, text: str) -> None:
    with refused("INVALID") as refusal:
        await heartbeat(service, LOCAL_VIEWER, text, 1)
    assert refusal.value.error.field == ("runId",)


async def test_a_run_that_is_not_there_is_not_found(service: Service) -> None:
    with refused("NOT_FOUND"):
        await heartbeat(service, LOCAL_VIEWER, "run_0199f0a4-7c1e-7a51-9d0c-5b8f0e6a1b2c", 1)


# ---------------------------------------------------------------- cancelling


async def test_cancelling_asks_the_reporter_hears_and_confirms(service: Service) -> None:
    run = await begin(service, steps=("a",))
    await steps(service, run, a="RUNNING")
    asked = await cancel_runs(service, LOCAL_VIEWER, [run_id(run)], "too slow")
    assert asked.runs[0].status is RunStatus.RUNNING
    heard = await heartbeat(service, LOCAL_VIEWER, run_id(run), 1)
    assert (heard.cancel_requested_by, heard.cancel_reason) == ("local", "too slow")
    await append(service, run, 0, "stopping")
    told = ConfirmCancel(run_id(run), log_ends=(LogEnd("main", 1),))
    row = await confirm_cancel(service, LOCAL_VIEWER, told)
    assert row.status is RunStatus.CANCELLED
    assert await statuses(run) == {"a": "CANCELLED"}
    assert (await confirm_cancel(service, LOCAL_VIEWER, told)).revision == row.revision


async def test_a_retrying_run_is_cancelled_at_once(service: Service) -> None:
    run = await begin(service)
    await retry(service, run)
    asked = await cancel_runs(service, LOCAL_VIEWER, [run_id(run)], None)
    assert asked.runs[0].status is RunStatus.CANCELLED


async def test_a_retry_of_a_run_that_was_asked_to_cancel_ends_it(service: Service) -> None:
    run = await begin(service)
    await cancel_runs(service, LOCAL_VIEWER, [run_id(run)], None)
    assert (await retry(service, run)).status is RunStatus.CANCELLED


async def test_confirming_what_nobody_asked_is_a_conflict(service: Service) -> None:
    run = await begin(service)
    with refused("CONFLICT"):
        await confirm_cancel(service, LOCAL_VIEWER, ConfirmCancel(run_id(run)))


async def test_one_wrong_id_keeps_no_other_run_from_being_cancelled(service: Service) -> None:
    run, done = await begin(service), await begin(service)
    await complete(service, done)
    ids = ["nonsense", run_id(run), run_id(done), "run_0199f0a4-7c1e-7a51-9d0c-5b8f0e6a1b2c"]
    answer = await cancel_runs(service, LOCAL_VIEWER, ids, None)
    assert [row.id for row in answer.runs] == [run.id]
    assert [(e.code, e.field) for e in answer.errors] == [
        ("INVALID", ("ids", "0")),
        ("RUN_ENDED", ("ids", "2")),
        ("NOT_FOUND", ("ids", "3")),
    ]


# ---------------------------------------------------------------- history


async def test_events_have_no_gaps_and_revisions_only_grow(service: Service, clock: Clock) -> None:
    run = await begin(service, steps=("a", "b"))
    revisions = [(await current(run)).revision]
    for tell in (
        lambda: steps(service, run, a="RUNNING"),
        lambda: append(service, run, 0, "x", step_key="c"),
        lambda: steps(service, run, a="COMPLETED", b="RUNNING"),
        lambda: retry(service, run),
        lambda: start_attempt(service, LOCAL_VIEWER, run_id(run), 2),
        lambda: fail(service, run, attempt=2),
    ):
        clock.advance(1)
        await tell()
        revisions.append((await current(run)).revision)
    assert revisions == sorted(set(revisions))
    events = await RunEvent.filter(run_id=run.id).order_by("sequence")
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert (await current(run)).last_event == len(events)


async def test_a_start_told_again_leaves_the_agent_as_later_ones_made_it(service: Service) -> None:
    await begin(service, agent_description="one", idempotency_key="1")
    await begin(service, agent_description="two", idempotency_key="2")
    await begin(service, agent_description="one", idempotency_key="1")
    assert (await Agent.get(name="nightly-etl")).description == "two"


async def test_a_late_update_takes_nothing_back(service: Service) -> None:
    run = await begin(service, steps=("a",))

    async def tell(status: StepStatus, output: str) -> None:
        update = StepUpdate("a", status=status, output=output)
        await update_steps(service, LOCAL_VIEWER, UpdateSteps(run_id(run), (update,)))

    await tell(StepStatus.RUNNING, '"begun"')
    await tell(StepStatus.COMPLETED, '"done"')
    await tell(StepStatus.RUNNING, '"begun"')
    assert (await StepWithOutput.get(run_id=run.id, key="a")).output == '"done"'


async def test_a_step_told_after_the_runs_end_hears_of_that(service: Service) -> None:
    run = await begin(service, steps=("a",))
    await steps(service, run, a="RUNNING")
    await fail(service, run)
    with refused("RUN_ENDED"):
        await steps(service, run, a="COMPLETED")


async def test_a_refused_call_is_a_sign_of_life_of_the_current_attempt_only(
    service: Service, clock: Clock
) -> None:
    run = await begin(service)
    now = clock.advance(10)
    with refused("OFFSET_GAP"):
        await append(service, run, 7, "gap")
    assert (await current(run)).last_heard_at == now
    await start_attempt(service, LOCAL_VIEWER, run_id(run), 2)
    clock.advance(10)
    with refused("STALE_ATTEMPT"):
        await append(service, run, 0, "late")
    assert (await current(run)).last_heard_at == now


async def test_a_completed_step_that_is_done_again_begins_anew(
    service: Service, clock: Clock
) -> None:
    run = await begin(service, steps=("a",))
    await steps(service, run, a="COMPLETED")
    await start_attempt(service, LOCAL_VIEWER, run_id(run), 2)
    clock.advance(60)
    await steps(service, run, 2, a="RUNNING")
    clock.advance(1)
    await steps(service, run, 2, a="FAILED")
    step = await Step.get(run_id=run.id, key="a")
    assert (step.status, step.attempt, step.duration_seconds) == (StepStatus.FAILED, 2, 1.0)


async def test_a_retry_in_a_year_is_refused(service: Service, clock: Clock) -> None:
    run = await begin(service)
    with refused("INVALID") as refusal:
        await retry(service, run, next_attempt_at=clock.now + timedelta(days=365))
    assert refusal.value.error.field == ("nextAttemptAt",)


async def test_a_chain_of_a_thousand_parents_is_taken(service: Service) -> None:
    keys = [f"s{n}" for n in range(1_000)]
    told = StartRun(
        "a",
        "c",
        TriggerSource.MANUAL,
        "m",
        steps=tuple(
            NewStep(key, parent_key=keys[index - 1] if index else None)
            for index, key in enumerate(keys)
        ),
    )
    started = await start_run(service, LOCAL_VIEWER, told)
    assert await Step.filter(run_id=started.run.id, parent_id__isnull=False).count() == 999
