"""What is redacted of what reporters and operators tell, and that it is nowhere else either."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from live.hub import Hub
from live.log_line import MAX_LINE_BYTES
from live.log_store import read_forward
from models.agent import Agent
from models.report import ReportWithSections
from models.run import Run, RunWithInputs, decode_labels
from models.run_attempt import RunAttempt
from models.states import TriggerSource
from models.step import Step, StepWithOutput
from resolvers.cancel_runs import cancel_runs
from resolvers.commands import NewStep, StartRun, StepUpdate, UpdateSteps
from resolvers.commands import ToldReport as Told
from resolvers.errors import Refused, UserErrorCode
from resolvers.redaction import Redactor, default_redactor, no_redactor, redactor
from resolvers.report_document import Metric, MetricsSection, TableSection, TextSection
from resolvers.secret_keys import secret_keys
from resolvers.service import Service
from resolvers.start_run import start_run
from resolvers.update_steps import update_steps
from resolvers.viewer import LOCAL_VIEWER
from tests.support.reporting import append, begin, complete, fail, retry, run_id
from tests.support.secrets import GITHUB

ON, OFF, OTHER = default_redactor(), no_redactor(), redactor(["-password", "pin"], ["hunter2"])
REDACTORS = {"on": ON, "off": OFF, "other": OTHER}
R = "[redacted]"


def refused(code: str) -> Any:
    return pytest.raises(Refused, check=lambda error: error.error.code == UserErrorCode(code))


async def stored(run: Run) -> list[str]:
    return [line.message for line in (await read_forward(run.id, 0, 1_000, 1_000, None)).lines]


# ---------------------------------------------------------------- by names


@pytest.mark.parametrize(
    "name",
    ["password", "PASSWORD", "Api-Key", "api_key", "apiKey", "set-cookie", "clientSecret", "token"],
)
def test_value_of_a_secret_name_is_redacted_whatever_it_is(name: str) -> None:
    for value in ('"x"', "12", "true", '{"a":[1]}', '["x"]', '""'):
        assert ON.json(f'{{"{name}":{value}}}') == f'{{"{name}":"{R}"}}'


def test_name_is_secret_as_a_whole_only() -> None:
    text = '{"tokens_sent":12,"password_policy":"long","key":"a","pwd":"/root","password":null}'
    assert ON.json(text) == text


def test_all_else_in_json_stays_digit_for_digit() -> None:
    text = '{"b":1.50,"a":[{"Password":{"x":1}},-0,1e3,12345678901234567890123,"é\\n"],"":null}'
    assert ON.json(text) == text.replace('{"x":1}', f'"{R}"')


def test_strings_in_json_are_redacted_by_their_shape() -> None:
    assert ON.json(f'["\\n{GITHUB}",{{"a":"password=x1"}},"{R}"]') == (
        f'["\\n{R}",{{"a":"password={R}"}},"{R}"]'
    )
    assert ON.json(f'"{GITHUB}"') == f'"{R}"'


def test_operator_adds_names_and_takes_ours_out() -> None:
    keys = secret_keys(["X-Pin", "-token"])
    assert {"xpin", "password"} <= keys
    assert "token" not in keys
    assert OTHER.json('{"password":"x","PIN":1}') == f'{{"password":"x","PIN":"{R}"}}'


# ---------------------------------------------------------------- in each command


async def test_everything_that_a_run_is_started_with_is_redacted(service: Service) -> None:
    run = await begin(
        service,
        trigger_name=f"ada {GITHUB}",
        trigger_url=f"https://ada:{GITHUB}@x.org",
        trigger_external_id=GITHUB,
        agent_description=f"uses {GITHUB}",
        inputs='{"password":"hunter2","n":1.50}',
        labels=(("token", "abc"), ("team", GITHUB), ("env", "prod")),
    )
    row = await RunWithInputs.get(id=run.id)
    assert (row.trigger_name, row.trigger_url) == (f"ada {R}", f"https://ada:{R}@x.org")
    assert row.trigger_external_id == R
    assert row.inputs == f'{{"password":"{R}","n":1.50}}'
    assert decode_labels(row.labels) == [("env", "prod"), ("team", R), ("token", R)]
    assert (await Agent.get(id=row.agent_id)).description == f"uses {R}"
    assert GITHUB.lower() not in row.search_text
    assert f"ada {R}" in row.search_text


async def test_steps_names_outputs_and_errors_are_redacted(service: Service) -> None:
    named = (NewStep("a", f"curl {GITHUB}"),)
    started = await start_run(service, LOCAL_VIEWER, replace(START, steps=named))
    assert (await Step.get(run_id=started.run.id, key="a")).name == f"curl {R}"
    update = StepUpdate("a", f"x {GITHUB}", output='{"secret":1}', error_message="password=abc")
    told = UpdateSteps(run_id(started.run), (update,))
    answer = await update_steps(service, LOCAL_VIEWER, told)
    step = await StepWithOutput.get(run_id=started.run.id, key="a")
    for found in (step, answer.steps[0]):
        assert (found.name, found.output) == (f"x {R}", f'{{"secret":"{R}"}}')
        assert found.error_message == f"password={R}"


async def test_error_is_redacted_also_where_search_looks(service: Service) -> None:
    run = await fail(service, await begin(service), f"refused {GITHUB}")
    row = await Run.get(id=run.id)
    assert row.error_message == run.error_message == f"refused {R}"
    assert GITHUB.lower() not in row.search_text
    assert (await RunAttempt.get(run_id=run.id)).failure == f"refused {R}"


async def test_reasons_are_redacted(service: Service) -> None:
    run = await begin(service)
    await cancel_runs(service, LOCAL_VIEWER, [run_id(run)], f"leaks {GITHUB}")
    assert (await Run.get(id=run.id)).cancel_reason == f"leaks {R}"
    other = await begin(service)
    await retry(service, other, reason=f"401 for {GITHUB}")
    assert (await RunAttempt.get(run_id=other.id)).failure == f"401 for {R}"


async def test_report_is_redacted_in_every_part(service: Service) -> None:
    sections = (
        TextSection(f"h {GITHUB}", f"m {GITHUB}"),
        TableSection("h", ("a", GITHUB), (("b", f"c {GITHUB}"),)),
        MetricsSection("h", (Metric(GITHUB, 1.5, "s"),)),
    )
    run = await begin(service)
    await complete(service, run, report=Told(f"t {GITHUB}", f"s {GITHUB}", sections))
    report = await ReportWithSections.get(run_id=run.id)
    assert (report.title, report.summary) == (f"t {R}", f"s {R}")
    assert GITHUB not in report.sections
    assert report.sections.count(R) == 5
    assert '"value":1.5,"unit":"s"' in report.sections


async def test_secret_that_the_cut_of_a_long_line_would_halve_does_not_survive(
    service: Service,
) -> None:
    run = await begin(service)
    told = "x" * (MAX_LINE_BYTES - 21) + " " + GITHUB + "y" * 50
    await append(service, run, 0, told, f"{GITHUB} \0 \ud800")
    long, odd = await stored(run)
    assert long == "x" * (MAX_LINE_BYTES - 21) + f" {R}" + long[MAX_LINE_BYTES - 10 :]
    assert "ghp" not in long
    assert odd == f"{R} \u2400 \ufffd"


# ---------------------------------------------------------------- told twice

START = StartRun("nightly-etl", "eu-1", TriggerSource.MANUAL, "ada")
SECRETIVE = replace(
    START,
    idempotency_key="k",
    trigger_name=f"ada {GITHUB}",
    agent_description="password=hunter2",
    inputs='{"password":{"a":1},"pin":7,"n":1.50,"s":"hunter2"}',
    labels=(("password", "a"), ("password", "b"), ("team", "hunter2")),
    steps=(NewStep("a", f"x {GITHUB}"),),
)


CHANGES = ["on on", "on off", "off on", "on other", "other on"]


@pytest.fixture(params=CHANGES)
def both(service: Service, request: pytest.FixtureRequest) -> tuple[Service, Service]:
    """The service when it was told first, and as it is configured when it is told again."""
    before, after = (REDACTORS[name] for name in request.param.split())
    return replace(service, redactor=before), replace(service, redactor=after)


async def test_start_told_again_is_the_same_run_whatever_is_redacted_since(
    both: tuple[Service, Service],
) -> None:
    first, again = both
    run = (await start_run(first, LOCAL_VIEWER, SECRETIVE)).run
    known = await start_run(again, LOCAL_VIEWER, SECRETIVE)
    assert (known.run.id, known.created) == (run.id, False)


OTHERS: tuple[dict[str, Any], ...] = (
    {"trigger_name": "bob"},
    {"trigger_url": "https://x.org"},
    {"inputs": '{"password":{"a":1},"pin":7,"n":1.5,"s":"hunter2"}'},
    {"inputs": '{"pin":7,"password":{"a":1},"n":1.50,"s":"hunter2"}'},
    {"inputs": '{"password":1,"pin":7,"n":1.50,"s":"hunter2","more":1}'},
    {"labels": (("password", "a"),)},
    {"steps": (NewStep("b"),)},
    {"cluster": "us-1"},
)


async def test_start_with_another_input_is_a_conflict_whatever_is_redacted_since(
    both: tuple[Service, Service],
) -> None:
    first, again = both
    await start_run(first, LOCAL_VIEWER, SECRETIVE)
    for other in OTHERS:
        with refused("CONFLICT"):
            await start_run(again, LOCAL_VIEWER, replace(SECRETIVE, **other))


LINES = ("plain", "my password=hunter2 ok", f"x{R}y {GITHUB}", "pin hunter2")
LONG = "password=hunter2 " + "x" * 2 * MAX_LINE_BYTES + " password=hunter2"


async def test_lines_told_again_are_known_whatever_is_redacted_since(
    both: tuple[Service, Service],
) -> None:
    first, again = both
    run = await begin(first)
    await append(first, run, 0, *LINES, LONG)
    before = await stored(run)
    assert (await append(again, run, 0, *LINES, LONG)).next_offset == 5
    assert (await append(again, run, 2, *LINES[2:], LONG, "new")).next_offset == 6
    assert await stored(run) == [*before, "new"]


async def test_other_text_at_a_known_offset_is_refused_whatever_is_redacted_since(
    both: tuple[Service, Service],
) -> None:
    first, again = both
    run = await begin(first)
    await append(first, run, 0, *LINES, LONG)
    for offset, line in enumerate([*LINES, LONG]):
        with refused("OFFSET_CONFLICT"):
            await append(again, run, offset, f"else {line}")


async def test_steps_told_again_after_the_end_change_nothing_whatever_is_redacted_since(
    both: tuple[Service, Service],
) -> None:
    first, again = both
    run = await begin(first)
    update = StepUpdate(
        "a", "is hunter2", output='{"password":1}', error_message="password=hunter2"
    )
    told = UpdateSteps(run_id(run), (update,))
    await update_steps(first, LOCAL_VIEWER, told)
    await complete(first, run)
    assert (await update_steps(again, LOCAL_VIEWER, told)).run.status == "COMPLETED"
    with refused("RUN_ENDED"):
        other = UpdateSteps(run_id(run), (replace(update, name="another"),))
        await update_steps(again, LOCAL_VIEWER, other)


def test_service_redacts_unless_told() -> None:
    assert Service(hub=Hub()).redactor is default_redactor()
    assert isinstance(no_redactor(), Redactor)
