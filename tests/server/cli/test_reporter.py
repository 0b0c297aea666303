"""What a reporter tells when answers are lost, late or bad."""

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.cli import backoff as pauses
from server.cli.outbox import Limits, Line, Outbox
from server.cli.reporter import RunOver, RunReporter
from server.cli.step_marks import StepChange
from tests.server.cli.fake_service import FakeService

AT = "2026-11-24T01:47:19.000000Z"


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pauses.backoff, "__defaults__", (0.001, 0.001, lambda low, high: high))


def line(message: str, step_key: str | None = None) -> Line:
    return Line(message, AT, "STDOUT", step_key=step_key)


async def started(service: FakeService) -> RunReporter:
    said: list[str] = []
    reporter = RunReporter(service, said.append)
    await reporter.start({"agent": {"name": "a"}})
    return reporter


def messages(service: FakeService) -> list[str]:
    return [line["message"] for line in service.lines]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.sampled_from(["lost", "unanswered", None]), max_size=20),
    st.integers(0, 60),
    st.integers(1, 9),
)
def test_each_line_arrives_once_and_in_order_whatever_is_lost(
    fates: list[str | None], number: int, per_call: int
) -> None:
    async def story() -> FakeService:
        upcoming: Iterator[str | None] = iter(fates)
        service = FakeService(lambda name: next(upcoming, None))
        reporter = await started(service)
        outbox = Outbox(Limits(items=20, call_items=per_call))
        delivery = asyncio.create_task(reporter.deliver(outbox))
        await outbox.put(line(str(n)) for n in range(number))
        outbox.close()
        await delivery
        await reporter.complete(None)
        return service

    service = asyncio.run(story())
    assert messages(service) == [str(n) for n in range(number)]
    assert service.end is not None
    assert service.end[1]["logEnds"] == [{"source": "main", "nextOffset": number}]


async def test_what_comes_during_a_call_goes_together_with_the_next() -> None:
    service = FakeService()
    reporter = await started(service)
    outbox = Outbox()
    await outbox.put([line("first")])
    delivery = asyncio.create_task(reporter.deliver(outbox))
    await service.heard("appendLogs")
    await outbox.put(line(str(n)) for n in range(100))
    outbox.close()
    await delivery
    assert [len(given["lines"]) for given in service.named("appendLogs")] == [1, 100]


async def test_steps_of_a_round_begin_before_its_lines_and_end_after_them() -> None:
    service = FakeService()
    reporter = await started(service)
    outbox = Outbox()
    await outbox.put(
        [
            StepChange("a", "RUNNING", AT, "A"),
            line("in a", "a"),
            StepChange("a", "FAILED", AT, error_message="bad"),
            StepChange("b", "RUNNING", AT, "B", "a"),
            line("in b", "b"),
        ]
    )
    outbox.close()
    await reporter.deliver(outbox)
    names = [name for name, _ in service.calls]
    assert names == ["startRun", "heartbeat", "updateSteps", "appendLogs", "updateSteps"]
    opening, closing = service.named("updateSteps")
    assert opening["steps"] == [
        {"key": "a", "status": "RUNNING", "at": AT, "name": "A"},
        {"key": "b", "status": "RUNNING", "at": AT, "name": "B", "parentKey": "a"},
    ]
    assert closing["steps"] == [{"key": "a", "status": "FAILED", "at": AT, "errorMessage": "bad"}]


async def test_line_is_told_with_what_is_not_taken_for_granted() -> None:
    service = FakeService()
    reporter = await started(service)
    outbox = Outbox()
    await outbox.put([Line("a", AT, "STDOUT"), Line("b", AT, "STDERR", "ERROR", "s")])
    outbox.close()
    await reporter.deliver(outbox)
    assert service.lines == [
        {"message": "a", "at": AT},
        {"message": "b", "at": AT, "stream": "STDERR", "level": "ERROR", "stepKey": "s"},
    ]


async def test_silent_reporter_gives_signs_of_life() -> None:
    service = FakeService()
    service.interval = 0.1
    reporter = await started(service)
    outbox = Outbox()
    delivery = asyncio.create_task(reporter.deliver(outbox))
    await service.heard("heartbeat", times=3)
    outbox.close()
    await delivery


async def test_reporter_with_lines_to_tell_gives_no_other_sign_of_life() -> None:
    service = FakeService()
    reporter = await started(service)
    outbox = Outbox()
    await outbox.put([line("x")])
    outbox.close()
    await reporter.deliver(outbox)
    assert len(service.named("heartbeat")) == 1


async def test_cancellation_is_heard_with_any_answer() -> None:
    service = FakeService()
    reporter = await started(service)
    service.cancellation = {"by": "mia"}
    outbox = Outbox()
    await outbox.put([line("x")])
    outbox.close()
    await reporter.deliver(outbox)
    assert reporter.cancel_asked.is_set()
    assert reporter.cancelled_by == "mia"


async def test_run_that_was_ended_by_others_is_over() -> None:
    service = FakeService()
    reporter = await started(service)
    service.status = "FAILED"
    with pytest.raises(RunOver):
        await reporter.heartbeat()


async def test_gap_is_filled_from_where_the_service_stands() -> None:
    service = FakeService()
    said: list[str] = []
    reporter = RunReporter(service, said.append)
    await reporter.start({})
    outbox = Outbox()
    await outbox.put([line("a"), line("b")])
    outbox.close()
    await reporter.deliver(outbox)
    del service.lines[1:]  # as a database that was set back
    again = Outbox()
    await again.put([line("c")])
    again.close()
    await reporter.deliver(again)
    assert messages(service) == ["a", "c"]
    assert said == ["the service no longer has 1 line that it had acknowledged"]


async def test_each_attempt_counts_its_lines_from_zero() -> None:
    service = FakeService()
    reporter = await started(service)
    await reporter.schedule_retry("no answer", 0)
    await reporter.start_attempt()
    outbox = Outbox()
    await outbox.put([line("x")])
    outbox.close()
    await reporter.deliver(outbox)
    (told,) = service.named("appendLogs")
    assert (told["attempt"], told["offset"]) == (2, 0)


async def test_user_hears_once_that_the_service_is_away_and_once_that_it_is_back() -> None:
    fates = iter(["lost", "lost", "lost"])
    service = FakeService(lambda name: next(fates, None))
    said: list[str] = []
    await RunReporter(service, said.append).start({})
    assert said == ["lost on the way there. Trying again", "the service answers again"]
